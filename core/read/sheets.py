"""The sheets of a file that may have several: those of a workbook, or the tables of a web page."""

from __future__ import annotations

from pathlib import Path

from core.read import markup, sniff, workbook
from core.schema import TableSource


def listed(path: Path, table: TableSource) -> list[workbook.Sheet] | list[markup.MarkupSheet]:
    """List the sheets of a file in order, including hidden ones; [] for a format without sheets.

    Args:
        path: Where the file's bytes are.
        table: A table of the file, for its format and encoding.

    Raises:
        ReadError: R05 a page without tables, R07, R08, R09 as ``workbook.sheets``.
    """
    if table.format in sniff.WORKBOOKS:
        return workbook.sheets(path)
    return markup.sheets(path, table.format, table.encoding) if table.format in sniff.MARKUP else []


def load(path: Path, table: TableSource) -> workbook.LoadedSheet | markup.LoadedTable:
    """Load the sheet of a table.

    Raises:
        ReadError: As ``listed``; R10 no such sheet.
    """
    if table.format in sniff.MARKUP:
        return markup.load(path, table.format, table.encoding, table.sheet or "")
    return workbook.load(path, table.sheet or "")
