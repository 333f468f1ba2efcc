"""Reading a table that ``inspect`` found: its rows in chunks, their number, the first few of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from core.read import chat, delimited, parquet, records, sheets, sniff
from core.read.archive import on_disk
from core.read.body import below_header
from core.read.rows import Row, chunks
from core.schema import RowChunk, TableSource

#: Goes up with every change after which some file gives other rows, columns or roles than before: it is part of a
#: job's id, so that a file labelled before such a change is labelled anew, and no job is continued across one.
REVISION: Final = 2


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
    """Return the names of all sheets of the workbook, or tables of the page, a table stands in; () for other formats.

    Raises:
        ReadError: As ``read``.
    """
    if source.format not in sniff.WORKBOOKS | sniff.MARKUP:
        return ()
    with on_disk(source.path, source.member) as path:
        return tuple(sheet.name for sheet in sheets.listed(path, source))


def rows_of(source: TableSource, path: Path) -> Iterator[Row]:
    """Yield the rows of a table whose bytes lie at ``path``, header and trailing blank rows left out."""
    if source.format == "parquet":
        return parquet.rows(path)
    if source.format in ("json", "jsonl"):
        return records.rows(path, _codec(source), source.format, source.columns)
    if source.format == "chat":
        return chat.rows(path, _codec(source))
    if source.format in sniff.WORKBOOKS | sniff.MARKUP:
        return below_header(source, sheets.load(path, source).rows(source.header_row + 1))
    return below_header(source, delimited.rows(path, _codec(source), source.delimiter, len(source.columns)))


def _codec(source: TableSource) -> str:
    return source.encoding or "utf-8"
