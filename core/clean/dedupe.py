"""Which texts were seen before, for millions of keys in little memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError

__all__ = ["Deduper"]

_KEY_DIGITS: Final = 32
_KEY_BYTES: Final = 16
#: Fresh keys wait in a set, about 100 bytes each; the others lie in a sorted array, 16 bytes each.
_MOST_FRESH: Final = 65_536


class Deduper:
    """A growing set of text keys.

    One million keys take 16 MB and up to 6 MB for fresh ones, twice that while they are merged. Not safe to share
    between threads.

    Example:
        >>> seen = Deduper()
        >>> seen.mark(["aa" * 16, "", "aa" * 16, "bb" * 16]).tolist()
        [False, False, True, False]
        >>> seen.mark(["bb" * 16]).tolist()
        [True]
    """

    def __init__(self) -> None:
        self._settled: NDArray[np.bytes_] = np.empty(0, dtype=f"S{_KEY_BYTES}")
        self._fresh: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._settled) + len(self._fresh)

    def mark(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Tell for each key whether it came before, in this call or an earlier one, and remember it.

        Args:
            keys: n results of ``text_key``; "" stands for no text and is never a repeat.

        Returns:
            (n,) bool, True = seen before.

        Raises:
            InputError: C01 a key is neither 32 hex digits nor "".
        """
        packed = _pack(keys)
        settled = self._is_settled(packed)
        repeated = np.zeros(len(keys), dtype=np.bool_)
        for position, key in enumerate(packed):
            if not key:
                continue
            repeated[position] = settled[position] or key in self._fresh
            if not repeated[position]:
                self._fresh.add(key)
        if len(self._fresh) > _MOST_FRESH:
            self._settle()
        return repeated

    def add(self, keys: Sequence[str]) -> None:
        """Remember keys without asking, such as those of chunks finished before a restart.

        Args:
            keys: Results of ``text_key``; "" is passed over.

        Raises:
            InputError: C01 a key is neither 32 hex digits nor "".
        """
        self.mark(keys)

    def _is_settled(self, packed: list[bytes]) -> NDArray[np.bool_]:
        if not len(self._settled) or not packed:
            return np.zeros(len(packed), dtype=np.bool_)
        wanted = np.array(packed, dtype=f"S{_KEY_BYTES}")
        found = np.minimum(np.searchsorted(self._settled, wanted), len(self._settled) - 1)
        same: NDArray[np.bool_] = self._settled[found] == wanted
        return same

    def _settle(self) -> None:
        fresh = np.array(sorted(self._fresh), dtype=f"S{_KEY_BYTES}")
        self._settled = np.insert(self._settled, np.searchsorted(self._settled, fresh), fresh)
        self._fresh = set()


def _pack(keys: Sequence[str]) -> list[bytes]:
    if any(len(key) not in (0, _KEY_DIGITS) for key in keys):
        raise _not_a_key()
    try:
        return [bytes.fromhex(key) for key in keys]
    except ValueError as exc:
        raise _not_a_key() from exc


def _not_a_key() -> InputError:
    return InputError("C01", "去重键不是 32 位十六进制。", "请传入 text_key 的结果。")
