"""Hashed character n-grams of a dialogue, one block per position in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BITS", "Grams", "block_grams", "joined"]

#: The number of buckets is 2 to this power.
BITS: Final = 17
_LONGEST: Final = 3
_PRIMES: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
_OF_BLOCK: Final = 0x27D4EB2F165667C5
_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_WORD: Final = 0xFFFFFFFFFFFFFFFF

#: Buckets (int64, sorted, distinct) and their values (float32): one plus the log of the count.
Grams = tuple[NDArray[np.int64], NDArray[np.float32]]


def block_grams(text: str, block: int) -> Grams:
    """Count the character 1- to 3-grams of a text.

    Args:
        text: What is said at one position of the dialogue.
        block: Index of that position: the same characters elsewhere are other n-grams.

    Returns:
        Buckets and values; both empty for "".

    Source:
        Weinberger et al. 2009, "Feature hashing for large scale multitask learning", ICML.

    Example:
        >>> buckets, values = block_grams("好好", 0)
        >>> len(buckets), round(float(values.max()), 2)
        (2, 1.69)
    """
    codes = np.frombuffer(text.lower().encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    parts = [_hashes(codes, n, block) for n in range(1, min(_LONGEST, len(codes)) + 1)]
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    buckets, counts = np.unique(np.concatenate(parts), return_counts=True)
    return buckets, (1 + np.log(counts)).astype(np.float32)


def joined(blocks: Sequence[Grams]) -> Grams:
    """Normalise the n-grams of each block to unit length and concatenate them.

    Args:
        blocks: From ``block_grams``.

    Returns:
        Buckets and values of all blocks, concatenated; a long turn has the same weight as a short one.

    Example:
        >>> joined([block_grams("好", 0), block_grams("", 1)])[1].tolist()
        [1.0]
    """
    lengths = [float(np.sqrt(np.square(values, dtype=np.float64).sum())) or 1.0 for _, values in blocks]
    values = [(counted / length).astype(np.float32) for (_, counted), length in zip(blocks, lengths, strict=True)]
    return np.concatenate([buckets for buckets, _ in blocks]), np.concatenate(values)


def _hashes(codes: NDArray[np.uint64], n: int, block: int) -> NDArray[np.int64]:
    """Return the bucket of each n-gram; uint64 arithmetic wraps around."""
    count = len(codes) - n + 1
    total = np.full(count, (n + 8 * (block + 1)) * _OF_BLOCK & _WORD, np.uint64)
    for i in range(n):
        total = (total ^ (codes[i : i + count] * _PRIMES[i])) * _MIX
        total ^= total >> np.uint64(29)
    return (total >> np.uint64(64 - BITS)).astype(np.int64)
