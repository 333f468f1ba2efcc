"""How much ratings flatter: ratings and texts of the same comments, group by group."""

from __future__ import annotations

from typing import Any, Final

import altair as alt

from core.chart.text import (
    caption,
    column_title,
    format_change,
    format_copies,
    format_count,
    format_p,
    format_points,
    format_share,
    short_name,
    value_title,
)
from core.chart.theme import BESIDE, LABEL_COLORS, SIDE_COLORS, Picture, dress, palette, rows, titled_axis
from core.results import Flattery, Stars
from core.schema import POSITIVE

__all__ = ["flattery"]

_TEXTS: Final = "正面评论占比"
#: Most em of a name.
_NAME_EM: Final = 14


def flattery(result: Stars, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw each group's shares of many stars and of positive texts, connected by a line.

    A line through a dot is its 95 % interval; next to it is the paired difference in percentage points. The first
    row is all rated comments. A click sets the point selection ``group``, whose field ``name`` is the value of the
    group.

    Args:
        result: From ``core.analyse.stars``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when no comment is rated.
    """
    if result.total.stars.n == 0:
        return None
    stars = f"{result.many:g} 分及以上占比"
    listed = [(True, result.total), *((False, group) for group in result.groups)]
    data = rows([_record(result, group, whole, stars, kind) for whole, group in listed for kind in (0, 1)])
    titles = {_key(group, whole): _title(result, group, whole) for whole, group in listed}
    click = alt.selection_point(name="group", fields=["name"])
    base = alt.Chart().encode(
        y=alt.Y("key:N", sort=[_key(group, whole) for whole, group in listed], title=None, axis=titled_axis(titles)),
        tooltip=_tooltip(result, stars),
    )
    look: dict[str, Any] = {"title": None, "axis": alt.Axis(format="%", tickCount=5)}
    scale = alt.Scale(domain=[stars, _TEXTS], range=[SIDE_COLORS[0], LABEL_COLORS[POSITIVE]])
    color = alt.Color("kind:N", scale=scale, legend=alt.Legend(symbolType="circle"))
    faded = alt.condition(click, alt.value(1), alt.value(0.35))
    joins = base.mark_rule(color=palette(dark).line, strokeWidth=5).encode(x=alt.X("stars:Q", **look), x2="texts:Q")
    whiskers = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", **look), x2="high:Q", color=color, opacity=faded)
    dots = base.mark_circle(size=80, cursor="pointer").encode(x=alt.X("share:Q", **look), color=color, opacity=faded)
    said = base.mark_text(align="left").encode(x=BESIDE, text="short:N", color=alt.value(palette(dark).text))
    chart = alt.layer(joins, whiskers, dots.add_params(click), said, data=data)
    chart = chart.properties(width=width, height=alt.Step(24))
    return dress(chart, "星级与文字相差多少", _caption(result), width=width + 375, dark=dark)  # type: ignore[no-any-return]


def _key(group: Flattery, whole: bool) -> str:
    return "all" if whole else f"group {group.name}"


def _title(result: Stars, group: Flattery, whole: bool) -> str:
    return "全部有评分的" if whole else short_name(value_title(result.by, group.name), _NAME_EM)


def _record(result: Stars, group: Flattery, whole: bool, stars: str, kind: int) -> dict[str, Any]:
    share = (group.stars, group.texts)[kind]
    return {
        "key": _key(group, whole),
        "name": None if whole else group.name,
        "title": "全部有评分的" if whole else value_title(result.by, group.name),
        "kind": (stars, _TEXTS)[kind],
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "stars": group.stars.value,
        "texts": group.texts.value,
        "said_stars": format_share(group.stars),
        "said_texts": format_share(group.texts),
        "change": format_change(group.difference),
        "p": format_p(group.p_adjusted),
        "short": format_points(group.difference, group.stars.n),
    }


def _tooltip(result: Stars, stars: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("title:N", title=column_title(result.by)),
        alt.Tooltip("said_stars:N", title=stars),
        alt.Tooltip("said_texts:N", title=_TEXTS),
        alt.Tooltip("change:N", title="星级减文字"),
        alt.Tooltip("p:N", title="校正后"),
    ]


def _caption(result: Stars) -> str:
    left_out = result.groups_in_all - len(result.groups)
    return caption(
        result.total.stars.n,
        result.filter,
        f"同一批有评分的评论:{result.many:g} 分及以上(满分 {result.scale:g})的占比减去文字为正面的占比",
        "中性文字不算正面",
        "配对差的 95% 区间(Newcombe)",
        "各组 p 值经 Holm 校正",
        f"另有 {format_count(left_out)} 组未列出" if left_out > 0 else "",
        format_copies(result.again),
    )
