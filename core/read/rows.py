"""The row type common to all formats, and the conversion of rows to chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import pandas as pd

from core.read.header import unique_names
from core.schema import RowChunk, TableSource

#: One row: its number as shown by a spreadsheet program, its cells, and a Reason or "". A plain tuple, because
#: a million of them are created.
Row = tuple[int, list[str], str]


def is_blank(cells: Iterable[str]) -> bool:
    """Return whether all cells are empty or white space."""
    for cell in cells:  # noqa: SIM110 - a generator here costs a third of the time of reading
        if cell and not cell.isspace():
            return False
    return True


def without_trailing_blanks(rows: Iterable[Row]) -> Iterator[Row]:
    """Drop the blank rows after the last filled one; blank rows in between are kept."""
    waiting: list[Row] = []
    for row in rows:
        if not row[2] and is_blank(row[1]):
            waiting.append(row)
            continue
        if waiting:
            yield from waiting
            waiting.clear()
        yield row


def chunks(source: TableSource, rows: Iterator[Row], chunk_rows: int) -> Iterator[RowChunk]:
    """Group rows into chunks of ``chunk_rows``, the last one shorter."""
    while batch := list(islice(rows, chunk_rows)):
        yield _chunk(source, batch)


def _chunk(source: TableSource, batch: list[Row]) -> RowChunk:
    width = len(source.columns)
    numbers, cells, reasons = map(list, zip(*batch, strict=True))
    ragged = sum(bool(row) and len(row) != width and not why for row, why in zip(cells, reasons, strict=True))
    frame = frame_of(cells, source.columns)
    return RowChunk(source, frame, np.array(numbers, np.int64), np.array(reasons, dtype=object), ragged)


def frame_of(cells: list[list[str]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Build a frame of text; rows are padded with "", cells beyond the columns get columns ``列N``.

    Example:
        >>> frame_of([["好"], ["差", "2", "x"]], ("评论", "分")).columns.tolist()
        ['评论', '分', '列3']
    """
    width = max(len(columns), max(map(len, cells), default=0))
    if any(len(row) != width for row in cells):
        cells = [row + [""] * (width - len(row)) for row in cells]
    values = list(zip(*cells, strict=True)) if cells else [()] * width
    # A separator at the end of each line yields an extra empty cell, which is not a column.
    kept = [i for i in range(width) if i < len(columns) or any(values[i])]
    names = [*columns, *unique_names([*columns, *[""] * (width - len(columns))])[len(columns) :]]
    return pd.DataFrame({names[i]: pd.array(values[i], dtype="str") for i in kept}, index=range(len(cells)))
