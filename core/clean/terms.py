"""Words of a comment for keyword work: jieba's words, negations whole, emoticons and emoji as words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.clean.characters import EMOJI, EMOTICON, HANZI, ZERO_WIDTH_JOINER

__all__ = ["segment"]

#: Lower case alone for one letter, because 5G is a network.
_UNITS: Final = "(?i:kg|km|cm|mm|ml|mg|gb|mb|tb|hz|mah)|[glmwvhsx]"
_PIECE: Final = (
    rf"(?P<mask>〔[^〔〕]{{1,6}}〕)|(?P<emoticon>{EMOTICON})"
    rf"|(?P<emoji>[{EMOJI}](?:[\U0001f3fb-\U0001f3ff]|{ZERO_WIDTH_JOINER}[{EMOJI}])*)"
    rf"|(?P<measure>[0-9]+(?:[.,:][0-9]+)*(?:{_UNITS})?(?![A-Za-z0-9]))"
    r"|(?P<latin>[A-Za-z0-9\u00c0-\u024f]+(?:[-'+.&_][A-Za-z0-9]+)*)"
    rf"|(?P<hanzi>[{HANZI}]+)"
)
_MOST_LIGHT: Final = 2  # words between a negator and what it denies

_WORDS_FILE: Final = Path(__file__).with_name("data") / "terms.toml"


@dataclass(frozen=True, slots=True)
class _Words:
    """The lists of ``data/terms.toml``, which says what each is for, and what was made of the negators."""

    opinions: frozenset[str]
    function: frozenset[str]
    negators: frozenset[str]
    light: frozenset[str]
    never_head: frozenset[str]
    good_to: frozenset[str]
    failures: frozenset[str]
    whole: frozenset[str]
    negator_starts: frozenset[str]
    denies: re.Pattern[str]  # finds the run of hanzi that may hold a negator or a failure


@dataclass(frozen=True, slots=True)
class _Engine:
    cut: Callable[[str], list[str]]
    pieces: re.Pattern[str]
    words: _Words
    spellings: dict[str, str]  # of user words in Latin letters, by their lower case


def segment(texts: Sequence[str], user_words: Sequence[str] = ()) -> list[list[str]]:
    """Split clean texts into the terms that keyword work counts.

    Kept: words of two and more hanzi, single hanzi that carry an opinion (贵 慢 差), negations with what they deny
    (不好用), emoticons and emoji, Latin words in lower case. Dropped: punctuation, numbers with their unit, masked
    things, single function hanzi. Stop words stay: people choose them when they ask.

    Args:
        texts: n results of ``clean_text``; equal texts are segmented once.
        user_words: Words always kept whole, of any characters.

    Returns:
        n lists of terms in reading order with repeats; [] for a text without terms.

    Source: jieba 0.42.1's dictionary and hidden Markov model, run by jieba-rs (rjieba), which cuts runs of hanzi alike.

    Example:
        >>> segment(["物流太慢,客服不太好用[怒]", "iPhone15 买了3天 128GB"])
        [['物流', '太慢', '客服', '不太好用', '[怒]'], ['iphone15']]
    """
    engine = _engine(tuple(user_words))
    known = {text: _terms(text, engine) for text in dict.fromkeys(texts)}
    return [list(known[text]) for text in texts]


@lru_cache(maxsize=1)
def _words() -> _Words:
    lists = tomllib.loads(_WORDS_FILE.read_text(encoding="utf-8"))
    sets = {name: frozenset(text.split()) for name, text in lists.items()}
    denying = sets["negators"] | sets["failures"]
    shortest = sorted(word for word in denying if not any(other in word for other in denying - {word}))
    return _Words(
        **sets,
        negator_starts=frozenset(word[0] for word in sets["negators"]),
        denies=re.compile("|".join(map(re.escape, shortest))),
    )


@lru_cache(maxsize=4)
def _engine(user_words: tuple[str, ...]) -> _Engine:
    import rjieba  # loads a dictionary of 350,000 words: 0.15 s, 40 MB

    words = sorted({word.strip() for word in user_words if word.strip()}, key=_by_length)
    cutter = rjieba.Jieba()
    for word in (*sorted(_words().whole), *words):
        cutter.add_word(word, None, None)
    # The dictionary is asked only about runs of hanzi; a word with other characters is found by its spelling.
    mixed = [word for word in words if re.fullmatch(f"[{HANZI}]+", word) is None]
    own = rf"(?P<own>(?i:{'|'.join(map(re.escape, mixed))}))|" if mixed else ""
    return _Engine(cutter.cut, re.compile(own + _PIECE), _words(), {word.lower(): word for word in mixed})


def _by_length(word: str) -> tuple[int, str]:
    return -len(word), word


def _terms(text: str, engine: _Engine) -> list[str]:
    terms: list[str] = []
    words = engine.words
    for match in engine.pieces.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "hanzi":
            cut = engine.cut(piece)
            # most runs deny nothing, and what remains is to drop the small words
            plain = words.denies.search(piece) is None
            terms.extend([t for t in cut if _counts(t, words)] if plain else _hanzi_terms(cut, words))
        elif kind == "latin":
            if len(piece) > 1:
                terms.append(piece.lower())
        elif kind == "own":
            terms.append(engine.spellings.get(piece.lower(), piece))
        elif kind in ("emoji", "emoticon"):
            terms.append(piece)
    return terms


def _hanzi_terms(cut: list[str], words: _Words) -> list[str]:
    terms: list[str] = []
    position = 0
    while position < len(cut):
        term = cut[position]
        length = 1
        if position and term in words.failures and len(cut[position - 1]) <= 2:
            term = cut[position - 1] + term
            if terms and terms[-1] == cut[position - 1]:
                terms.pop()
        elif term[0] in words.negator_starts:
            if position and _asks(cut[position - 1], term):
                term = ""
            elif term in words.negators or (term.endswith("好") and term[:-1] in words.negators):
                length = _negation_length(cut, position, words)
                term = "".join(cut[position : position + length])
        if _counts(term, words):
            terms.append(term)
        position += length
    return terms


def _counts(term: str, words: _Words) -> bool:
    """Tell whether a word is worth counting."""
    return term not in words.function if len(term) > 1 else term in words.opinions


def _asks(before: str, word: str) -> bool:
    """Tell a question, 会|不会 or 是|不是, from a denial."""
    return word[0] in "不没" and word[1:] == before


def _negation_length(cut: list[str], start: int, words: _Words) -> int:
    """Return how many words from a negator on form one phrase; 1 if it denies nothing here."""
    end = start + 1
    while end < len(cut) and cut[end] in words.light and end - start <= _MOST_LIGHT:
        end += 1
    heads = words.good_to if cut[end - 1].endswith("好") else None
    if end < len(cut) and cut[end] not in words.never_head and (heads is None or cut[end] in heads):
        return end + 1 - start
    return end - start
