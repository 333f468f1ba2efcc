"""Find the header of a table: which row holds the column names; and make the names unique."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from core.errors import ReadError
from core.read.names import is_known_name, is_like_a_name

#: Rows searched for a header.
SEARCH_ROWS: Final = 30
_MAX_NAME_CHARS: Final = 40
#: Maximum number of name rows above the one with the most names.
_MOST_ABOVE: Final = 2
_TELLING_CHARS: Final = 4
#: A survey question as survey services export it; it is a name however long it is.
_QUESTION = re.compile(
    r"[\[(（【](填空|单选|多选|简答|问答|排序|量表|打分|评分|矩阵\w{0,4}|下拉|必答|选答)题?[\])）】]\s*$"
)
_DATA = re.compile(r"^[\s¥$+-]*\d[\d\s.,:/%年月日时分秒TZ+-]*$|^https?://", re.IGNORECASE)
#: Wording of opinions, which never occurs in a column name.
_SAID = re.compile(r"^(很|太|非常|特别|挺|蛮|不错|还行|还可以|一般般|没(什么|有))|[了吧啊呢呀哦嘛!！。~～…]$")


@dataclass(frozen=True, slots=True)
class Header:
    """The position and contents of a header.

    Attributes:
        row: Its row number, the lowest if it spans several rows; 0 = none.
        columns: The column names.
        title_rows: Number of filled rows above it.
        upper_row: Row number of the uppermost of several name rows; 0 = the header is one row.
        guessed: Whether none of its names is a known one, so that it was inferred from the rows below.
    """

    row: int
    columns: tuple[str, ...]
    title_rows: int = 0
    upper_row: int = 0
    guessed: bool = False


def is_data(cell: str) -> bool:
    """Return whether a cell is a number, a date or a link, which a column name never is.

    Example:
        >>> is_data("2024-01-02"), is_data("评论")
        (True, False)
    """
    return _DATA.match(cell) is not None


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Convert header cells to column names: empty ones become ``列N``, duplicates get ``_2``, ``_3``, ….

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
        # A generated name never takes one that occurs in the file.
        while name in used or (name != own and (name in given or (name != base and name in wanted))):
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        names.append(name)
    return tuple(names)


def find_header(rows: Sequence[tuple[int, Sequence[str]]], wanted: int | None = None) -> Header:
    """Find the header among the first rows of a table.

    Title rows above are skipped: they fill fewer cells than the table is wide. The first wide row is
    the header if it holds known column names, or short distinct words above columns of something else.
    A row of known names right below it is part of it, as under merged cells or in a second language.

    Args:
        rows: (row number, cells) from the top of the file or sheet, about 100 of them.
        wanted: Row number chosen by the user, 0 = no header; None = detect.

    Raises:
        ReadError: R02 all rows are empty, R12 the wanted row is empty or missing.
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
    names = list(filled[index][1])
    guessed = wanted is None and not any(map(is_like_a_name, names)) and not any(map(_QUESTION.search, names))
    upper, below = 0, [cells for _, cells in filled[index + 1 :]]
    top = index
    if wanted is None:
        while top and index - top < _MOST_ABOVE and (more := _names_above(names, filled[top - 1][1], below)):
            top, names = top - 1, more
            upper = filled[top][0]
        if below and _names_on(names, below[0]):
            upper, names = upper or filled[index][0], _joined(names, below.pop(0))
            index += 1
    # A cell beyond the header in one of many rows is stray, not a column.
    widths = Counter(map(len, below))
    if widths and widths[len(names)] < max(widths.values()):
        names += [""] * (widths.most_common(1)[0][0] - len(names))
    return Header(filled[index][0], unique_names(names), top, upper, guessed)


def _trimmed(cells: Sequence[str]) -> list[str]:
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _header_index(rows: list[list[str]]) -> int | None:
    """Return the index of the header among filled rows, None = the table has none."""
    top = rows[:SEARCH_ROWS]
    known = [_known(cells) for cells in top]
    for index in sorted(range(len(top)), key=known.__getitem__, reverse=True):
        if known[index] >= 2 and _holds_names(rows, index):
            return index
    usual = Counter(_count(cells) for cells in rows).most_common(1)[0][0]
    first = next(i for i, cells in enumerate(rows) if _count(cells) >= 0.6 * usual)
    return first if _is_header(rows[first], rows[first + 1 :]) else None


def _holds_names(rows: list[list[str]], index: int) -> bool:
    """Return whether a row with known names is a header, not a data row with words such as 建议 and 商品 in it."""
    cells, below = rows[index], rows[index + 1 :]
    if any(is_data(cell.strip()) for cell in cells):
        return False
    if _known(cells) == _count(cells):
        # A data row may contain 评论, but never 评论内容 or 用户昵称.
        telling = any(len(cell.strip()) >= _TELLING_CHARS for cell in cells)
        return index == 0 or telling or _are_titles(rows[:index], cells, below) or _stands_above(cells, below)
    if _are_titles(rows[:index], cells, below) and not _is_category(cells, below):
        return True
    columns = _columns(cells, below)
    upper = [row for row in rows[:index] if _could_be_names(row)]
    return _are_above_data(cells, columns) and not any(_are_above_data(row, columns) for row in upper)


