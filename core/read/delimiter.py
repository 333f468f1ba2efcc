"""The delimiter of a text table: the one that cuts its rows into equally many cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from typing import Final

from core.errors import ReadError
from core.read.header import SEARCH_ROWS
from core.read.names import is_known_name

#: In order of preference where two cut equally well.
CANDIDATES: Final = (",", "\t", ";", "|", "，", "\x01")
_ENOUGH: Final = 0.6
_SURE: Final = 0.9


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
    for delimiter in CANDIDATES:
        points = _points([row for row in _split(text, delimiter) if any(row)])
        if points > best_points:
            best, best_points = delimiter, points
    if best is not None:
        return best
    # One column: with quotes it is a CSV of one column, without it is a list of lines, commas and all.
    widths = {len(row) for row in _split(text, ",") if row}
    return "," if widths <= {1} else None


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
        return 10.0 + named + share
    if share < (_ENOUGH if len(rows) > 2 else 1.0):
        return 0.0
    # Running text has commas too, but seldom the same number in nearly each line.
    return share + min(width, 20) / 100 if share >= _SURE or named else share / 2
