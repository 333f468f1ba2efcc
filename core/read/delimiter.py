"""The delimiter of a text table: the one that cuts its rows into equally many cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from core.errors import ReadError
from core.read.header import SEARCH_ROWS, find_header, is_data
from core.read.names import is_known_name, name_points
from core.schema import Role

#: In order of preference where two cut equally well.
CANDIDATES: Final = (",", "\t", ";", "|", "，", "；", "^", "\x01")
_ENOUGH: Final = 0.6
_SURE: Final = 0.9
#: These stand in sentences too, and a few lines may well have equally many of them by chance; of the full-width ones,
#: which hardly any program writes, many lines too. The last one stands in faces such as ^_^.
_PUNCTUATION: Final = {",": 20, ";": 20, "，": 1000, "；": 1000}
_IN_FACES: Final = "^"
#: Points of a delimiter that cuts usual column names out of a header.
_NAMED: Final = 10.0
#: Comments have this many times as many characters as the names beside them.
_LONGER: Final = 3


def find_delimiter(text: str) -> str | None:
    """Tell the delimiter from the beginning of a file.

    Args:
        text: Decoded beginning of a file, whole lines.

    Returns:
        One character; None if no character cuts the rows evenly, so that each line is one cell.

    Example:
        >>> find_delimiter("评论;分\\n很好,喜欢;5\\n差;1\\n")
        ';'
    """
    best, best_points = None, 0.0
    is_list = _is_headed_list(text)
    for delimiter in CANDIDATES:
        rows = [row for row in _split(text, delimiter) if any(map(str.strip, row))]
        points = _points(rows)
        if is_list and points < _NAMED and delimiter in _PUNCTUATION:
            continue
        if points < _NAMED and f'{delimiter}"' not in text and _may_be_sentences(rows, delimiter):
            continue
        if points > best_points:
            best, best_points = delimiter, points
    if best is not None:
        return best
    # One column: with quotes it is a CSV of one column, without it is a list of lines, commas and all.
    widths = {len(row) for row in _split(text, ",") if row}
    return "," if '"' in text and widths <= {1} else None


def check_delimiter(named: str) -> str:
    """Return a delimiter that a person named.

    Raises:
        ReadError: R11 it is not one character, or one that cannot separate.
    """
    delimiter = {"tab": "\t", "\\t": "\t", "TAB": "\t"}.get(named, named)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ReadError("R11", f"{named!r} 不能作分隔符。", "请给一个字符,例如逗号、分号、竖线,或写 TAB。")
    return delimiter


def _split(text: str, delimiter: str) -> list[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    try:
        return list(csv.reader((line + "\n" for line in lines), delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def _is_headed_list(text: str) -> bool:
    """Tell whether the first line is a usual name of comments and nothing else: what follows is one column."""
    first = text.lstrip("\ufeff \t\r\n").split("\n", 1)[0].strip(' \t\r"')
    return is_known_name(first) and name_points(Role.TEXT, first) > 0


def _points(rows: Sequence[Sequence[str]]) -> float:
    """0 = this delimiter does not cut these rows into a table."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, alike = widths.most_common(1)[0]
    share = alike / len(rows)
    named = max(sum(map(is_known_name, row)) for row in rows[:SEARCH_ROWS])
    if named >= 2 or (len(rows[0]) > 1 and any(map(is_known_name, rows[0]))):
        # A header says it plainly, however ragged the rows are.
        return _NAMED + named + share
    if share < (_ENOUGH if len(rows) > 2 else 1.0):
        return 0.0
    # Running text has commas too, but seldom the same number in nearly each line.
    return share + min(width, 20) / 100 if share >= _SURE or named else share / 2


def _may_be_sentences(rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Tell whether rows may be lines of text: no header, and no column of numbers, dates, names or repeated words."""
    if delimiter == _IN_FACES:
        return True
    if not 0 < len(rows) < _PUNCTUATION.get(delimiter, 0) or find_header(list(enumerate(rows, 1))).row > 0:
        return False
    columns = [[cell.strip() for cell in column if cell.strip()] for column in zip_longest(*rows, fillvalue="")]
    return not any(
        2 * sum(map(is_data, cells)) >= len(cells)
        or (len(cells) >= 4 and 2 * len(set(cells)) <= len(cells))
        or (len(cells) == len(rows) and _are_names(cells, columns))
        for cells in columns
        if cells
    )


def _are_names(cells: list[str], columns: list[list[str]]) -> bool:
    """Tell whether cells are two or three characters each, always as many, beside others that are much longer."""
    lengths = set(map(len, cells))
    longest = max(sum(map(len, column)) / len(column) for column in columns if column)
    return len(cells) >= 3 and len(lengths) == 1 and lengths < {2, 3} and longest > _LONGER * len(cells[0])
