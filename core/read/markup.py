"""Tables in web pages and XML Spreadsheet 2003, which back-office systems export as ``.xls``.

Tags are scanned one by one; nothing is executed or fetched, and only character references are expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.errors import ReadError
from core.read.markup_rows import MarkupRow, markup_rows
from core.read.per_file import per_file
from core.read.rows import Row, is_blank

#: Maximum number of tables offered per page: those with the most cells.
MOST_TABLES: Final = 50
#: Minimum cells of a data table, as opposed to page layout.
_LEAST_CELLS: Final = 2


@dataclass(slots=True)
class MarkupSheet:
    """A worksheet, or the tables of a page that begin with the same row.

    Attributes:
        name: The worksheet's name, else the position of its first table in the page.
        tables: Positions of its tables, from 0.
        cells: Number of filled cells.
        rows: Number of rows.
        width: Number of cells of the widest row.
        merged: Numbers of the rows in which vertically merged cells begin.
        hidden: Always False; for compatibility with ``workbook.Sheet``.
    """

    name: str
    tables: list[int]
    cells: int = 0
    rows: int = 0
    width: int = 0
    merged: list[int] = field(default_factory=list)
    hidden: bool = False


def sheets(path: Path, kind: str, encoding: str | None) -> list[MarkupSheet]:
    """List the tables of a file in order.

    Args:
        path: The file.
        kind: ``html``, ``mht`` or ``xml``.
        encoding: Codec; None for MHT, whose pages declare their own.

    Raises:
        ReadError: R05 there is none.
    """
    found = _found(path, kind, encoding)
    if not found:
        raise ReadError(
            "R05", f"{path.name} 的内容是网页或 XML,里面没有表格。", "请确认导出成功(可能需要重新登录),再选择。"
        )
    return found


def load(path: Path, kind: str, encoding: str | None, name: str) -> LoadedTable:
    """Return one table of a file.

    Raises:
        ReadError: R05 there is no table at all, R10 none has this name.
    """
    found = sheets(path, kind, encoding)
    chosen = next((sheet for sheet in found if sheet.name == name), None)
    if chosen is None:
        names = "、".join(sheet.name for sheet in found)
        raise ReadError("R10", f"{path.name} 里没有叫做「{name}」的表格。", f"它有:{names}。")
    return LoadedTable(path, kind, encoding, chosen)


class LoadedTable:
    """A table that can be iterated more than once, each time from the file and in constant memory."""

    def __init__(self, path: Path, kind: str, encoding: str | None, sheet: MarkupSheet) -> None:
        self._what = (path, kind, encoding)
        self._sheet = sheet

    def rows(self, filled_from: int | None = None) -> Iterator[Row]:
        """Yield the rows as text.

        Args:
            filled_from: Row number from which merged cells repeat their value; None = nowhere.
        """
        tables, number, blanks = set(self._sheet.tables), 0, 0
        for row in markup_rows(*self._what, filled_from):
            if row.table not in tables:
                continue
            # row numbers continue across the tables after the first
            number = row.number if row.table == self._sheet.tables[0] else number + 1
            while blanks < number - 1 and row.table == self._sheet.tables[0]:
                blanks += 1
                yield (blanks, [], "")
            blanks = number
            yield (number, row.cells, row.reason)

    def merged_below(self, row: int) -> int:
        """Return how many merged ranges below a row repeat their value."""
        return sum(first > row for first in self._sheet.merged)


@per_file(maxsize=16)
def _found(path: Path, kind: str, encoding: str | None) -> list[MarkupSheet]:
    alike: dict[tuple[str, ...], MarkupSheet] = {}
    by_table: dict[int, MarkupSheet] = {}
    for row in markup_rows(path, kind, encoding, None):
        sheet = by_table.get(row.table)
        if sheet is None:
            if is_blank(row.cells):
                continue
            sheet = by_table[row.table] = _sheet_of(row, kind, alike)
        sheet.cells += sum(map(bool, row.cells))
        sheet.rows += 1
        sheet.width = max(sheet.width, len(row.cells))
        if row.merges:
            sheet.merged += [row.number] * row.merges
    filled = [sheet for sheet in _with_heads(list(alike.values())) if sheet.cells >= _LEAST_CELLS]
    kept = sorted(filled, key=_cells_of, reverse=True)[:MOST_TABLES]
    return sorted(kept, key=_first_of)


def _sheet_of(row: MarkupRow, kind: str, alike: dict[tuple[str, ...], MarkupSheet]) -> MarkupSheet:
    """Return the sheet a table belongs to: a page split into several tables repeats their header in each."""
    key = (row.name,) if kind == "xml" else tuple(row.cells)
    if key not in alike:
        alike[key] = MarkupSheet(row.name or f"第 {row.table + 1} 个表格", [])
    alike[key].tables.append(row.table)
    return alike[key]


def _with_heads(sheets: list[MarkupSheet]) -> list[MarkupSheet]:
    """Return the tables of a page, each joined with its header if that is a separate table right above it."""
    joined: list[MarkupSheet] = []
    for sheet in sheets:
        head = joined[-1] if joined else None
        if (
            head is not None
            and (head.rows, head.width) == (1, sheet.width)
            and head.cells == sheet.width >= _LEAST_CELLS
            and head.tables[-1] + 1 == sheet.tables[0]
        ):
            head.tables += sheet.tables
            head.cells, head.rows = head.cells + sheet.cells, head.rows + sheet.rows
        else:
            joined.append(sheet)
    return joined


def _cells_of(sheet: MarkupSheet) -> int:
    return sheet.cells


def _first_of(sheet: MarkupSheet) -> int:
    return sheet.tables[0]
