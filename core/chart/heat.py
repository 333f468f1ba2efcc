"""Aspects by groups: which aspects are criticised where."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from typing import Any, Final

import altair as alt

from core.chart.text import (
    caption,
    column_title,
    format_change,
    format_copies,
    format_p,
    format_share,
    short_name,
    text_width,
    value_title,
)
from core.chart.theme import LABEL_COLORS, Picture, dress, palette, rows
from core.metrics import SIGNIFICANCE_LEVEL
from core.results import Heat, HeatCell
from core.schema import NEGATIVE

__all__ = ["heat"]

#: Cells with fewer comments are drawn pale, their numbers in brackets: their shares are unreliable.
_FEW: Final = 10
_NAME_EM: Final = 8
#: Width of a column of short names, font size of a name and gap between two, pixels.
_COLUMN: Final = 90
_LABEL_SIZE: Final = 12
_GAP: Final = 8


def heat(result: Heat, *, width: int = 640, dark: bool = False) -> Picture | None:
    """Draw, for each aspect in each group, the negative share of the comments that mention it.

    The redder, the higher the share. ▲ and ▼ mark cells that differ from the same aspect in the
    other groups at the 5 % level after Holm's correction. A click sets the point selection ``cell`` with the fields
    ``aspect`` and ``group``.

    Args:
        result: From ``core.analyse.heat``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None without a cell.
    """
    if not result.cells:
        return None
    data = rows([_record(result, cell) for cell in result.cells])
    click = alt.selection_point(name="cell", fields=["aspect", "group"])
    names = {group: short_name(value_title(result.by, group), _NAME_EM) for group in result.groups}
    column = _column(names.values(), width)
    axis = alt.Axis(
        orient="top",
        labelAngle=0 if column >= _named(names.values()) else -30,
        labelLimit=0,
        ticks=False,
        domain=False,
        labelExpr=f"{json.dumps(names, ensure_ascii=False)}[datum.label]",
    )
    base = alt.Chart().encode(
        x=alt.X("group:N", sort=list(result.groups), title=None, axis=axis),
        y=alt.Y("aspect:N", sort=list(result.aspects), title=None, axis=alt.Axis(ticks=False, domain=False)),
        tooltip=_tooltip(result),
    )
    ramp = alt.Scale(domain=[0, 1], interpolate="rgb", range=[palette(dark).background, LABEL_COLORS[NEGATIVE]])
    cells = base.mark_rect(cursor="pointer", stroke=palette(dark).line).encode(
        color=alt.Color("share:Q", scale=ramp, legend=None),
        opacity=alt.condition(click, alt.value(1), alt.value(0.3)),
        # fade the cell, not its number: a pale number on a strong colour is illegible
        fillOpacity=alt.condition("datum.few", alt.value(0.4), alt.value(1)),
    )
    said = base.mark_text(fontSize=11).encode(text="short:N")
    chart = alt.layer(cells.add_params(click), said, data=data)
    chart = chart.properties(width=round(column * len(result.groups)), height=alt.Step(26))
    title = f"各{column_title(result.by)}在哪些方面被批评"
    return dress(chart, title, _caption(result), width=width + 60, dark=dark)  # type: ignore[no-any-return]


def _column(names: Collection[str], width: int) -> float:
    """Return the width of a column: enough for its longest name if there is room."""
    return min(width / len(names), max(_COLUMN, _named(names)))


def _named(names: Collection[str]) -> float:
    return _LABEL_SIZE * max(map(text_width, names)) + _GAP


def _record(result: Heat, cell: HeatCell) -> dict[str, Any]:
    clear = not math.isnan(cell.p_adjusted) and cell.p_adjusted < SIGNIFICANCE_LEVEL
    few = cell.share.n < _FEW
    sign = ("▲" if cell.difference.value > 0 else "▼") if clear else ""
    return {
        "aspect": cell.aspect,
        "group": cell.group,
        "title": value_title(result.by, cell.group),
        "share": cell.share.value,
        "said": format_share(cell.share),
        "short": f"({100 * cell.share.value:.0f}%{sign})" if few else f"{100 * cell.share.value:.0f}%{sign}",
        "few": few,
        "change": format_change(cell.difference),
        "p": format_p(cell.p_adjusted),
    }


def _tooltip(result: Heat) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("aspect:N", title="方面"),
        alt.Tooltip("title:N", title=column_title(result.by)),
        alt.Tooltip("said:N", title="说坏话的占比"),
        alt.Tooltip("change:N", title="与其余各组相差"),
        alt.Tooltip("p:N", title="校正后"),
    ]


def _caption(result: Heat) -> str:
    said = caption(
        result.n,
        result.filter,
        "格中为提到该方面的评论里说坏话的占比",
        f"不到 {_FEW} 条的较淡并加括号",
        format_copies(result.again),
    )
    return f"{said.replace(' 条', ' 条次', 1)} · ▲▼ 与其余各组相差明显(Holm 校正后 p<0.05)"
