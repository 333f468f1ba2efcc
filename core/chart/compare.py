"""Comparison of groups of comments: each share with its interval, the differences, and the share of voice."""

from __future__ import annotations

import math
from typing import Any, Final

import altair as alt

from core.chart.share_bars import ShareBar, share_bars
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
    text_width,
    value_title,
)
from core.chart.theme import APART, BESIDE, LABEL_COLORS, Picture, dress, palette, rows, titled_axis
from core.metrics import SIGNIFICANCE_LEVEL
from core.results import Comparison, Group
from core.schema import LABELS, NEGATIVE, NEUTRAL, POSITIVE

__all__ = ["compare", "differences", "voices"]

#: Most em of a name; longer ones than ``_FREE_EM`` take their room from the plot, down to ``_NARROWEST`` pixels.
_NAME_EM: Final = 17
_LABEL_SIZE: Final = 12
_FREE_EM: Final = 5
_NARROWEST: Final = 100
#: Width of an axis label with its spacing, pixels.
_TICK: Final = 44
#: Width of a legend symbol and of the numbers to the right of the plot, pixels.
_SIGN: Final = 22
_NUMBERS: Final = 150


def compare(result: Comparison, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the share of one label in each group.

    A dot is the share, the line through it the 95 % interval, the dashed line the share over all rows. Coloured
    dots differ from all other rows (or from the reference) at the 5 % level after Holm's correction. A click sets the
    point selection ``group``, whose field ``name`` is the value of the group ("" = unknown).

    Args:
        result: From ``core.analyse.compare``.
        width: Width of the plotting area, pixels; long names take their room from it.
        dark: Dark theme.

    Returns:
        The chart; None when there is no group.
    """
    if not result.groups:
        return None
    width, outer = _beside_names(result, width), width
    click = alt.selection_point(name="group", fields=["name"])
    look: dict[str, Any] = {"title": f"{LABELS[result.label]}占比", "axis": _numbers(width, format="%")}
    base = _base(result, click, width)
    look["scale"] = alt.Scale(zero=False)  # a dot has no length that would have to begin at 0
    whiskers = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", **look), x2="high:Q")
    dots = base.mark_circle(size=90, cursor="pointer").encode(x=alt.X("share:Q", **look))
    total = alt.Chart(rows([{"total": result.total.value}])).mark_rule(strokeDash=[4, 3], color=palette(dark).quiet)
    said = _beside(base, "said", dark)
    chart = alt.layer(total.encode(x="total:Q"), whiskers, dots.add_params(click), said, data=_data(result))
    chart = chart.properties(width=width, height=alt.Step(24))
    title = f"按{column_title(result.by)}比较{LABELS[result.label]}占比"
    said_below = _caption(result, f"虚线为总体 {format_share(result.total)}")
    return dress(chart, title, said_below, width=outer + 320, dark=dark)  # type: ignore[no-any-return]


def differences(result: Comparison, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw by how much each group's share differs from the rest or from the reference, in percentage points.

    The line through a dot is Newcombe's 95 % interval; colours and click are those of ``compare``.

    Args:
        result: From ``core.analyse.compare``.
        width: Width of the plotting area, pixels, as in ``compare``.
        dark: Dark theme.

    Returns:
        The chart; None when no group can be compared.
    """
    if all(math.isnan(group.difference.value) for group in result.groups):
        return None
    width, outer = _beside_names(result, width), width
    click = alt.selection_point(name="group", fields=["name"])
    axis = _numbers(width, 3, labelExpr="datum.value ? format(100 * datum.value, '+d') : '0'")
    look: dict[str, Any] = {"title": f"{LABELS[result.label]}占比之差,百分点", "axis": axis}
    base = _base(result, click, width)
    zero = alt.Chart(rows([{"zero": 0}])).mark_rule(color=palette(dark).quiet).encode(x="zero:Q")
    whiskers = base.mark_rule(strokeWidth=2).encode(x=alt.X("change_low:Q", **look), x2="change_high:Q")
    dots = base.mark_circle(size=90, cursor="pointer").encode(x=alt.X("change_value:Q", **look))
    chart = alt.layer(zero, whiskers, dots.add_params(click), _beside(base, "change_short", dark), data=_data(result))
    chart = chart.properties(width=width, height=alt.Step(24))
    title = f"{LABELS[result.label]}占比与{_against(result)}相差多少"
    return dress(chart, title, _caption(result), width=outer + 220, dark=dark)  # type: ignore[no-any-return]


def voices(result: Comparison, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the share of voice: each group's share of all comments. A click sets the point selection ``name``.

    Args:
        result: From ``core.analyse.compare``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when there is no group.
    """
    if not result.groups:
        return None
    names = {group.name: _name(result, group) for group in result.groups}
    bars = [ShareBar(group.name, LABELS[NEUTRAL], group.voice) for group in result.groups]
    titles = (f"各{column_title(result.by)}的声量占比", column_title(result.by))
    said = caption(result.total.n, result.filter, "声量占比 = 该组评论数 ÷ 全部评论数", "细线为 95% 区间")
    top = min(1.0, 1.1 * max(group.voice.high for group in result.groups))
    return share_bars(bars, field="name", titles=titles, said=said, width=width, dark=dark, names=names, top=top)


def _numbers(width: int, least: int = 2, **look: Any) -> alt.Axis:
    """Return an axis with as many labels as fit: Vega drops a label without room but keeps its grid line.

    An axis with 0 in its middle needs at least three: with two, often only 0 remains.
    """
    return alt.Axis(tickCount=max(least, min(6, width // _TICK)), labelFlush=False, **look, **APART)


def _beside_names(result: Comparison, width: int) -> int:
    """Return the width of a plot, reduced by the extra room for long names."""
    longest = max(text_width(_name(result, group)) for group in result.groups)
    return max(_NARROWEST, width - round(_LABEL_SIZE * max(0.0, longest - _FREE_EM)))


def _name(result: Comparison, group: Group) -> str:
    return short_name(value_title(result.by, group.name), _NAME_EM)


def _base(result: Comparison, click: alt.Parameter, width: int) -> alt.Chart:
    # a legend wider than the plot would be cut off at the edge of the picture
    legend = sum(_SIGN + _LABEL_SIZE * text_width(verdict) for verdict in _verdicts(result))
    columns = 3 if width + _NUMBERS >= legend else 1
    return alt.Chart().encode(
        y=alt.Y("name:N", sort=[group.name for group in result.groups], title=None, axis=_names(result)),
        color=alt.Color("verdict:N", scale=_scale(result), legend=alt.Legend(symbolType="circle", columns=columns)),
        opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
        tooltip=_tooltip(result),
    )


def _beside(base: alt.Chart, field: str, dark: bool) -> Any:
    said = base.mark_text(align="left", color=palette(dark).text)
    return said.encode(x=BESIDE, text=f"{field}:N", color=alt.value(palette(dark).text))


def _data(result: Comparison) -> Any:
    return rows([_record(group, result) for group in result.groups])


def _record(group: Group, result: Comparison) -> dict[str, Any]:
    share, change = group.shares[result.label], group.difference
    known = not math.isnan(change.value)
    missing = "对照组" if group.name == result.reference else "–"
    return {
        "name": group.name,
        "title": value_title(result.by, group.name),
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "said": format_share(share),
        "change": format_change(change),
        "change_value": change.value if known else None,
        "change_low": change.low if known else None,
        "change_high": change.high if known else None,
        "change_short": format_points(change) if known else missing,
        "p": f"{format_p(group.p_adjusted)},不同的评论 {format_count(group.once)} 条" if known else "–",
        "voice": format_share(group.voice),
        "verdict": _verdict(group, result),
    }


def _against(result: Comparison) -> str:
    return "其余" if result.reference is None else short_name(value_title(result.by, result.reference), 10)


def _verdicts(result: Comparison) -> tuple[str, str, str]:
    against = _against(result)
    return f"明显高于{against}", f"明显低于{against}", f"与{against}无明显差别"


def _verdict(group: Group, result: Comparison) -> str:
    higher, lower, alike = _verdicts(result)
    if math.isnan(group.p_adjusted) or group.p_adjusted >= SIGNIFICANCE_LEVEL:
        return alike
    return higher if group.difference.value > 0 else lower


def _scale(result: Comparison) -> alt.Scale:
    """Vermilion for more of a bad thing, blue for less; the reverse for the positive label."""
    more, less = (POSITIVE, NEGATIVE) if result.label == POSITIVE else (NEGATIVE, POSITIVE)
    colors = [LABEL_COLORS[more], LABEL_COLORS[less], LABEL_COLORS[NEUTRAL]]
    return alt.Scale(domain=list(_verdicts(result)), range=colors)


def _names(result: Comparison) -> alt.Axis:
    titles = {group.name: _name(result, group) for group in result.groups}
    return titled_axis(titles)


def _tooltip(result: Comparison) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("title:N", title=column_title(result.by)),
        alt.Tooltip("said:N", title=f"{LABELS[result.label]}占比"),
        alt.Tooltip("change:N", title=f"与{_against(result)}相差"),
        alt.Tooltip("p:N", title="校正后"),
        alt.Tooltip("voice:N", title="声量占比"),
    ]


def _caption(result: Comparison, *remarks: str) -> str:
    left_out = result.groups_in_all - len(result.groups)
    return caption(
        result.total.n,
        result.filter,
        *remarks,
        f"另有 {format_count(left_out)} 组未列出" if left_out else "",
        "横线为 95% 区间",
        "着色按 Holm 校正后 p<0.05(比较了多组,避免误报)",
        format_copies(sum(group.n - group.once for group in result.groups)),
    )
