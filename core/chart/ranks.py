"""A slope chart: ranks of groups in two periods, connected by lines."""

from __future__ import annotations

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
    side_title,
)
from core.chart.theme import LABEL_COLORS, Picture, dress, palette, rows
from core.metrics import SIGNIFICANCE_LEVEL
from core.results import Rank, RankLine, Ranks
from core.schema import LABELS, NEGATIVE, NEUTRAL, POSITIVE, Share

__all__ = ["ranks"]

_UP, _DOWN, _ALIKE = "明显上升", "明显下降", "没有明显变化"
_NAME_EM: Final = 12


def ranks(result: Ranks, *, width: int = 300, dark: bool = False) -> Picture | None:
    """Draw the ranking of the groups in both periods; the highest share is at the top.

    Next to each name are its rank and, in brackets, the ranks that its comments do not rule out. Coloured lines
    are groups whose share changed at the 5 % level after Holm's correction. A click sets the point selection
    ``rank``, whose field ``name`` is the value of the group.

    Args:
        result: From ``core.analyse.ranks``.
        width: Distance between the two periods, pixels.
        dark: Dark theme.

    Returns:
        The chart; None with fewer than two groups.
    """
    if len(result.lines) < 2:
        return None
    data = rows([record for line in result.lines for record in _records(line)])
    click = alt.selection_point(name="rank", fields=["name"])
    label = LABELS[result.label]
    base = alt.Chart().encode(
        y=alt.Y("rank:Q", scale=alt.Scale(reverse=True, domain=[0.5, len(result.lines) + 0.5]), axis=None),
        color=alt.Color("verdict:N", scale=_scale(result.label), legend=alt.Legend(symbolType="circle", offset=20)),
        detail="name:N",
        opacity=alt.condition(click, alt.value(1), alt.value(0.25)),
        tooltip=_tooltip(result),
    )
    x = alt.X("period:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    lines = base.mark_line(strokeWidth=2.5).encode(x=x)
    dots = base.mark_circle(size=110, cursor="pointer").encode(x=x)
    text = alt.value(palette(dark).text)
    left = base.mark_text(align="right", dx=-10).encode(x=x, text="said:N", color=text)
    right = base.mark_text(align="left", dx=10).encode(x=x, text="said:N", color=text)
    heads = alt.Chart(rows([{"p": 0, "t": side_title(result.before)}, {"p": 1, "t": side_title(result.after)}]))
    top = heads.mark_text(baseline="bottom", fontWeight=600, fontSize=11, color=palette(dark).quiet).encode(
        x=alt.X("p:Q", scale=alt.Scale(domain=[0, 1]), axis=None), y=alt.value(2), text="t:N"
    )
    chart = alt.layer(
        lines,
        dots.add_params(click),
        left.transform_filter("datum.period == 0"),
        right.transform_filter("datum.period == 1"),
        top,
        data=data,
    ).properties(width=width, height=30 * len(result.lines))
    title = f"按{label}占比的名次变化"
    return dress(chart, title, _caption(result), width=width + 380, dark=dark)  # type: ignore[no-any-return]


def _records(line: RankLine) -> list[dict[str, Any]]:
    shared = {
        "name": line.name,
        "verdict": _verdict(line),
        "before": format_share(line.before),
        "after": format_share(line.after),
        "moved": f"第 {_place(line.rank_before)} 名 → 第 {_place(line.rank_after)} 名",
        "change": format_change(line.difference),
        "p": format_p(line.p_adjusted),
    }
    name = short_name(line.name, _NAME_EM)
    pairs = ((0, line.rank_before, line.before), (1, line.rank_after, line.after))
    return [
        {**shared, "period": period, "rank": rank.place, "said": _said(name, rank, share)}
        for period, rank, share in pairs
    ]


def _said(name: str, rank: Rank, share: Share) -> str:
    return f"{_place(rank)} {name} {format_percent(share.value)}"


def _place(rank: Rank) -> str:
    return str(rank.place) if rank.low == rank.high else f"{rank.place} ({rank.low}–{rank.high})"


def _verdict(line: RankLine) -> str:
    if math.isnan(line.p_adjusted) or line.p_adjusted >= SIGNIFICANCE_LEVEL:
        return _ALIKE
    return _UP if line.difference.value > 0 else _DOWN


def _scale(label: int) -> alt.Scale:
    more, less = (POSITIVE, NEGATIVE) if label == POSITIVE else (NEGATIVE, POSITIVE)
    colors = [LABEL_COLORS[more], LABEL_COLORS[less], LABEL_COLORS[NEUTRAL]]
    return alt.Scale(domain=[_UP, _DOWN, _ALIKE], range=colors)


def _tooltip(result: Ranks) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=column_title(result.by)),
        alt.Tooltip("moved:N", title="名次"),
        alt.Tooltip("before:N", title=side_title(result.before)),
        alt.Tooltip("after:N", title=side_title(result.after)),
        alt.Tooltip("change:N", title="变化"),
        alt.Tooltip("p:N", title="校正后"),
    ]


def _caption(result: Ranks) -> str:
    return caption(
        sum(line.before.n + line.after.n for line in result.lines),
        result.filter,
        f"两段时间各至少 {result.least} 条的组",
        f"另有 {format_count(result.left_out)} 组太少,未列出" if result.left_out else "",
        "括号里是可能的名次(两两比较,Holm 校正,同时成立的把握为 95%)",
        "占比变化的 p 值经 Holm 校正",
    )
