"""Decide which rows of a grid below its header belong to the table, and map their cells to its columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from core.read.asides import is_hint, with_asides
from core.read.header import is_data
from core.read.names import NAMES, is_known_name, is_like_a_name
from core.read.rows import Row, is_blank, without_trailing_blanks
from core.schema import Reason, TableSource
from core.settings import get_settings

#: Characters left around the first header name of the second file when files are concatenated.
_SEAM: Final = '\ufeff"'
#: Maximum cells of a row beyond the columns. Each becomes a column of its own in the rows read with it: one row of
#: 100,000 separators would exhaust memory.
MOST_BEYOND: Final = 1_000
_USUAL: Final = frozenset(name for names in NAMES.values() for name in names.exact)
_NAME_CHARS: Final = 16
_LEARNED_FROM: Final = 20
#: A row below a gap is the header of another table if this share of its cells look like column names.
_NAMED_SHARE: Final = 0.6


def below_header(source: TableSource, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows of a grid that belong to the table: after the header, up to the last filled one.

    Rows that are not records are yielded with their reason: a repeated header, as in concatenated files, another table
    below this one, totals and notes, a row with far too many cells. Below a header with the same names in another
    order, cells are moved to their columns.
    """
    body = _Body(source)
    return without_trailing_blanks(with_asides(body.rows(rows), len(source.columns)))


class _Body:
    """Processes the rows of one table."""

    def __init__(self, source: TableSource) -> None:
        self._source = source
        self._width = len(source.columns)
        self._header: list[str] = []
        self._places: dict[str, int] = {}
        #: target columns of cells below a reordered header; None = the table's own order
        self._order: list[int] | None = None
        self._elsewhere = False
        self._records = 0
        #: the fullest of the first records
        self._usual: list[str] = []

    def rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield the rows below the header."""
        header_row, most = self._source.header_row, self._width + MOST_BEYOND
        first: str | None = None  # no row begins with it
        names: frozenset[str] = frozenset()
        gap = False
        for row in rows:
            number, cells, reason = row
            begin = cells[0].strip(_SEAM) if cells else ""
            if number <= header_row:
                self._header, first = cells, begin if cells else None
                names = self._learn()
                continue
            if cells and begin == first and cells[1:] == self._header[1:] and not reason:
                self._order, self._elsewhere = None, False
                yield (number, cells, Reason.HEADER_AGAIN)
            elif names and not reason and (gap or begin in names) and self._is_header(cells, gap):
                yield (number, cells, self._begin(cells))
            elif len(cells) > most:
                yield self._narrowed(row)
            elif not self._records and not reason and names and is_hint(cells):
                yield (number, cells, Reason.ASIDE)
            elif self._elsewhere and not is_blank(cells):
                yield (number, cells, reason or Reason.OTHER_TABLE)
            else:
                self._records += 1
                if self._records <= _LEARNED_FROM and sum(map(bool, cells)) > sum(map(bool, self._usual)):
                    self._usual = cells
                yield row if self._order is None or reason else (number, self._moved(cells), reason)
            # a title may be between the gap and the other header
            gap = (not begin or gap) and sum(map(bool, cells)) <= gap

    def _learn(self) -> frozenset[str]:
        """Record the positions of the header's names; return what a further header may begin with."""
        for place, name in enumerate(self._source.columns):
            self._places.setdefault(name, place)
        for place, cell in enumerate(self._header):
            self._places.setdefault(cell.strip(' \ufeff"'), place)
        return _USUAL | self._places.keys()

    def _is_header(self, cells: Sequence[str], gap: bool) -> bool:
        """Return whether a row is a header: only common names or the table's own, or, below a gap, mostly such names.

        If it has names that the table lacks, it must have words where records have a number or a date:
        otherwise it may be a record with the cells 手机, 客服, 价格.
        """
        filled = [cell.strip(' \ufeff"') for cell in cells if cell.strip()]
        if not self._records or len(filled) < 3 or len(set(filled)) < len(filled):
            return False
        if any(len(name) > _NAME_CHARS or is_data(name) for name in filled if name not in self._places):
            return False
        if all(name in self._places for name in filled):
            return True
        if not any(cell.strip() and is_data(was.strip()) for cell, was in zip(cells, self._usual, strict=False)):
            return False
        if all(name in self._places or is_known_name(name) for name in filled):
            return True
        return gap and sum(map(is_like_a_name, filled)) >= _NAMED_SHARE * len(filled)

    def _begin(self, cells: Sequence[str]) -> Reason:
        """Start the section below another header: rows of this table in another order, or another table."""
        names = [cell.strip(' \ufeff"') for cell in cells]
        filled = list(filter(None, names))
        shared = [name for name in filled if name in self._places]
        self._elsewhere = 2 * len(shared) < len(filled)
        if self._elsewhere:
            self._order = None
            return Reason.OTHER_TABLE
        # names without a column go beyond the table's columns, so that nothing is lost
        beyond = iter(range(self._width, self._width + len(names)))
        self._order = [self._places[name] if name in self._places else next(beyond) for name in names]
        return Reason.HEADER_AGAIN

    def _moved(self, cells: list[str]) -> list[str]:
        order = self._order or []
        moved = [""] * max(self._width, max(order, default=0) + 1)
        for place, cell in zip(order, cells, strict=False):
            moved[place] = cell
        return moved + cells[len(order) :]

    def _narrowed(self, row: Row) -> Row:
        """Drop the trailing empty cells of a row; if too many cells remain, return its raw line with that reason."""
        number, cells, reason = row
        end = len(cells)
        while end > self._width and not cells[end - 1]:
            end -= 1
        if end <= self._width + MOST_BEYOND:
            return (number, cells[:end], reason)
        line = (self._source.delimiter or " ").join(cells[:end])
        return (number, [line[: get_settings().max_cell_chars]], Reason.TOO_MANY_CELLS)
