"""Shares as horizontal bars with their interval and n: shared by the charts of labels and of emotions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from core.chart.text import format_share
from core.chart.theme import BESIDE, LABEL_SCALE, Picture, dress, palette, rows, titled_axis
from core.schema import Share

__all__ = ["ShareBar", "share_bars"]


@dataclass(frozen=True, slots=True)
class ShareBar:
    """One bar: its name, the sentiment whose colour it takes, and its share."""

    name: str
    label: str
    share: Share


def share_bars(
    bars: Sequence[ShareBar],
    *,
    field: str,
    titles: tuple[str, str],
    said: str,
    width: int,
    dark: bool,
    names: Mapping[str, str] | None = None,
    top: float = 1.0,
) -> Picture:
    """Draw shares as a column of horizontal bars.

    A bar is the share of the comments, the thin line at its end the 95 % interval. A click sets a point selection.

    Args:
        bars: From top to bottom.
        field: Name of the point selection and of its field, which holds the bar's name.
        titles: Title of the chart, and of the bars, for the tooltip.
        said: The caption.
        width: Width of the plotting area, pixels.
        dark: Dark theme.
        names: Display names of bars, where these differ from the name.
        top: End of the axis, a share.
    """
    data = rows(
        [
            {
                field: bar.name,
                "side": bar.label,
                "share": bar.share.value,
                "low": bar.share.low,
                "high": bar.share.high,
                "count": bar.share.count,
                "said": format_share(bar.share),
            }
            for bar in bars
        ]
    )
    click = alt.selection_point(name=field, fields=[field])
    order = [bar.name for bar in bars]
    axis = titled_axis({name: (names or {}).get(name, name) for name in order})
    base = alt.Chart().encode(
        y=alt.Y(f"{field}:N", sort=order, title=None, axis=axis),
        tooltip=[
            alt.Tooltip(f"{field}:N", title=titles[1]),
            alt.Tooltip("said:N", title="占比"),
            alt.Tooltip("count:Q", title="条数", format=","),
        ],
    )
    look: dict[str, Any] = {
        "title": None,
        "scale": alt.Scale(domain=[0, top]),
        "axis": alt.Axis(format="%", tickCount=5),
    }
    filled = base.mark_bar(height=18, cursor="pointer").encode(
        x=alt.X("share:Q", **look),
        color=alt.Color("side:N", scale=LABEL_SCALE, legend=None),
        opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
    )
    whiskers = base.mark_rule(strokeWidth=1.5, color=palette(dark).text).encode(x=alt.X("low:Q", **look), x2="high:Q")
    beside = base.mark_text(align="left").encode(x=BESIDE, text="said:N")
    chart = alt.layer(filled.add_params(click), whiskers, beside, data=data)
    chart = chart.properties(width=width, height=alt.Step(30))
    return dress(chart, titles[0], said, width=width + 190, dark=dark)  # type: ignore[no-any-return]
