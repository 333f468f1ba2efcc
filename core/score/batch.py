"""Token ids of many texts in one flat array, and batches of them: sorted by length, limited by tokens.

Everything here is vectorised numpy: at a million rows, a Python loop over rows would cost more than small models do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["SLOTS", "Bunch", "Tokens", "batches", "bunched", "laid_out"]

#: Maximum number of batches that share one encoder pass.
SLOTS: Final = 8
#: Tokens of such a pass, unless one batch has more: a larger matrix is no faster and exceeds the cache.
_PASS_TOKENS: Final = 512
#: Minimum tokens that justify handing a bunch to another thread.
_LEAST_BUNCH: Final = 96


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of n texts.

    Attributes:
        ids: (total,) int32, the concatenated texts, no special tokens.
        offsets: (n + 1,) int64, text i is ``ids[offsets[i]:offsets[i + 1]]``.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Number of texts."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int32]:
        """Number of tokens of each text, shape (n,)."""
        return np.diff(self.offsets).astype(np.int32)

    def known(self, unknown_id: int) -> NDArray[np.bool_]:
        """Return which texts contain at least one known token, shape (n,).

        Example:
            >>> Tokens(np.array([5, 1, 1, 1], np.int32), np.array([0, 2, 2, 4])).known(1).tolist()
            [True, False, False]
        """
        seen = np.concatenate(([0], np.cumsum(self.ids != unknown_id)))
        return np.diff(seen[self.offsets]) > 0

    def join(self, other: Tokens) -> Tokens:
        """Return these texts followed by others."""
        return Tokens(
            np.concatenate((self.ids, other.ids)), np.concatenate((self.offsets, other.offsets[1:] + self.offsets[-1]))
        )

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """Return the tokens of some texts, in the order of ``rows``."""
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        return Tokens(self.ids[np.repeat(self.offsets[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])], offsets)


@dataclass(frozen=True, slots=True)
class Bunch:
    """Batches flattened for one call of a model; the texts of a batch have equal length.

    Attributes:
        ids: (tokens,) int64, the concatenated texts with their special tokens; no padding.
        rows: (b,) int64, number of texts of each batch.
        lengths: (b,) int64, number of tokens per text of each batch.
    """

    ids: NDArray[np.int64]
    rows: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, ids: NDArray[np.int64]) -> Bunch:
        """Return a bunch of one batch, shape (n, length)."""
        n, length = ids.shape
        return cls(ids.ravel(), np.array([n]), np.array([length]))

    def take(self, chosen: NDArray[np.bool_]) -> Bunch:
        """Return a bunch with a subset of its texts.

        Args:
            chosen: Which texts to keep, shape (n,).

        Example:
            >>> both = Bunch(np.array([2, 7, 3, 2, 8, 3, 2, 3]), np.array([2, 1]), np.array([3, 2]))
            >>> [ids.tolist() for ids in both.take(np.array([False, True, False])).batches()]
            [[[2, 8, 3]]]
        """
        ends = np.cumsum(self.rows)
        counts = np.diff(np.concatenate(([0], np.cumsum(chosen)))[np.concatenate(([0], ends))])
        tokens = np.repeat(chosen, np.repeat(self.lengths, self.rows))
        return Bunch(self.ids[tokens], counts[counts > 0], self.lengths[counts > 0])

    def owners(self) -> NDArray[np.int64]:
        """Return the index of the text that each token belongs to, shape (tokens,).

        Example:
            >>> Bunch(np.array([2, 7, 3, 2, 8, 3, 2, 3]), np.array([2, 1]), np.array([3, 2])).owners().tolist()
            [0, 0, 0, 1, 1, 1, 2, 2]
        """
        return np.repeat(np.arange(self.rows.sum()), np.repeat(self.lengths, self.rows))

    def positions(self) -> NDArray[np.int64]:
        """Return the position of each token in its text, shape (tokens,).

        Example:
            >>> Bunch(np.array([2, 7, 3, 2, 8, 3, 2, 3]), np.array([2, 1]), np.array([3, 2])).positions().tolist()
            [0, 1, 2, 0, 1, 2, 0, 1]
        """
        lengths = np.repeat(self.lengths, self.rows)
        return np.arange(len(self.ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)

    def passes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Group consecutive batches into encoder passes: small ones share a pass.

        Returns:
            Texts of each batch and tokens per text, both (passes, SLOTS), zero if a pass has fewer batches.

        Example:
            >>> Bunch(np.zeros(608, np.int64), np.array([1, 2, 1]), np.array([600, 3, 2])).passes()[0][:, :3].tolist()
            [[1, 0, 0], [2, 1, 0]]
        """
        groups: list[list[int]] = []
        room = 0
        for number, tokens in enumerate((self.rows * self.lengths).tolist()):
            if tokens > room or len(groups[-1]) == SLOTS:
                groups.append([])
                room = _PASS_TOKENS
            groups[-1].append(number)
            room -= tokens
        rows, lengths = np.zeros((2, len(groups), SLOTS), np.int64)
        at = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        slot = np.concatenate([np.arange(len(group)) for group in groups])
        rows[at, slot], lengths[at, slot] = self.rows, self.lengths
        return rows, lengths

    def batches(self) -> list[NDArray[np.int64]]:
        """Return the ids of each batch, shape (n, length)."""
        stops = np.cumsum(self.rows * self.lengths).tolist()
        return [
            self.ids[start:stop].reshape(-1, length)
            for start, stop, length in zip([0, *stops], stops, self.lengths.tolist(), strict=False)
        ]