def _are_titles(above: list[list[str]], cells: list[str], below: list[list[str]]) -> bool:
    """Return whether the rows above are titles and not rows of the table.

    They fill fewer distinct cells (a name over several columns counts once), or have a number where it has none.
    """
    plain = [i for i, values in enumerate(_columns(cells, below)) if values and not any(map(is_data, values))]
    return all(
        len(set(filter(None, map(str.strip, row)))) < _count(cells)
        or any(i < len(row) and is_data(row[i].strip()) for i in plain)
        for row in above
    )


def _is_category(cells: list[str], below: list[list[str]]) -> bool:
    """Return whether a cell is one of a few words that its column repeats, which a column name never is."""
    for name, values in zip(cells, _columns(cells, below), strict=True):
        if values.count(name) > 0.05 * len(values) and 2 * len(set(values)) <= len(values) + 1 >= 4:
            return True
    return False


def _columns(cells: list[str], below: list[list[str]]) -> list[list[str]]:
    """Return the filled cells below each of ``cells``, skipping repeated headers of concatenated files."""
    rows = [row for row in below if row != cells]
    return [[row[i].strip() for row in rows if i < len(row) and row[i].strip()] for i in range(len(cells))]


def _names_on(names: list[str], cells: list[str]) -> bool:
    """Return whether the row right below a header also holds names: for columns without one, or in another script."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 2 or not all(map(is_known_name, filled)):
        return False
    both = list(zip_longest(names, cells, fillvalue=""))
    gaps = [below for above, below in both if not above.strip()]
    if gaps or len(cells) > len(names):
        # the names below one that spans several columns are in the gaps after it and below itself
        return any(map(str.strip, gaps)) and all(map(str.strip, gaps))
    return "".join(filled).isascii() != "".join(names).isascii() and _count(cells) == _count(names)


def _names_above(names: list[str], cells: list[str], below: list[list[str]]) -> list[str]:
    """Return the names with gaps filled from the row above, [] if it fills none: cells are merged across rows there."""
    if not names or not below or _count(cells) < 2:
        return []
    usual = Counter(map(len, below)).most_common(1)[0][0]
    width = max(len(names), min(len(cells), usual))
    names = names + [""] * (width - len(names))
    taken = [i for i, (own, cell) in enumerate(zip(names, cells, strict=False)) if not own.strip() and cell.strip()]
    # A title above an unnamed first column is not a name either.
    if not taken or not all(is_like_a_name(cells[i]) for i in taken):
        return []
    return [cells[i] if i in taken else own for i, own in enumerate(names)]


def _joined(names: list[str], lower: list[str]) -> list[str]:
    """Return the names of two rows: those of the lower row, or of the upper one where the lower is empty."""
    return [below if below.strip() else above for above, below in zip_longest(names, lower, fillvalue="")]


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
    columns = _columns(cells, below)
    if _known(cells) or any(map(_QUESTION.search, cells)):
        return _are_above_data(cells, columns) or not _is_category(cells, below)
    if len(cells) == 1 or len(set(cells)) < len(cells):
        return False
    if sum(map(is_like_a_name, cells)) >= 2 or _are_above_data(cells, columns):
        return True
    return any(map(_is_above_texts, cells, columns)) and not any(map(_is_like_its_column, cells, columns))


def _stands_above(cells: list[str], below: list[list[str]]) -> bool:
    """Return whether a cell is above numbers or dates, or is a short word above long texts."""
    columns = _columns(cells, below)
    return _are_above_data(cells, columns) or any(map(_is_above_texts, cells, columns))


def _are_above_data(cells: list[str], columns: list[list[str]]) -> bool:
    """Return whether a cell that is not a number or date is above some."""
    return any(
        cell.strip() and not is_data(cell.strip()) and values and sum(map(is_data, values)) >= 0.6 * len(values)
        for cell, values in zip(cells, columns, strict=False)
    )


def _is_above_texts(name: str, values: list[str]) -> bool:
    return bool(name.strip()) and bool(values) and sum(map(len, values)) / len(values) > max(8, 2 * len(name))


def _is_like_its_column(name: str, values: list[str]) -> bool:
    """Return whether a word recurs below, has the form of all words below it (甲店, 乙店), or is an opinion."""
    word = name.strip()
    if not word or not values:
        return False
    alike = len({len(value) for value in [word, *values]}) == 1 and len(word) > 1
    ends = {value[0] for value in [word, *values]}, {value[-1] for value in [word, *values]}
    return word in values or (alike and 1 in map(len, ends)) or _SAID.search(word) is not None
