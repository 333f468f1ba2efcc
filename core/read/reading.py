"""Reading a table that ``inspect`` found: its rows in chunks, their number, the first few of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from core.read import delimited, parquet, records, sniff, workbook
from core.read.archive import on_disk
from core.read.rows import Row, chunks, without_trailing_blanks
from core.schema import Reason, RowChunk, TableSource
from core.settings import get_settings

#: What a second file leaves around its first name when files are put one after the other.
_SEAM: Final = '\ufeff"'
#: Cells that a row may have beyond the columns. Each is a column of its own in the rows read with it: one row of a
#: hundred thousand separators would fill the memory.
MOST_BEYOND: Final = 1_000


def read(source: TableSource, *, chunk_rows: int) -> Iterator[RowChunk]:
    """Read a table in chunks; text formats and Parquet in constant memory, a workbook's sheet as a whole.

    A blank row within the table is a row, blank rows after the last filled one are not (Parquet rows all are).

    Args:
        source: A table of ``inspect``.
        chunk_rows: Rows in a chunk, at least 1; the last one may be shorter. The same file and number give
            the same chunks.

    Returns:
        Chunks in file order; none for a table of a header alone. Row numbers are those a spreadsheet program
        shows: the line on which a CSV or JSONL record starts, the sheet's row, the item in JSON and Parquet.

    Raises:
        ReadError: R01 the file is gone; R07, R08, R09, R10 it has changed since ``inspect``.
    """
    with on_disk(source.path, source.member) as path:
        yield from chunks(source, rows_of(source, path), chunk_rows)


def count(source: TableSource) -> int:
    """Return the exact number of rows that ``read`` yields.

    Raises:
        ReadError: As ``read``.
    """
    with on_disk(source.path, source.member) as path:
        if source.format == "parquet":
            return parquet.count(path)
        if source.format in ("json", "jsonl"):
            return records.count(path, _codec(source), source.format)
        return sum(1 for _ in rows_of(source, path))


def preview(source: TableSource, rows: int = 20) -> pd.DataFrame:
    """Return the first rows of a table as text, shape (≤ rows, columns); an empty cell is "".

    Raises:
        ReadError: As ``read``.
    """
    for chunk in read(source, chunk_rows=rows):
        return chunk.frame
    return pd.DataFrame({name: pd.array([], dtype="str") for name in source.columns})


def sheet_names(source: TableSource) -> tuple[str, ...]:
    """Return the names of all sheets of the workbook a table stands in, hidden ones included; () for other formats.

    Raises:
        ReadError: As ``read``.
    """
    if source.format not in sniff.WORKBOOKS:
        return ()
    with on_disk(source.path, source.member) as path:
        return tuple(sheet.name for sheet in workbook.sheets(path))


def rows_of(source: TableSource, path: Path) -> Iterator[Row]:
    """Yield the rows of a table whose bytes lie at ``path``, header and trailing blank rows left out."""
    if source.format == "parquet":
        return parquet.rows(path)
    if source.format in ("json", "jsonl"):
        return records.rows(path, _codec(source), source.format, source.columns)
    if source.format in sniff.WORKBOOKS:
        return below_header(source, workbook.load(path, source.sheet or "").rows(source.header_row + 1))
    return below_header(source, delimited.rows(path, _codec(source), source.delimiter, len(source.columns)))


def below_header(source: TableSource, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows of a grid that belong to the table: after the header, up to the last filled one.

    A row that is the header once more, as in files put one after the other, is yielded with that reason, and so is
    one of far too many cells.
    """
    return without_trailing_blanks(_after_header(source, rows))


def _after_header(source: TableSource, rows: Iterator[Row]) -> Iterator[Row]:
    header_row, most = source.header_row, len(source.columns) + MOST_BEYOND
    header: list[str] = []
    first: str | None = None  # no row begins with it
    for row in rows:
        number, cells, reason = row
        if number <= header_row:
            header = cells
            first = cells[0].strip(_SEAM) if cells else None
        elif cells and cells[0].strip(_SEAM) == first and cells[1:] == header[1:] and not reason:
            yield (number, cells, Reason.HEADER_AGAIN)
        elif len(cells) > most:
            yield _narrowed(source, row)
        else:
            yield row


def _narrowed(source: TableSource, row: Row) -> Row:
    """Take away the empty cells at the end of a row; if too many are left, give its line with that reason."""
    number, cells, reason = row
    end = len(cells)
    while end > len(source.columns) and not cells[end - 1]:
        end -= 1
    if end <= len(source.columns) + MOST_BEYOND:
        return (number, cells[:end], reason)
    line = (source.delimiter or " ").join(cells[:end])
    return (number, [line[: get_settings().max_cell_chars]], Reason.TOO_MANY_CELLS)


def _codec(source: TableSource) -> str:
    return source.encoding or "utf-8"
