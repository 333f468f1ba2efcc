"""``analyse floods``: the comments of suspicious groups, each with the reason."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from core.commands import console
from core.commands.opened import Opened, add_target, opened
from core.schema import Col, Filter

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TITLE", "add", "rows"]

TITLE = "异常与水军"
#: Limit on the groups: in effect, none.
_GROUPS: Final = 1_000_000


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    parser.add_argument("--author", metavar="列名", help="作者(昵称)在哪一列;默认自动识别")


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per comment of a group, the largest group first."""
    with opened(arguments) as found:
        return _floods(found)


def _floods(found: Opened) -> pd.DataFrame:
    from core import analyse
    from core.chart import describe_flood, describe_without
    from core.derive import Floods

    view = found.derive(Floods())
    facts = found.store.derived(found.job_id).facts(view) or {}
    result = analyse.floods(found.table, Filter(), view, facts, limit=_GROUPS)
    if not result.authors:
        console.warn("提示:没有作者列或昵称都是打码、匿名的,只能按文字判断。")
    console.warn(describe_without(result.without))
    reasons = {flood.number: "疑似:" + describe_flood(flood) for flood in result.floods}
    frame = found.table.query(
        f"""SELECT flood AS 组号, {Col.ROW_NUMBER} AS 行号, {Col.AUTHOR} AS 作者,
                   coalesce(strftime({Col.TIME}, '%Y-%m-%d %H:%M:%S'), '') AS 时间, {Col.TEXT} AS 文本,
                   count(*) OVER (PARTITION BY flood) AS 组大小
            FROM comments JOIN {view} USING ({Col.ROW}) ORDER BY flood, {Col.ROW}"""
    )
    return frame.assign(理由=frame["组号"].map(reasons).astype("str"))
