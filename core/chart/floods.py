"""Suspicious groups of comments: their sizes, and the reasons in words."""

from __future__ import annotations

import math
from typing import Any, Final

import altair as alt
import pandas as pd

from core.chart.tables import numbers
from core.chart.text import caption, format_change, format_count, format_percent, format_share, short_name
from core.chart.theme import LABEL_ORDER, LABEL_SCALE, Picture, dress, rows, titled_axis
from core.results import Difference, Flood, Floods, Without
from core.schema import LABELS

__all__ = ["describe_flood", "describe_without", "floods"]

_MOST: Final = 15
_NAME_EM: Final = 18


def floods(result: Floods, *, width: int = 380, dark: bool = False) -> Picture | None:
    """Draw the size of each suspicious group by label.

    A click sets the point selection ``flood``, whose field ``number`` is the group's number.

    Args:
        result: From ``core.analyse.floods``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None without a group.
    """
    shown = result.floods[:_MOST]
    if not shown:
        return None
    click = alt.selection_point(name="flood", fields=["number"])
    data = rows([record for flood in shown for record in _records(flood)])
    titles = {str(f.number): f"{f.number} · {short_name(_beginning(f), _NAME_EM)}" for f in shown}
    bars = (
        alt.Chart(data)
        .mark_bar(height={"band": 0.7}, cursor="pointer")
        .encode(
            y=alt.Y("key:N", sort=[str(f.number) for f in shown], title=None, axis=titled_axis(titles)),
            x=alt.X("count:Q", title="条数", axis=alt.Axis(tickMinStep=1, tickCount=6)),
            color=alt.Color("label:N", scale=LABEL_SCALE),
            order=alt.Order("rank:Q"),
            opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
            tooltip=[
                alt.Tooltip("number:Q", title="组号"),
                alt.Tooltip("label:N", title="情感"),
                alt.Tooltip("count:Q", title="条数", format=","),
                alt.Tooltip("why:N", title="为什么"),
            ],
        )
    )
    chart = bars.transform_calculate(rank=LABEL_ORDER).add_params(click).properties(width=width, height=alt.Step(24))
    left_out = result.groups - len(shown)
    said = caption(
        result.without.removed.n,
        result.filter,
        f"{format_count(result.groups)} 组共 {format_count(result.without.removed.count)} 条",
        f"另有 {format_count(left_out)} 组未画出" if left_out > 0 else "",
    )
    return dress(chart, "疑似雷同的评论,最大的几组", said, width=width + 230, dark=dark)  # type: ignore[no-any-return]


def describe_flood(flood: Flood) -> str:
    """Explain in one sentence, with numbers, why a group is suspicious.

    Example:
        >>> describe_flood(Flood(1, False, (0, 0, 6), 6, 5, 2, 5, 3, 0.8712, 5.0, None, None,
        ...     ("accounts", "burst", "copies", "templates", "praise"), ()))
        '6 条文字几乎相同(平均相似度 87.1%,3 种写法),来自 5 个昵称,其中 5 条集中在 1 小时内,平均评分 5 分'
    """
    if flood.fast:
        said = [f"同一个昵称 1 小时内最多发了 {format_count(flood.busiest)} 条不同的评论"]
    else:
        ways = f",{format_count(flood.texts)} 种写法" if flood.texts > 1 else ""
        alike = "完全相同" if flood.texts == 1 else f"几乎相同(平均相似度 {format_percent(flood.similar)}{ways})"
        said = [f"{format_count(flood.copies)} 条文字{alike}"]
        if flood.accounts:
            said.append(f"来自 {format_count(flood.accounts)} 个昵称")
        if "account" in flood.rules:
            said.append(f"一个昵称就发了 {format_count(flood.by_one)} 条")
        if "burst" in flood.rules:
            said.append(f"其中 {format_count(flood.busiest)} 条集中在 1 小时内")
    if not math.isnan(flood.rating):
        said.append(f"平均评分 {flood.rating:.2g} 分")
    return ",".join(said)


def describe_without(result: Without) -> str:
    """Describe how many comments excluding the groups removes and how the negative share changes."""
    if not result.removed.count:
        return "没有疑似雷同的评论,数字不变。"
    said = f"剔除 {format_share(result.removed)};负面占比 {format_share(result.whole)} → {format_share(result.rest)}"
    if math.isnan(result.change.value):
        return said + "。"
    return f"{said};剔除的与其余的相差 {format_change(_turned(result.change))}。"


def _turned(change: Difference) -> Difference:
    """Return the opposite difference: removed minus remaining."""
    return Difference(-change.value, -change.high, -change.low, change.p)


def _beginning(flood: Flood) -> str:
    return " ".join(flood.quotes[0].text.split()) if flood.quotes else ""


def _records(flood: Flood) -> list[dict[str, Any]]:
    shared = {"key": str(flood.number), "number": flood.number, "why": describe_flood(flood)}
    return [{**shared, "label": label, "count": n} for label, n in zip(LABELS, flood.counts, strict=True) if n]


@numbers.register
def _(result: Floods) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "组号": flood.number,
                "条数": flood.n,
                **dict(zip(LABELS, flood.counts, strict=True)),
                "昵称数": flood.accounts,
                "写法": flood.texts,
                "最早": flood.first,
                "最晚": flood.last,
                "理由": describe_flood(flood),
                "原文": _beginning(flood),
            }
            for flood in result.floods
        ],
        columns=["组号", "条数", *LABELS, "昵称数", "写法", "最早", "最晚", "理由", "原文"],
    )
