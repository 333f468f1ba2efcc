"""Segment comments into terms for keyword analysis: jieba's words, whole negations, emoticons and emoji."""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from core.clean.characters import EMOJI, EMOTICON, HANZI, ZERO_WIDTH_JOINER

__all__ = ["segment"]

#: Single letters in lower case only, because 5G is a network.
_UNITS: Final = "(?i:kg|km|cm|mm|ml|mg|gb|mb|tb|hz|mah)|[glmwvhsx]"
_PIECE: Final = (
    rf"(?P<mask>〔[^〔〕]{{1,6}}〕)|(?P<emoticon>{EMOTICON})"
    rf"|(?P<emoji>[{EMOJI}](?:[\U0001f3fb-\U0001f3ff]|{ZERO_WIDTH_JOINER}[{EMOJI}])*)"
    rf"|(?P<measure>[0-9]+(?:[.,:][0-9]+)*(?:{_UNITS})?(?![A-Za-z0-9]))"
    r"|(?P<latin>[A-Za-z0-9\u00c0-\u024f]+(?:[-'+.&_][A-Za-z0-9]+)*)"
    rf"|(?P<hanzi>[{HANZI}]+)"
)
_RUN: Final = re.compile(f"[{HANZI}]+")
#: Matches a text that yields terms other than hanzi, user words aside.
_MIXED: Final = re.compile(rf"[A-Za-z\u00c0-\u024f\[〔{EMOJI}]")
_MOST_LIGHT: Final = 2  # words between a negator and its head
#: Texts segmented per call, because a call costs as much as ten hanzi. Separators that no run of hanzi contains go
#: between two runs, in place of a term of other characters, and after a text.
_TOGETHER: Final = 64
_GAP, _OTHER, _END = "\n", "|", "/"
_BREAKS: Final = frozenset((_GAP, _OTHER, _END))
#: Distinct words whose outcome is memoised: 7 MB; caching the rarer ones too would save no measurable time.
_REMEMBERED: Final = 65_536

#: Held while a dictionary loads: two threads that start at once would load it twice.
_LOADING: Final = threading.Lock()

_WORDS_FILE: Final = Path(__file__).with_name("data") / "terms.toml"


@dataclass(frozen=True, slots=True)
class _Words:
    """The lists of ``data/terms.toml``, which documents each of them."""

    opinions: frozenset[str]
    function: frozenset[str]
    negators: frozenset[str]
    light: frozenset[str]
    never_head: frozenset[str]
    good_to: frozenset[str]
    failures: frozenset[str]
    whole: frozenset[str]


class _Fates(dict[str, str | None]):
    """Context-free outcome of a word: its term, "" = dropped, None = depends on its neighbours.

    Returns the same string object each time; otherwise a million comments would hold 100,000 copies of each word.
    """

    def __init__(self, words: _Words) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, word: str) -> str | None:
        words = self._words
        depends = word in words.failures or word[0] in "不没沒唔" or _negates(word, words)
        fate = None if depends else word if word in _BREAKS - {_GAP} or _counts(word, words) else ""
        if len(self) < _REMEMBERED:
            self[word] = fate
        return fate


@dataclass(frozen=True, slots=True)
class _Engine:
    cut: Callable[[str], list[str]]
    pieces: re.Pattern[str]
    words: _Words
    fates: _Fates
    spellings: dict[str, str]  # user words in Latin letters, keyed by lower case


def segment(texts: Sequence[str], user_words: Sequence[str] = ()) -> list[list[str]]:
    """Split clean texts into the terms that keyword analysis counts.

    Keeps words of two or more hanzi, single hanzi that express an opinion (贵 慢 差), negations with their head
    (不好用), emoticons and emoji, and Latin words in lower case. Drops punctuation, numbers with their unit, mask
    tokens and single function hanzi. Stop words are kept: users remove them per query.

    Args:
        texts: n results of ``clean_text``; equal texts are segmented once.
        user_words: Words always kept whole, of any characters.

    Returns:
        n lists of terms in reading order, with repeats; [] for a text without terms.

    Source: jieba 0.42.1's dictionary and hidden Markov model, run by jieba-rs (rjieba), which cuts hanzi identically.

    Example:
        >>> segment(["物流太慢,客服不太好用[怒]", "iPhone15 买了3天 128GB"])
        [['物流', '太慢', '客服', '不太好用', '[怒]'], ['iphone15']]
    """
    with _LOADING:
        engine = _engine(tuple(user_words))
    distinct = list(dict.fromkeys(texts))
    batches = (distinct[start : start + _TOGETHER] for start in range(0, len(distinct), _TOGETHER))
    made = (terms for batch in batches for terms in _terms(batch, engine))
    known: dict[str, list[str]] = {}
    # Copy the lists: changing the terms of one text must not change those of an equal text.
    return [list(known[text]) if text in known else known.setdefault(text, next(made)) for text in texts]


