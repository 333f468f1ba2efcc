"""Small helpers between DuckDB's results and ours; none depends on a particular analysis."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import wilson
from core.schema import LABELS, Col, Share

__all__ = [
    "LABEL_COUNTS",
    "RATED",
    "as_float",
    "as_time",
    "bit_string",
    "counts_of",
    "has_bit",
    "quote",
    "rows_of",
    "shares_of",
]

#: SQL that counts rows per label into the columns l0, l1, l2.
LABEL_COUNTS: Final = ", ".join(f"count(*) FILTER ({Col.LABEL} = {i}) AS l{i}" for i in range(len(LABELS)))
#: SQL that is true for rows with a rating; a float column may hold its gaps as NULL or as NaN.
RATED: Final = f"({Col.RATING} IS NOT NULL AND isfinite({Col.RATING}))"


def quote(name: str) -> str:
    """Quote any column name as a DuckDB identifier.

    Example:
        >>> print(quote('src:他说"好"'))
        "src:他说""好""\"
    """
    return '"' + name.replace('"', '""') + '"'


def bit_string(numbers: NDArray[np.int64]) -> str:
    """Return a "1" at the position of each number, a "0" elsewhere and at the end.

    Example:
        >>> bit_string(np.array([0, 3]))
        '10010'
    """
    bits = np.full((int(numbers.max()) if len(numbers) else 0) + 2, ord("0"), np.uint8)
    bits[numbers] = ord("1")
    return bits.tobytes().decode("ascii")


def has_bit(column: str, bits: str) -> tuple[str, list[object]]:
    """Return the condition that a number is in a ``bit_string``, and its parameters."""
    # numbers past the end (a job still running) map to the last bit, which is 0
    return f"get_bit(?::BIT, least({column}, ?)::INTEGER) = 1", [bits, len(bits) - 1]


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a DuckDB result as named tuples."""
    yield from frame.itertuples(index=False)


def counts_of(row: Any) -> tuple[int, int, int]:
    """Return the columns of ``LABEL_COUNTS`` of one row (a Series or a named tuple)."""
    return int(row.l0), int(row.l1), int(row.l2)


def shares_of(counts: Sequence[int]) -> tuple[Share, ...]:
    """Return the share of each label from the rows counted per label."""
    n = sum(counts)
    return tuple(wilson(count, n) for count in counts)


def as_float(value: object) -> float:
    """Return a number from a DuckDB result; NULL becomes NaN."""
    return math.nan if pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


def as_time(value: object) -> datetime | None:
    """Return a naive time from a DuckDB result; NULL becomes None."""
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()  # type: ignore[call-overload, arg-type]
