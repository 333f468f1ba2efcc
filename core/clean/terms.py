"""Words of a comment for keyword work: jieba's words, negations whole, emoticons and emoji as words."""

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

#: Lower case alone for one letter, because 5G is a network.
_UNITS: Final = "(?i:kg|km|cm|mm|ml|mg|gb|mb|tb|hz|mah)|[glmwvhsx]"
_PIECE: Final = (
    rf"(?P<mask>〔[^〔〕]{{1,6}}〕)|(?P<emoticon>{EMOTICON})"
    rf"|(?P<emoji>[{EMOJI}](?:[\U0001f3fb-\U0001f3ff]|{ZERO_WIDTH_JOINER}[{EMOJI}])*)"
    rf"|(?P<measure>[0-9]+(?:[.,:][0-9]+)*(?:{_UNITS})?(?![A-Za-z0-9]))"
    r"|(?P<latin>[A-Za-z0-9\u00c0-\u024f]+(?:[-'+.&_][A-Za-z0-9]+)*)"
    rf"|(?P<hanzi>[{HANZI}]+)"
)
_RUN: Final = re.compile(f"[{HANZI}]+")
#: What a text needs for pieces beside hanzi that become terms, user words set aside.
_MIXED: Final = re.compile(rf"[A-Za-z\u00c0-\u024f\[〔{EMOJI}]")
_MOST_LIGHT: Final = 2  # words between a negator and what it denies
#: Texts cut in one call, because a call costs as much as ten hanzi. Signs that no run of hanzi holds keep them apart:
#: between two runs, in place of a term of other characters, and behind a text.
_TOGETHER: Final = 64
_GAP, _OTHER, _END = "\n", "|", "/"
_BREAKS: Final = frozenset((_GAP, _OTHER, _END))
#: Different words remembered with what becomes of them: 7 MB, and the seldom ones beyond cost no time that shows.
_REMEMBERED: Final = 65_536

#: Held while a dictionary is loaded: two threads that begin at once would load it twice.
_LOADING: Final = threading.Lock()

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


class _Fates(dict[str, str | None]):
    """What becomes of a word by itself: its term, "" = dropped, None = its neighbours decide.

    A term is the same object each time, or a million comments would hold each word a hundred thousand times.
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
    with _LOADING:
        engine = _engine(tuple(user_words))
    distinct = list(dict.fromkeys(texts))
    batches = (distinct[start : start + _TOGETHER] for start in range(0, len(distinct), _TOGETHER))
    made = (terms for batch in batches for terms in _terms(batch, engine))
    known: dict[str, list[str]] = {}
    # whoever changes the terms of one text must not change those of an equal one
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
    # The dictionary is asked only about runs of hanzi; a word with other characters is found by its spelling.
    mixed = [word for word in words if re.fullmatch(f"[{HANZI}]+", word) is None]
    own = rf"(?P<own>(?i:{'|'.join(map(re.escape, mixed))}))|" if mixed else ""
    pieces, spellings = re.compile(own + _PIECE), {word.lower(): word for word in mixed}
    return _Engine(cut, pieces, _words(), _Fates(_words()), spellings)


@lru_cache(maxsize=1)
def _shared_cutter() -> Callable[[str], list[str]]:
    """Return what cuts for those without words of their own: the dictionary that rjieba loads in any case."""
    import rjieba  # loads a dictionary of 350,000 words: 0.1 s, 33 MB

    _teach(rjieba.add_word, ())
    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


def _cutter(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    """Return what cuts with some words kept whole; a dictionary of its own, 0.1 s and 24 MB."""
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
    """Yield the terms of each text, all of them cut at once."""
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
    """Add the runs of hanzi to ``shown``, terms of other characters to ``others`` and a sign of them to ``shown``."""
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
    """Return the terms of words in their order; most go by themselves, only the others cost a step in Python."""
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
    """Tell whether a word is worth counting."""
    return term not in words.function if len(term) > 1 else term in words.opinions


def _asks(before: str, word: str) -> bool:
    """Tell a question, 会|不会 or 是|不是, from a denial."""
    return word[0] in "不没沒唔" and word[1:] == before


def _negation_length(cut: list[str], start: int, words: _Words) -> int:
    """Return how many words from a negator on form one phrase; 1 if it denies nothing here."""
    end = start + 1
    while end < len(cut) and cut[end] in words.light and end - start <= _MOST_LIGHT:
        end += 1
    heads = words.good_to if cut[end - 1].endswith("好") else None
    if end < len(cut) and cut[end] not in words.never_head and (heads is None or cut[end] in heads):
        return end + 1 - start
    return end - start
