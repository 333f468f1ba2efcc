"""``analyse compare``: groups of comments side by side."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from core.commands import console
from core.commands.opened import add_target, opened
from core.schema import NEGATIVE, Filter

if TYPE_CHECKING:
    import pandas as pd

    from core.store import LabelledTable

__all__ = ["TITLE", "add", "rows"]

TITLE = "各组对比"
#: Most groups written, largest first.
_GROUPS: Final = 1000


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    parser.add_argument(
        "--by", metavar="列名", help="按文件里的哪一列分组;也可写 商品、来源、文件、月份、评分;默认第一个有几组的"
    )
    parser.add_argument("--against", metavar="值", help="拿各组和这一组比;默认和其余评论比")


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per group, the largest first.

    Raises:
        InputError: N03 no such column, N07 no such group.
    """
    with opened(arguments) as found:
        return _compare(found.table, arguments.by, arguments.against)


def _compare(table: LabelledTable, name: str | None, against: str | None) -> pd.DataFrame:
    import pandas as pd

    from core.analyse import compare
    from core.chart import column_title, value_title
    from core.commands.grouping import default_column, group_column
    from core.errors import InputError

    by = group_column(table, name) if name else default_column(table)
    result = compare(table, Filter(), by, limit=_GROUPS, reference=against)
    if against is not None and result.reference is None:
        raise InputError("N07", f"没有 {against!r} 这一组。", "请检查 --against 的值。")
    if result.groups_in_all > len(result.groups):
        console.warn(f"提示:共 {result.groups_in_all:,} 组,只写最大的 {len(result.groups):,} 组。")
    if name is None:
        console.warn(f"提示:按{column_title(by)}分组;可以用 --by 换一列。")
    groups = result.groups
    shares = [group.shares[NEGATIVE] for group in groups]
    held = "与其余之差" if result.reference is None else "与对照组之差"
    return pd.DataFrame(
        {
            "组": [value_title(by, group.name) for group in groups],
            "评论数": [group.n for group in groups],
            "声量占比": [round(group.voice.value, 4) for group in groups],
            "负面数": [share.count for share in shares],
            "负面占比": [round(share.value, 4) for share in shares],
            "下限": [round(share.low, 4) for share in shares],
            "上限": [round(share.high, 4) for share in shares],
            held: [round(group.difference.value, 4) for group in groups],
            "差下限": [round(group.difference.low, 4) for group in groups],
            "差上限": [round(group.difference.high, 4) for group in groups],
            "p校正": [float(f"{group.p_adjusted:.3g}") for group in groups],
            "声量下限": [round(group.voice.low, 4) for group in groups],
            "声量上限": [round(group.voice.high, 4) for group in groups],
            "平均评分": [round(group.mean_rating, 3) for group in groups],
            "不同的评论": [group.once for group in groups],
        }
    )
