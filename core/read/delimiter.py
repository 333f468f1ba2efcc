"""Detect the delimiter of a text table: the one that splits its rows into equally many cells."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import ReadError
from core.read.header import SEARCH_ROWS
from core.read.names import is_known_name, name_points
from core.read.prose import PUNCTUATION, may_be_prose
from core.schema import Role

#: In order of preference among equally good ones.
CANDIDATES: Final = (",", "\t", ";", "|", "，", "；", "^", "\x01")
_ENOUGH: Final = 0.6
_SURE: Final = 0.9
_TITLES: Final = {",": "逗号", ";": "分号", "，": "全角逗号", "；": "全角分号"}
#: Points of a delimiter that splits known column names out of a header.
_NAMED: Final = 10.0


@dataclass(frozen=True, slots=True)
class Delimiter:
    """One character, or None = each line is one cell; and a Chinese note about it, "" if there is none."""

    character: str | None
    note: str = ""


def find_delimiter(text: str) -> Delimiter:
    """Detect the delimiter from the beginning of a file.

    Args:
        text: Decoded beginning of a file, whole lines.

    Returns:
        None if no character splits the rows evenly, or the one that does is sentence punctuation; the note says so.

    Example:
        >>> find_delimiter("评论;分\\n很好,喜欢;5\\n差;1\\n").character
        ';'
    """
    best, best_points, note = None, 0.0, ""
    is_list = _is_headed_list(text)
    for delimiter in CANDIDATES:
        rows = [row for row in _split(text, delimiter) if any(map(str.strip, row))]
        points = _points(rows)
        if points <= best_points or (is_list and points < _NAMED and delimiter in PUNCTUATION):
            continue
        if points < _NAMED and may_be_prose(rows, delimiter, text):
            note = note or _note(delimiter)
            continue
        best, best_points = delimiter, points
    if best is not None:
        return Delimiter(best)
    # One column: with quotes it is a one-column CSV; without, a list of lines whose commas are literal.
    widths = {len(row) for row in _split(text, ",") if row}
    return Delimiter("," if '"' in text and widths <= {1} else None, note)


def check_delimiter(named: str) -> str:
    """Normalise a delimiter named by the user.

    Raises:
        ReadError: R11 it is not one character, or it cannot be a delimiter.
    """
    delimiter = {"tab": "\t", "\\t": "\t", "TAB": "\t"}.get(named, named)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise ReadError("R11", f"{named!r} 不能作分隔符。", "请给一个字符,例如逗号、分号、竖线,或写 TAB。")
    return delimiter


def _note(delimiter: str) -> str:
    title = _TITLES.get(delimiter, "")
    return title and (
        f"每一行当作一条评论:里面的{title}看起来是句子的标点,不是列的分隔符。"
        f'如果它其实是表格,请指定分隔符(命令行用 --delimiter "{delimiter}")。'
    )


def _split(text: str, delimiter: str) -> list[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    try:
        return list(csv.reader((line + "\n" for line in lines), delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def _is_headed_list(text: str) -> bool:
    """Return whether the first line is just a known name for comments: what follows is one column."""
    first = text.lstrip("\ufeff \t\r\n").split("\n", 1)[0].strip(' \t\r"')
    return is_known_name(first) and name_points(Role.TEXT, first) > 0


def _points(rows: Sequence[Sequence[str]]) -> float:
    """Return a delimiter's score; 0 = it does not split these rows into a table."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, alike = widths.most_common(1)[0]
    share = alike / len(rows)
    named = max(sum(map(is_known_name, row)) for row in rows[:SEARCH_ROWS])
    if named >= 2 or (len(rows[0]) > 1 and any(map(is_known_name, rows[0]))):
        # A header is conclusive, however ragged the rows are.
        return _NAMED + named + share
    if share < (_ENOUGH if len(rows) > 2 else 1.0):
        return 0.0
    # Running text has commas too, but seldom equally many in nearly every line.
    return share + min(width, 20) / 100 if share >= _SURE or named else share / 2
