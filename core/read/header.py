"""The header of a table: which row holds the column names, and names that are unique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import ReadError
from core.read.names import is_known_name

#: Rows looked at for a header.
SEARCH_ROWS: Final = 30
_MAX_NAME_CHARS: Final = 40
#: A question of a survey as the services that make them export it; however long, it is a name.
_QUESTION = re.compile(
    r"[\[(（【](填空|单选|多选|简答|问答|排序|量表|打分|评分|矩阵\w{0,4}|下拉|必答|选答)题?[\])）】]\s*$"
)
_DATA = re.compile(r"^[\s¥$+-]*\d[\d\s.,:/%年月日时分秒TZ+-]*$|^https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """Row number of the header (0 = none), the column names, and how many filled rows stand above it."""

    row: int
    columns: tuple[str, ...]
    title_rows: int = 0


def is_data(cell: str) -> bool:
    """Tell whether a cell is a number, a date or a link, as no column name is.

    Example:
        >>> is_data("2024-01-02"), is_data("评论")
        (True, False)
    """
    return _DATA.match(cell) is not None


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Turn header cells into column names: empty ones become ``列N``, repeated ones get ``_2``, ``_3``, ….

    Example:
        >>> unique_names(["评论", "", "评论"])
        ('评论', '列2', '评论_2')
    """
    given = [" ".join(cell.split()) for cell in cells]
    wanted = [name or f"列{i}" for i, name in enumerate(given, 1)]
    used: set[str] = set()
    names: list[str] = []
    for own, base in zip(given, wanted, strict=True):
        name, number = base, 2
        # A name that stands in the file is kept for the column that has it.
        while name in used or (name != own and (name in given or (name != base and name in wanted))):
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        names.append(name)
    return tuple(names)


def find_header(rows: Sequence[tuple[int, Sequence[str]]], wanted: int | None = None) -> Header:
    """Find the header among the first rows of a table.

    Title rows above are passed over: they fill fewer cells than the table is wide. The first wide row is
    the header if it holds known column names, or short distinct words above columns of something else.

    Args:
        rows: (row number, cells) from the top of the file or sheet, about 100 of them.
        wanted: Row number that a person chose, 0 = no header; None = detect.

    Raises:
        ReadError: R02 all rows are empty, R12 the wanted row is empty or not there.
    """
    filled = [(number, _trimmed(cells)) for number, cells in rows]
    filled = [(number, cells) for number, cells in filled if cells]
    if not filled:
        raise ReadError("R02", "没有任何内容。", "请检查是否选对了文件或工作表。")
    if wanted is None:
        index = _header_index([cells for _, cells in filled])
    elif wanted == 0:
        index = None
    else:
        index = next((i for i, (number, _) in enumerate(filled) if number == wanted), None)
        if index is None:
            raise ReadError("R12", f"第 {wanted} 行是空行,或不是一行的开头,不能作表头。", "请选择写着列名的那一行。")
    if index is None:
        width = max(len(cells) for _, cells in filled)
        return Header(0, unique_names([""] * width))
    # A cell beyond the header in one of many rows is a stray one, not a column.
    widths = Counter(len(cells) for _, cells in filled[index + 1 :])
    cells = list(filled[index][1])
    if widths and widths[len(cells)] < max(widths.values()):
        cells += [""] * (widths.most_common(1)[0][0] - len(cells))
    return Header(filled[index][0], unique_names(cells), title_rows=index)


def _trimmed(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _header_index(rows: list[list[str]]) -> int | None:
    """Index of the header among filled rows, None = the table has none."""
    top = rows[:SEARCH_ROWS]
    known = [_known(cells) for cells in top]
    best = known.index(max(known))
    if known[best] >= 2 and not any(is_data(cell.strip()) for cell in top[best]):
        return best
    usual = Counter(_count(cells) for cells in rows).most_common(1)[0][0]
    first = next(i for i, cells in enumerate(rows) if _count(cells) >= 0.6 * usual)
    return first if _is_header(rows[first], rows[first + 1 :]) else None


def _known(cells: list[str]) -> int:
    return sum(is_known_name(cell) for cell in cells)


def _count(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _could_be_names(cells: list[str]) -> bool:
    names = [cell.strip() for cell in cells if cell.strip()]
    return all((len(name) <= _MAX_NAME_CHARS and not is_data(name)) or _QUESTION.search(name) for name in names)


def _is_header(cells: list[str], below: list[list[str]]) -> bool:
    if not _could_be_names(cells):
        return False
    if _known(cells) or any(map(_QUESTION.search, cells)):
        return True
    if len(cells) == 1 or len(set(cells)) < len(cells):
        return False
    return any(_differs(name, [row[i] for row in below if i < len(row)]) for i, name in enumerate(cells))


def _differs(name: str, values: list[str]) -> bool:
    """Tell whether a column holds numbers, dates or long texts under a short word."""
    held = [value.strip() for value in values if value.strip()]
    if not held or not name.strip():
        return False
    data = sum(map(is_data, held))
    mean = sum(map(len, held)) / len(held)
    return data >= 0.6 * len(held) or mean > max(8, 2 * len(name))
