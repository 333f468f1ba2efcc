"""Small results as CSV files that spreadsheet programs display correctly and open safely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.export.columns import DECIMALS
from core.export.escape import neutralise
from core.export.place import written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["small_csv", "write_small"]


def small_csv(frame: pd.DataFrame) -> bytes:
    """Return a small table as CSV: UTF-8 with BOM, CRLF, formulas neutralised, NaN as empty cells.

    A missing text stays empty. Numbers have the decimals of a labelled table; one that would round to 0, such as
    a p-value, keeps two significant digits.

    Example:
        >>> import pandas as pd
        >>> small_csv(pd.DataFrame({"词": ["=1+1"], "z": [2.5]})).decode("utf-8-sig").split()
        ['词,z', "'=1+1,2.5"]
        >>> small_csv(pd.DataFrame({"占比": [0.37956204], "p": [0.000000123]})).decode("utf-8-sig").split()
        ['占比,p', '0.3796,1.2e-07']
    """
    texts = frame.select_dtypes(exclude="number").columns
    numbers = [name for name in frame.columns if frame[name].dtype.kind == "f"]
    safe = frame.assign(
        **{name: frame[name].astype(str).map(neutralise, na_action="ignore") for name in texts},
        **{name: frame[name].map(_rounded) for name in numbers},
    )
    safe.columns = safe.columns.map(str).map(neutralise)  # a group may be named after a product
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig", "replace")


def _rounded(value: float) -> float:
    short = round(value, DECIMALS)
    return short if short or not value else float(f"{value:.1e}")


def write_small(frame: pd.DataFrame, out: Path) -> None:
    """Write ``small_csv`` to a file atomically.

    Raises:
        ExportError: E02 the destination cannot be written, E03 the disk is full.
    """
    with written(out) as file:
        file.write(small_csv(frame))
