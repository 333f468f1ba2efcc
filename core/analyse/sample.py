"""The fixed sample of comments for counting words: spread evenly over a table, the same on every machine."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.schema import Col

__all__ = ["PLACE", "SAMPLE_ROWS", "bound_of", "sample_places", "sampled_rows"]

#: Most comments counted; larger selections are sampled, and the result gives the size they were sampled from.
SAMPLE_ROWS: Final = 60_000
#: Knuth's multiplicative hash.
_SPREAD, _CIRCLE = 2_654_435_761, 2**32
#: SQL of a row's position in sampling order: smaller samples are prefixes of larger ones.
PLACE: Final = f"({Col.ROW} * {_SPREAD}) % {_CIRCLE}"


def bound_of(share: float) -> int:
    """Return the position below which about this share of the rows lies."""
    return round(min(1.0, share) * _CIRCLE)


def sample_places(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``PLACE`` of rows, shape (n,)."""
    return rows * _SPREAD % _CIRCLE


def sampled_rows(share: float) -> str:
    """Return a DuckDB condition that keeps about this share of the rows.

    Example:
        >>> sampled_rows(0.5)
        '(row * 2654435761) % 4294967296 < 2147483648'
    """
    return f"{PLACE} < {bound_of(share)}"
