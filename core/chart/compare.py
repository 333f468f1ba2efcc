"""Groups of comments side by side, each share with its interval."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import altair as alt

from core.chart.text import (
    caption,
    column_title,
    format_change,
    format_count,
    format_p,
    format_percent,
    format_share,
    short_name,
    value_title,
)
from core.chart.theme import BESIDE, LABEL_COLORS, Picture, dress, palette, rows
from core.results import Comparison, Group
from core.schema import LABELS, NEGATIVE, NEUTRAL, POSITIVE

__all__ = ["compare"]

#: Below this adjusted p-value a group is coloured as different from the rest.
_LEVEL: Final = 0.05
#: Room for a name, em.
_NAME_EM: Final = 18
_HIGHER, _LOWER, _ALIKE = "明显高于其余", "明显低于其余", "与其余无明显差别"


def compare(result: Comparison, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the share of one label in each group.

    A dot is the share, the line through it the 95 % interval, the dashed line the share over all rows. Coloured
    dots differ from all other rows at the 5 % level after Holm's correction. A click sets the point selection
    ``group``, whose field ``name`` is the value of the group ("" = unknown).

    Args:
        result: From ``core.analyse.compare``.
        width: Of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when there is no group.
    """
    if not result.groups:
        return None
    click = alt.selection_point(name="group", fields=["name"])
    data = rows([_record(group, result.label, result.by) for group in result.groups])
    base = alt.Chart().encode(
        y=alt.Y("name:N", sort=[group.name for group in result.groups], title=None, axis=_names(result)),
        color=alt.Color("verdict:N", scale=_scale(result.label), legend=alt.Legend(symbolType="circle")),
        opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
        tooltip=_tooltip(result),
    )
    look: dict[str, Any] = {"title": f"{LABELS[result.label]}占比", "axis": alt.Axis(format="%", tickCount=6)}
    whiskers = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", **look), x2="high:Q")
    dots = base.mark_circle(size=90, cursor="pointer").encode(x=alt.X("share:Q", **look))
    total = alt.Chart(rows([{"total": result.total.value}])).mark_rule(strokeDash=[4, 3], color=palette(dark).quiet)
    said = base.mark_text(align="left", color=palette(dark).text).encode(
        x=BESIDE, text="short:N", color=alt.value(palette(dark).text)
    )
    chart = alt.layer(total.encode(x="total:Q"), whiskers, dots.add_params(click), said, data=data)
    chart = chart.properties(width=width, height=alt.Step(24))
    title = f"按{column_title(result.by)}比较{LABELS[result.label]}占比"
    return dress(chart, title, _caption(result), width=width + 250, dark=dark)  # type: ignore[no-any-return]


def _record(group: Group, label: int, by: str) -> dict[str, Any]:
    share = group.shares[label]
    return {
        "name": group.name,
        "title": value_title(by, group.name),
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "said": format_share(share),
        "short": f"{format_percent(share.value)}  n={format_count(group.n)}",
        "change": format_change(group.difference),
        "p": format_p(group.p_adjusted),
        "verdict": _verdict(group),
    }


def _verdict(group: Group) -> str:
    if math.isnan(group.p_adjusted) or group.p_adjusted >= _LEVEL:
        return _ALIKE
    return _HIGHER if group.difference.value > 0 else _LOWER


def _scale(label: int) -> alt.Scale:
    """More of a bad thing is vermilion, less of it blue; for the positive label the other way round."""
    more, less = (POSITIVE, NEGATIVE) if label == POSITIVE else (NEGATIVE, POSITIVE)
    colors = [LABEL_COLORS[more], LABEL_COLORS[less], LABEL_COLORS[NEUTRAL]]
    return alt.Scale(domain=[_HIGHER, _LOWER, _ALIKE], range=colors)


def _names(result: Comparison) -> alt.Axis:
    titles = {group.name: short_name(value_title(result.by, group.name), _NAME_EM) for group in result.groups}
    expression = f"{json.dumps(titles, ensure_ascii=False)}[datum.label]"
    return alt.Axis(ticks=False, domain=False, labelPadding=8, labelOverlap=False, labelLimit=0, labelExpr=expression)


def _tooltip(result: Comparison) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("title:N", title=column_title(result.by)),
        alt.Tooltip("said:N", title=f"{LABELS[result.label]}占比"),
        alt.Tooltip("change:N", title="与其余评论相差"),
        alt.Tooltip("p:N", title="校正后"),
    ]


def _caption(result: Comparison) -> str:
    left_out = result.groups_in_all - len(result.groups)
    return caption(
        result.total.n,
        result.filter,
        f"虚线为总体 {format_share(result.total)}",
        f"另有 {format_count(left_out)} 组未列出" if left_out else "",
        "横线为 95% 区间",
    )
