"""Texts as one array of token ids, and windows that pack whole texts without padding between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
#: Positions seen in masked-word pretraining: `core.train.pack` splits texts there.
READ = 256


class Pack(NamedTuple):
    """Windows of whole texts: ids (windows, length), padded with 0; flat position of each text's [CLS]; its row."""

    ids: Ints
    first: Ints
    rows: Ints


@dataclass(frozen=True)
class Texts:
    """Concatenated token ids of texts; the last element of ``starts`` is the end of the last text."""

    ids: NDArray[np.uint16]
    starts: Ints

    @classmethod
    def of(cls, encoded: Iterable[list[int]]) -> Texts:
        """Concatenate texts given as lists of token ids."""
        parts = [np.array(e, np.uint16) for e in encoded]
        return cls(np.concatenate([np.zeros(0, np.uint16), *parts]), np.cumsum([0, *map(len, parts)]))

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.starts) - 1

    @property
    def length(self) -> Ints:
        """Tokens of each text."""
        return np.diff(self.starts)

    def take(self, at: Ints) -> Texts:
        """Return a selection of the texts, in the given order."""
        length = self.length[at]
        starts = np.concatenate([[0], np.cumsum(length)])
        source = np.repeat(self.starts[at] - starts[:-1], length) + np.arange(starts[-1])
        return Texts(self.ids[source], starts)

    def packs(self, at: Ints, windows: int, length: int) -> Iterator[Pack]:
        """Pack texts into windows in order; a text that no longer fits starts the next window.

        Args:
            at: Indices of the texts, in order; each text has at most ``length`` tokens.
            windows: Windows per pack.
            length: Tokens per window.

        Yields:
            Packs; the last one may have empty windows.
        """
        size = self.length[at]
        place = np.empty(len(at), np.int64)
        window, used = 0, 0
        for i, n in enumerate(size.tolist()):
            if used + n > length:
                window, used = window + 1, 0
            place[i] = window * length + used
            used += n
        pack = place // (windows * length)
        bounds = np.searchsorted(pack, np.arange(pack[-1] + 2)) if len(at) else [0]
        for low, high in pairwise(bounds):
            ids = np.zeros(windows * length, np.int64)
            rows, first = at[low:high], place[low:high] % (windows * length)
            n = size[low:high]
            within = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
            ids[np.repeat(first, n) + within] = self.ids[np.repeat(self.starts[rows], n) + within]
            yield Pack(ids.reshape(windows, length), first, rows)
