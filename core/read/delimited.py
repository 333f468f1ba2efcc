"""Parse delimited text, CSV and similar, so that an unclosed quote never swallows a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.read.header import is_data
from core.read.lines import INNER_CR, Lines, RecordTooLongError, open_text
from core.read.rejoined import LEAST_COLUMNS, rejoined
from core.read.rows import Row
from core.schema import Reason
from core.settings import get_settings

#: Maximum length of a physical line, as a multiple of the maximum cell length.
_LINE_CELLS: Final = 4
#: Delimiters that comments hardly ever contain, the maximum id length, and characters around a cell.
_NOT_IN_TEXT: Final = "\t\x01"
_ID_CHARS: Final = 20
_AROUND: Final = ' "\r\n'
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)


def rows(
    path: Path, encoding: str, delimiter: str | None, width: int | None = None, joined: list[int] | None = None
) -> Iterator[Row]:
    """Yield every record of a delimited file, including blank and broken ones.

    Args:
        path: The file.
        encoding: Codec; invalid bytes become U+FFFD.
        delimiter: One character; None = every line is one cell and quotes are literal.
        width: Cells of the header, which distinguishes a swallowed row from a multi-line cell; None = unknown.
        joined: Collects the numbers of rows that unquoted line breaks had split.

    Returns:
        Rows numbered by the physical line on which they start; Excel's ``sep=;`` line is skipped.
    """
    limit = get_settings().max_cell_chars
    with open_text(path, encoding) as file:
        lines = Lines(file, limit * _LINE_CELLS)
        if separator_line(next(lines, "")) is None:
            lines.unread()
        if delimiter is None:
            yield from _whole_lines(lines, limit)
        else:
            records = iter(_Records(lines, delimiter, width, limit))
            wide = width is not None and width >= LEAST_COLUMNS
            yield from rejoined(records, width or 0, [] if joined is None else joined) if wide else records


def separator_line(line: str) -> str | None:
    """Return the delimiter that Excel's ``sep=;`` on the first line names, else None.

    Example:
        >>> separator_line("sep=;")
        ';'
    """
    found = _SEPARATOR_LINE.match(line)
    return found[1] if found else None


def _whole_lines(lines: Lines, limit: int) -> Iterator[Row]:
    for line in lines:
        text = _body(line)
        yield (lines.number, [text[:limit]], Reason.CELL_TOO_LONG if len(text) > limit else "")
        lines.mark()


class _Records:
    """Iterator of rows over lines that can rewind when a record turns out to have swallowed others."""

    def __init__(self, lines: Lines, delimiter: str, width: int | None, limit: int) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._width = width
        self._limit = limit

    def __iter__(self) -> Iterator[Row]:
        lines, delimiter, limit = self._lines, self._delimiter, self._limit
        reader = self._reader()
        for line in lines:
            if '"' not in line and len(line) <= limit:
                # Fast path, three times as fast: most lines have nothing to parse.
                text = line.rstrip("\r\n")
                cells = text.split(delimiter) if text else []
                number = lines.number
            else:
                lines.unread()
                number = lines.number + 1
                try:
                    cells = next(reader)
                    recover = len(lines.taken) > 1 and self._swallowed(cells)
                except (csv.Error, RecordTooLongError):
                    recover = True
                if recover:
                    yield self._recovered(number)
                    reader = self._reader()
                    continue
                if len(lines.taken) == 1 and self._width is not None and len(cells) != self._width:
                    cells = self._otherwise(lines.taken[0]) or cells
            if lines.has_inner_cr and len(lines.taken) == 1 and len(cells) != self._width:
                *before, cells = self._cut(lines.taken[0]) or [cells]
                for others in before:
                    yield (number, others, "")
            if lines.has_inner_cr:
                cells = [cell.replace(INNER_CR, "\r") for cell in cells]
            yield (number, cells, "")
            lines.mark()

    def _reader(self) -> Iterator[list[str]]:
        csv.field_size_limit(self._limit)  # the csv module has one limit for the whole process
        return csv.reader(self._lines, delimiter=self._delimiter, strict=True)

    def _swallowed(self, cells: list[str]) -> bool:
        # A stray opening quote pairs up with one some rows below: the record has the wrong number of cells although its
        # first line alone has the right one, or the lines within it are rows themselves.
        if self._width is None or self._width < 2:
            return False
        separators = [line.count(self._delimiter) for line in self._lines.taken]
        if len(cells) != self._width:
            return separators[0] == self._width - 1
        if set(separators) == {self._width - 1} and self._are_rows(self._lines.taken):
            return True
        inner = separators[1:-1]
        alike = sum(count == self._width - 1 for count in inner)
        return self._width > 2 and len(inner) > 2 and alike >= 0.8 * len(inner)

    def _are_rows(self, lines: list[str]) -> bool:
        """Return whether lines of the header's width are rows: tabs indicate it, or numbers in the same columns."""
        if self._delimiter in _NOT_IN_TEXT:
            return True
        grid = [[cell.strip(_AROUND) for cell in line.split(self._delimiter)] for line in lines]
        kinds = {tuple(map(is_data, cells)) for cells in grid}
        # The points of a comment are numbered too, but seldom continue from the number of its row.
        return len(kinds) == 1 and (sum(*kinds) >= 2 or _count_on([cells[0] for cells in grid]))

    def _recovered(self, start: int) -> Row:
        line = _body(self._lines.rewind())
        cells = self._otherwise(line) or _lenient(line, self._delimiter) or self._literal(line)
        if len(line) > self._limit * _LINE_CELLS or any(len(cell) > self._limit for cell in cells or ()):
            return (start, [line[: self._limit]], Reason.CELL_TOO_LONG)
        if cells is None:
            return (start, [line], Reason.UNCLOSED_QUOTE)
        return (start, cells, "")

    def _otherwise(self, line: str) -> list[str] | None:
        """Split a line whose quotes follow a backslash (MySQL, Spark) or a space; None if that does not fit."""
        spaced = f'{self._delimiter} "'
        if '\\"' not in line and spaced not in line:
            return None
        try:
            # Other backslashes are literal.
            text = _body(line).replace('\\"', '""')
            cells = next(csv.reader([text], delimiter=self._delimiter, strict=True, skipinitialspace=spaced in line))
        except csv.Error:
            return None
        return cells if len(cells) == self._width else None

    def _cut(self, line: str) -> list[list[str]]:
        """Return the rows of a line in which carriage returns also end rows; [] if they do not yield whole rows."""
        parts = _body(line).replace("\r", INNER_CR).split(INNER_CR)
        try:
            found = list(csv.reader(parts, delimiter=self._delimiter, strict=True))
        except csv.Error:
            return []
        return found if len(found) == len(parts) and {len(cells) for cells in found} == {self._width} else []

    def _literal(self, line: str) -> list[str] | None:
        # Quotes that pair up within the line, or any quotes in tab-separated text, which is seldom quoted at all, are
        # literal if the line then has as many cells as the header.
        cells = line.split(self._delimiter)
        plain = self._delimiter == "\t" or line.count('"') % 2 == 0
        return cells if plain and len(cells) == self._width else None


def _count_on(numbers: list[str]) -> bool:
    if not all(number.isdecimal() and len(number) <= _ID_CHARS for number in numbers):
        return False
    first = int(numbers[0])
    return list(map(int, numbers)) == list(range(first, first + len(numbers)))


def _body(line: str) -> str:
    end = 2 if line.endswith("\r\n") else 1 if line.endswith(("\n", "\r")) else 0
    return line[: len(line) - end].replace(INNER_CR, "\r")


def _lenient(line: str, delimiter: str) -> list[str] | None:
    """Split one line where a quote closes only before a delimiter or the end; None if one stays open."""
    cells: list[str] = []
    at = 0
    closing = re.compile('"(?=' + re.escape(delimiter) + "|$)")
    while at <= len(line):
        if line.startswith('"', at):
            close = closing.search(line, at + 1)
            if close is None:
                return None
            cells.append(line[at + 1 : close.start()].replace('""', '"'))
            at = close.end() + 1
        else:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            cells.append(line[at:end])
            at = end + 1
    return cells
