"""Texts as sets of character pairs, and short signatures of such sets (MinHash), vectorised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.schema import LEAST_CHARACTERS

__all__ = ["BANDS", "LEAST_DIFFERENT", "Shingles", "bands", "joined", "likeness", "shingles"]

#: Fewest distinct letters and hanzi of a text for it to be compared, besides ``LEAST_CHARACTERS`` in all.
LEAST_DIFFERENT: Final = 10
#: 20 bands of 4 hashes: two texts become candidates with probability 0.94 at a similarity of 0.6, 0.72 at 0.5, 0.03 at
#: 0.2.
BANDS: Final = 20
_ROWS: Final = 4
_SEED: Final = 20261125
_BMP: Final = 0x10000
_END: Final = "\x00"

Ints = NDArray[np.int64]
Words = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Shingles:
    """The distinct character pairs of n texts.

    Attributes:
        codes: All pairs, grouped by text and sorted within it, (m,) uint32.
        starts: Offsets of each text's pairs and the end of the last ones, (n + 1,).
        compared: Whether a text is long and varied enough to be compared, (n,); others have no pairs and no letters.
        letters: UTF-16 codes of the letters of all texts.
        ends: Offsets of each text's letters and the end of the last ones, (n + 1,).
    """

    codes: Words
    starts: Ints
    compared: NDArray[np.bool_]
    letters: NDArray[np.uint16]
    ends: Ints


def shingles(texts: Sequence[str]) -> Shingles:
    """Split texts into pairs of neighbouring letters and hanzi; digits, punctuation and emoji are ignored.

    Args:
        texts: n clean texts.

    Returns:
        Their pairs; case is ignored, too, so 第3件 equals 第12件, and a text equals itself with other emoji.

    Example:
        >>> shingles(["质量很好!!!", "这款耳机的降噪真的非常出色,下班路上听歌完全听不到地铁的声音"]).compared.tolist()
        [False, True]
    """
    letters, owner = _letters(texts)
    n = len(texts)
    different = _distinct(owner * _BMP + letters) // _BMP
    compared = (np.bincount(owner, minlength=n) >= LEAST_CHARACTERS) & (
        np.bincount(different, minlength=n) >= LEAST_DIFFERENT
    )
    inside = compared[owner]
    letters, owner = letters[inside], owner[inside]
    pairs = letters[:-1] * _BMP + letters[1:]
    same = owner[:-1] == owner[1:]
    keys = _distinct((owner[:-1][same].astype(np.uint64) << np.uint64(32)) | pairs[same].astype(np.uint64))
    counts = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=n)
    starts = _bounds(counts)
    codes = (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    return Shingles(codes, starts, compared, letters.astype(np.uint16), _bounds(np.bincount(owner, minlength=n)))


def bands(given: Shingles) -> Words:
    """Return the band hashes of texts: similar texts share some of them.

    Args:
        given: Pairs of n texts.

    Returns:
        (n, ``BANDS``) uint32; zero for texts that are not compared.

    Source:
        Broder (1997), On the resemblance and containment of documents; Leskovec, Rajaraman & Ullman, Mining of Massive
        Datasets, chapter 3.
    """
    signature = np.zeros((len(given.compared), BANDS), np.uint32)
    if not given.compared.any():
        return signature
    codes, starts = _mixed(given.codes), given.starts[:-1][given.compared]
    random = np.random.default_rng(_SEED)
    for band in range(BANDS):
        together = np.zeros(len(starts), np.uint32)
        for _ in range(_ROWS):
            times, plus = random.integers(1, 1 << 32, 2, dtype=np.uint64).astype(np.uint32)
            smallest = np.minimum.reduceat(_mixed(codes * (times | np.uint32(1)) + plus), starts)
            together = _mixed(together * np.uint32(31) + smallest)
        signature[given.compared, band] = together
    return signature


def likeness(given: Shingles, left: Ints, right: Ints) -> NDArray[np.float32]:
    """Return how similar texts are as sequences of characters.

    Order matters: comments composed of the same stock phrases (质量不错,物流很快,包装完好) share most character
    pairs, yet are not copies.

    Args:
        given: n texts.
        left: (k,) positions of texts.
        right: (k,) positions of the texts to compare them with.

    Returns:
        (k,) in [0, 1]: twice the longest common subsequence over the sum of both lengths.

    Example:
        >>> given = shingles(["第一次买这个牌子的手表,走时准,表带不硌手", "走时准,表带不硌手,第一次买这个牌子的手表"])
        >>> likeness(given, np.array([0]), np.array([1])).round(2)
        array([0.58], dtype=float32)
    """
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cpdist

    if not len(left):
        return np.zeros(0, np.float32)
    sides = [[_text(given, int(one)) for one in side] for side in (left, right)]
    return np.asarray(cpdist(*sides, scorer=Indel.normalized_similarity, dtype=np.float32, workers=1), np.float32)


def _text(given: Shingles, one: int) -> str:
    return given.letters[given.ends[one] : given.ends[one + 1]].tobytes().decode("utf-16", "replace")


def joined(parts: Sequence[Shingles]) -> Shingles:
    """Concatenate the texts of several parts."""
    if not parts:
        return shingles([])
    counts = [np.diff(part.starts) for part in parts], [np.diff(part.ends) for part in parts]
    return Shingles(
        np.concatenate([part.codes for part in parts]),
        _bounds(np.concatenate(counts[0])),
        np.concatenate([part.compared for part in parts]),
        np.concatenate([part.letters for part in parts]),
        _bounds(np.concatenate(counts[1])),
    )


def _bounds(counts: NDArray[np.int64]) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _letters(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Return the code of each letter and the index of its text."""
    one = _END.join(text.replace(_END, "") for text in texts)
    points = np.frombuffer(one.encode("utf-32-le", "replace"), np.uint32)
    owner = np.cumsum(points == 0)
    letters = _table()[np.minimum(points, _BMP - 1)]
    kept = (letters > 0) & (points < _BMP)
    return letters[kept].astype(np.int64), owner[kept].astype(np.int64)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint16]:
    """Character → its lower case; 0 for non-letters."""
    table = np.zeros(_BMP, np.uint16)
    for code in range(1, _BMP - 1):
        character = chr(code)
        if character.isalpha():
            lower = character.lower()
            table[code] = ord(lower) if len(lower) == 1 else code
    return table


def _distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values, sorted; ``np.unique`` takes ten times as long for integers."""
    rising = np.sort(values)
    return rising[np.concatenate([[True], rising[1:] != rising[:-1]])] if len(rising) else rising


def _mixed(values: Words) -> Words:
    """Spread 32-bit values evenly (the finalizer of MurmurHash3)."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    mixed: Words = values ^ (values >> np.uint32(16))
    return mixed