@lru_cache(maxsize=1)
def _words() -> _Words:
    lists = tomllib.loads(_WORDS_FILE.read_text(encoding="utf-8"))
    sets = {name: frozenset(text.split()) for name, text in lists.items()}
    sets["never_head"] |= _BREAKS
    return _Words(**sets)


@lru_cache(maxsize=4)
def _engine(user_words: tuple[str, ...]) -> _Engine:
    words = sorted({word.strip() for word in user_words if word.strip()}, key=_by_length)
    cut = _cutter(tuple(words)) if words else _shared_cutter()
    # The dictionary sees only runs of hanzi; a word with other characters is matched by a regular expression.
    mixed = [word for word in words if re.fullmatch(f"[{HANZI}]+", word) is None]
    own = rf"(?P<own>(?i:{'|'.join(map(re.escape, mixed))}))|" if mixed else ""
    pieces, spellings = re.compile(own + _PIECE), {word.lower(): word for word in mixed}
    return _Engine(cut, pieces, _words(), _Fates(_words()), spellings)


@lru_cache(maxsize=1)
def _shared_cutter() -> Callable[[str], list[str]]:
    """Return the cutter used without user words: the dictionary that rjieba loads in any case."""
    import rjieba  # loads a dictionary of 350,000 words: 0.1 s, 33 MB

    _teach(rjieba.add_word, ())
    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


def _cutter(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    """Return a cutter that keeps some words whole; it has its own dictionary, 0.1 s and 24 MB."""
    import rjieba

    cutter = rjieba.Jieba()
    _teach(cutter.add_word, words)
    return cutter.cut


def _teach(add_word: Callable[[str, int | None, str | None], int], words: tuple[str, ...]) -> None:
    for word in (*sorted(_words().whole), *words):
        add_word(word, None, None)


def _by_length(word: str) -> tuple[int, str]:
    return -len(word), word


def _terms(texts: Sequence[str], engine: _Engine) -> Iterator[list[str]]:
    """Yield the terms of each text, after segmenting all of them in one call."""
    shown: list[str] = []
    others: list[str] = []
    for text in texts:
        if engine.spellings or _MIXED.search(text):
            _take_apart(text, engine, shown, others)
        else:
            shown += _RUN.findall(text)
        shown.append(_END)
    terms = _hanzi_terms(engine.cut(_GAP.join(shown)), engine)
    in_order, start = iter(others), 0
    for _ in texts:
        end = terms.index(_END, start)
        yield [next(in_order) if term == _OTHER else term for term in terms[start:end]] if others else terms[start:end]
        start = end + 1


def _take_apart(text: str, engine: _Engine, shown: list[str], others: list[str]) -> None:
    """Append runs of hanzi to ``shown``; append other terms to ``others`` and a marker for each to ``shown``."""
    for match in engine.pieces.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "hanzi":
            shown.append(piece)
        elif kind == "latin":
            if len(piece) > 1:
                shown.append(_OTHER)
                others.append(piece.lower())
        elif kind == "own":
            shown.append(_OTHER)
            others.append(engine.spellings.get(piece.lower(), piece))
        elif kind in ("emoji", "emoticon"):
            shown.append(_OTHER)
            others.append(piece)


def _hanzi_terms(cut: list[str], engine: _Engine) -> list[str]:
    """Return the terms in word order; only words that depend on their neighbours cost a step in Python."""
    words = engine.words
    terms = [*map(engine.fates.__getitem__, cut), None]
    position = terms.index(None)
    while position < len(cut):
        term, before = cut[position], cut[position - 1] if position else _GAP
        length = 1
        if term in words.failures and before not in _BREAKS and len(before) <= 2:
            term = before + term
            if terms[position - 1] == before:
                terms[position - 1] = ""
        elif _asks(before, term):
            term = ""
        elif _negates(term, words):
            length = _negation_length(cut, position, words)
            term = "".join(cut[position : position + length])
            terms[position + 1 : position + length] = [""] * (length - 1)
        terms[position] = term if _counts(term, words) else ""
        position = terms.index(None, position + length)
    return list(filter(None, terms))


def _negates(word: str, words: _Words) -> bool:
    return word in words.negators or (word.endswith("好") and word[:-1] in words.negators)


def _counts(term: str, words: _Words) -> bool:
    """Return whether a word is worth counting."""
    return term not in words.function if len(term) > 1 else term in words.opinions


def _asks(before: str, word: str) -> bool:
    """Distinguish an A-not-A question, 会|不会 or 是|不是, from a negation."""
    return word[0] in "不没沒唔" and word[1:] == before


def _negation_length(cut: list[str], start: int, words: _Words) -> int:
    """Return how many words, starting at a negator, form one phrase; 1 if it negates nothing here."""
    end = start + 1
    while end < len(cut) and cut[end] in words.light and end - start <= _MOST_LIGHT:
        end += 1
    heads = words.good_to if cut[end - 1].endswith("好") else None
    if end < len(cut) and cut[end] not in words.never_head and (heads is None or cut[end] in heads):
        return end + 1 - start
    return end - start
