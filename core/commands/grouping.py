"""Resolve the group options of the command line: a role, a month, or a column of the file."""

from __future__ import annotations

from typing import Final

from core.analyse import MONTH, choices, mark_of_group
from core.errors import InputError
from core.schema import Col, Filter, Table, original

__all__ = ["default_column", "group_column", "group_filter"]

#: Groupings besides the columns of the file, in either language.
_NAMES: Final = {
    "商品": Col.PRODUCT,
    "product": Col.PRODUCT,
    "来源": Col.SOURCE,
    "source": Col.SOURCE,
    "文件": Col.FILE,
    "file": Col.FILE,
    "月份": MONTH,
    "month": MONTH,
    "评分": Col.RATING,
    "rating": Col.RATING,
    "作者": Col.AUTHOR,
    "author": Col.AUTHOR,
}


def group_column(table: Table, name: str) -> str:
    """Return the ``by`` for ``core.analyse.compare``; a column of the file takes precedence over a role of its name.

    Raises:
        InputError: N03 no such column.
    """
    if name in table.original_columns:
        return original(name)
    if name in _NAMES:
        return _NAMES[name]
    known = "、".join((*table.original_columns, "商品", "来源", "文件", "月份", "评分", "作者"))
    raise InputError("N03", f"不能按 {name!r} 分组,没有这一列。", f"可选:{known}。")


def default_column(table: Table) -> str:
    """Return the first of product, source and file that has several values, else the month."""
    offered = choices(table).distinct
    pairs = ((Col.PRODUCT, "products"), (Col.SOURCE, "sources"), (Col.FILE, "files"))
    return next((column for column, name in pairs if offered[name] > 1), MONTH)


def group_filter(by: str, value: str) -> Filter:
    """Return the filter that selects one group.

    Raises:
        InputError: N02 an invalid month, N07 a rating that is not a number.
    """
    try:
        found = mark_of_group(by, value)
    except ValueError as exc:
        what = "月份" if by == MONTH else "评分"
        raise InputError("N07", f"{value!r} 不是{what}。", "月份写成 2026-03 这样,评分写成数字。") from exc
    if found is None:
        raise InputError("N07", "没有说明是哪一组。", "请给出月份或评分。")
    return found
