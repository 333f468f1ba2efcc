"""Read workbooks (XLSX, XLS, XLSB, ODS) with python-calamine: sheets, rows as text, hidden and merged ranges.

A sheet is held in memory while it is read; formulas are never evaluated, only their stored results are read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.errors import ReadError
from core.read.area import check_area
from core.read.cells import text_of
from core.read.inflation import BROKEN_ZIP, damaged
from core.read.rows import Row
from core.schema import Reason

#: Merged ranges larger than this are decoration, not values to repeat.
MAX_MERGED_CELLS: Final = 100_000
#: A row's only cell, merged over all columns and at least this many, is a caption, if few rows have such a cell.
_CAPTION_COLUMNS: Final = 3
_CAPTION_SHARE: Final = 0.3
#: Workbook properties precede the sheets; limited, because the inflated size has not been checked yet.
_HEAD_BYTES: Final = 1 << 16
_FROM_1904: Final = re.compile(rb"""<(?:\w+:)?workbookPr\b[^<>]*\sdate1904=["'](?:1|true)["']""")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Name of a worksheet and whether the file hides it."""

    name: str
    hidden: bool


def sheets(path: Path) -> list[Sheet]:
    """List the worksheets of a workbook in order; charts and macros are left out.

    Raises:
        ReadError: R07 too large once inflated, R08 damaged, R09 encrypted.
    """
    with _opened(path) as book:
        return [
            Sheet(meta.name, meta.visible is not SheetVisibleEnum.Visible)
            for meta in book.sheets_metadata
            if meta.typ is SheetTypeEnum.WorkSheet
        ]


def counts_from_1904(path: Path) -> bool:
    """Return whether an XLSX uses the 1904 date system, which applies to dates stored without a date format.

    Source: ECMA-376 18.2.28 (``workbookPr``). Other formats are not checked.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open("xl/workbook.xml") as file:
            return _FROM_1904.search(file.read(_HEAD_BYTES)) is not None
    except (*BROKEN_ZIP, KeyError):
        return False


def load(path: Path, sheet: str) -> LoadedSheet:
    """Load one sheet of a workbook.

    Raises:
        ReadError: R07, R08, R09 as ``sheets``; R10 no such sheet.
    """
    with _opened(path) as book:
        if sheet not in book.sheet_names:
            names = "、".join(book.sheet_names)
            raise ReadError("R10", f"{path.name} 里没有叫做「{sheet}」的工作表。", f"它有:{names}。")
        with _refusing(path):
            return LoadedSheet(book.get_sheet_by_name(sheet))


class LoadedSheet:
    """A sheet in memory, which can be iterated more than once."""

    def __init__(self, table: CalamineSheet) -> None:
        self._table = table

    def rows(self, filled_from: int | None = None) -> Iterator[Row]:
        """Yield the rows as text up to the last filled one, including blank ones.

        Args:
            filled_from: Row number from which merged cells repeat their value; None = nowhere.

        Returns:
            Rows numbered as in the sheet; their cells begin at the first column in use.
        """
        if self._table.start is None:
            return
        merged = _Merged(self._table, filled_from)
        for number, values in enumerate(self._table.iter_rows(), 1):
            cells = [text_of(value) for value in values]
            if merged.any:
                merged.fill(number, cells)
            yield (number, cells, Reason.ASIDE if number in merged.captions else "")

    def merged_below(self, row: int) -> int:
        """Return how many merged ranges below a row repeat their value."""
        return _Merged(self._table, row + 1).ranges


class _Merged:
    """The merged ranges of a sheet; each cell of a range takes the value of its first cell."""

    def __init__(self, table: CalamineSheet, filled_from: int | None) -> None:
        self.ranges = 0
        self._firsts: dict[int, list[tuple[int, int]]] = {}
        self._others: dict[int, list[tuple[int, int]]] = {}
        self._values: dict[int, str] = {}
        #: Rows with one cell merged over all columns: its text is a caption of the rows below.
        self.captions: set[int] = set()
        if filled_from is None or table.start is None or table.end is None:
            return
        left, last = table.start[1], table.end[0]
        for key, ((top, from_column), (bottom, to_column)) in enumerate(table.merged_cell_ranges or ()):
            cells = (bottom - top + 1) * (to_column - from_column + 1)
            if top + 1 < filled_from or from_column < left or cells > MAX_MERGED_CELLS:
                continue
            self.ranges += 1
            if top == bottom and from_column == left and to_column >= max(table.end[1], left + _CAPTION_COLUMNS - 1):
                self.captions.add(top + 1)
            self._firsts.setdefault(top + 1, []).append((from_column - left, key))
            # Repeated in rows only: a value merged across columns belongs to the first of them.
            for row in range(top + 1, min(bottom, last) + 1):
                self._others.setdefault(row + 1, []).append((from_column - left, key))
        self.any = bool(self._others)
        if len(self.captions) > _CAPTION_SHARE * (last + 2 - filled_from):
            self.captions.clear()  # a list in cells merged across the page

    any: bool = False

    def fill(self, number: int, cells: list[str]) -> None:
        for column, key in self._firsts.get(number, ()):
            if column < len(cells):
                self._values[key] = cells[column]
        for column, key in self._others.get(number, ()):
            if column < len(cells) and not cells[column]:
                cells[column] = self._values.get(key, "")


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    check_area(path)
    with _refusing(path):
        book = CalamineWorkbook.from_path(path)
    with book:
        yield book


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except PasswordError as exc:
        raise ReadError("R09", f"{path.name} 有密码。", "请用 Excel 或 WPS 去掉密码后另存。") from exc
    except (CalamineError, OSError, ValueError) as exc:
        raise damaged(path.name) from exc
    except BaseException as exc:
        # A panic of the Rust parser derives from BaseException and its type cannot be imported.
        if type(exc).__name__ == "PanicException":
            raise damaged(path.name) from exc
        raise
