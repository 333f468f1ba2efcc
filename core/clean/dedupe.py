"""A memory-efficient set that reports which text keys, out of millions, were seen before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError

__all__ = ["Deduper"]

_KEY_DIGITS: Final = 32
_KEY_BYTES: Final = 16
_KIND: Final = np.dtype(f"S{_KEY_BYTES}")
#: New keys are buffered in a set, about 100 bytes each; the rest are in sorted arrays, 16 bytes each.
_MOST_FRESH: Final = 16_384
#: Number of shards of the sorted keys, by first byte: only the shard being rebuilt is held in memory twice.
_SHELVES: Final = 64
#: The first key of each shard.
_EDGES: Final = np.array([bytes([256 // _SHELVES * shelf]) for shelf in range(_SHELVES)], dtype=_KIND)


class Deduper:
    """A growing set of text keys.

    One million keys take 16 MB, plus up to 2 MB for the buffer. Not thread-safe.

    Example:
        >>> seen = Deduper()
        >>> seen.mark(["aa" * 16, "", "aa" * 16, "bb" * 16]).tolist()
        [False, False, True, False]
        >>> seen.mark(["bb" * 16]).tolist()
        [True]
    """

    def __init__(self) -> None:
        self._shelves: list[NDArray[np.bytes_]] = [np.empty(0, dtype=_KIND) for _ in range(_SHELVES)]
        self._fresh: set[bytes] = set()

    def __len__(self) -> int:
        return sum(map(len, self._shelves)) + len(self._fresh)

    def mark(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Return for each key whether it was seen before, in this call or an earlier one, and add it.

        Args:
            keys: n results of ``text_key``; "" means no text and is never a duplicate.

        Returns:
            (n,) bool, True = seen before.

        Raises:
            InputError: C01 a key is neither 32 hex digits nor "".
        """
        packed = _pack(keys)
        repeated = self._is_settled(packed)
        for position, key in enumerate(packed):
            if not key:
                repeated[position] = False
            elif not repeated[position]:
                repeated[position] = key in self._fresh
                self._fresh.add(key)
        if len(self._fresh) > _MOST_FRESH:
            self._settle()
        return repeated

    def add(self, keys: Sequence[str]) -> None:
        """Add keys without reporting repeats, such as those of chunks finished before a restart.

        Args:
            keys: Results of ``text_key``; "" is skipped.

        Raises:
            InputError: C01 a key is neither 32 hex digits nor "".
        """
        self.mark(keys)

    def _is_settled(self, packed: list[bytes]) -> NDArray[np.bool_]:
        wanted = np.array(packed, dtype=_KIND)
        order = np.argsort(wanted)
        settled = np.zeros(len(packed), dtype=np.bool_)
        for shelf, (start, end) in zip(self._shelves, _parts(wanted[order]), strict=True):
            if len(shelf) and end > start:
                rows = order[start:end]
                found = np.minimum(np.searchsorted(shelf, wanted[rows]), len(shelf) - 1)
                settled[rows] = shelf[found] == wanted[rows]
        return settled

    def _settle(self) -> None:
        fresh = np.array(sorted(self._fresh), dtype=_KIND)
        for place, (start, end) in enumerate(_parts(fresh)):
            shelf, new = self._shelves[place], fresh[start:end]
            self._shelves[place] = np.insert(shelf, np.searchsorted(shelf, new), new)
        self._fresh = set()


def _parts(keys: NDArray[np.bytes_]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each shard's keys in a sorted array."""
    return pairwise([*np.searchsorted(keys, _EDGES).tolist(), len(keys)])


def _pack(keys: Sequence[str]) -> list[bytes]:
    if any(len(key) not in (0, _KEY_DIGITS) for key in keys):
        raise _not_a_key()
    try:
        return [bytes.fromhex(key) for key in keys]
    except ValueError as exc:
        raise _not_a_key() from exc


def _not_a_key() -> InputError:
    return InputError("C01", "去重键不是 32 位十六进制。", "请传入 text_key 的结果。")