def batches(lengths: NDArray[np.int32], budget: int) -> Iterator[NDArray[np.int64]]:
    """Yield the row numbers of each batch, longest rows first.

    Rows of a batch have equal length: there is no padding, attention needs no mask, and a row's output cannot depend on
    the other rows.

    Args:
        lengths: Number of tokens of each row, including special tokens, shape (n,).
        budget: Maximum tokens per batch; a longer row forms its own batch.

    Yields:
        Row numbers whose count times their length is at most ``budget``; every row occurs once.

    Example:
        >>> [b.tolist() for b in batches(np.array([3, 9, 4, 3], np.int32), 9)]
        [[1], [2], [0, 3]]
    """
    order = np.argsort(-lengths, kind="stable")
    sorted_lengths = lengths[order]
    starts = np.flatnonzero(np.diff(sorted_lengths, prepend=-1))
    for start, end in pairwise([*starts.tolist(), len(order)]):
        most = max(1, budget // max(1, int(sorted_lengths[start])))
        for first in range(start, end, most):
            yield order[first : min(first + most, end)]


def bunched(
    parts: Iterable[NDArray[np.int64]], lengths: NDArray[np.int32], budget: int, threads: int
) -> Iterator[list[NDArray[np.int64]]]:
    """Group batches into bunches large enough to hand to another thread.

    A few texts all differ in length, so their batches are small, and handing one to a thread takes as long as the model
    takes for a short text. Bunches stay small enough to keep every thread busy.

    Args:
        parts: What ``batches`` yields.
        lengths: Number of tokens of each row, as passed to ``batches``.
        budget: A bunch ends once it reaches this many tokens, or earlier.
        threads: Number of worker threads.

    Example:
        >>> lengths = np.full(8, 40, np.int32)
        >>> parts = [np.array([row]) for row in range(8)]
        >>> [len(bunch) for bunch in bunched(parts, lengths, 1000, 2)]
        [4, 4]
        >>> [len(bunch) for bunch in bunched(parts, lengths, 80, 2)]
        [2, 2, 2, 2]
    """
    wanted = min(budget, max(_LEAST_BUNCH, -(-int(lengths.sum(dtype=np.int64)) // threads)))
    bunch: list[NDArray[np.int64]] = []
    tokens = 0
    for part in parts:
        bunch.append(part)
        tokens += len(part) * int(lengths[part[0]])
        if tokens >= wanted:
            yield bunch
            bunch, tokens = [], 0
    if bunch:
        yield bunch


def laid_out(tokens: Tokens, parts: Sequence[NDArray[np.int64]], start_id: int, end_id: int, limit: int) -> Bunch:
    """Lay out batches of texts with their special tokens in one vectorised step, because most batches hold one text.

    Args:
        tokens: All texts.
        parts: Rows of each batch, at least one; all of equal length, or all at least as long as the limit.
        start_id: Token before each text.
        end_id: Token after each text.
        limit: Maximum tokens kept per text, excluding special tokens.

    Example:
        >>> t = Tokens(np.array([7, 8, 9, 4, 5], np.int32), np.array([0, 2, 4, 5]))
        >>> [ids.tolist() for ids in laid_out(t, [np.array([0, 1]), np.array([2])], 2, 3, 10).batches()]
        [[[2, 7, 8, 3], [2, 9, 4, 3]], [[2, 5, 3]]]
    """
    rows = np.concatenate(parts)
    starts = tokens.offsets[rows]
    lengths = np.minimum(tokens.offsets[rows + 1] - starts, limit)
    ends = np.cumsum(lengths + 2)
    inner = np.ones(ends[-1], np.bool_)
    inner[ends - 1] = inner[ends - lengths - 2] = False
    ids = np.full(ends[-1], start_id, np.int64)
    ids[ends - 1] = end_id
    # index of each kept token: its rank, corrected for the tokens dropped between the texts
    ids[inner] = tokens.ids[np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())]
    counts = np.array([len(part) for part in parts])
    return Bunch(ids, counts, lengths[np.cumsum(counts) - 1] + 2)
