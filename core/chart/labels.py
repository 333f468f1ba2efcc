"""How many comments are negative, neutral and positive."""

from __future__ import annotations

from typing import Any

import altair as alt

from core.chart.text import caption, format_count, format_share
from core.chart.theme import BESIDE, LABEL_SCALE, Picture, dress, palette, rows
from core.results import Overview
from core.schema import LABELS

__all__ = ["labels"]


def labels(result: Overview, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the share of each label.

    A bar is the share of the comments with that label, the thin line at its end the 95 % interval. A click sets
    the point selection ``label``.

    Args:
        result: From ``core.analyse.overview``.
        width: Of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when there is no comment.
    """
    now = result.now
    if now.n == 0:
        return None
    pairs = zip(LABELS, now.shares, strict=True)
    data = rows(
        [
            {
                "label": label,
                "share": share.value,
                "low": share.low,
                "high": share.high,
                "count": share.count,
                "said": format_share(share),
            }
            for label, share in pairs
        ]
    )
    click = alt.selection_point(name="label", fields=["label"])
    base = alt.Chart().encode(
        y=alt.Y("label:N", sort=list(LABELS), title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8)),
        tooltip=[
            alt.Tooltip("label:N", title="情感"),
            alt.Tooltip("said:N", title="占比"),
            alt.Tooltip("count:Q", title="条数", format=","),
        ],
    )
    look: dict[str, Any] = {"title": None, "scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%", tickCount=5)}
    bars = base.mark_bar(height=18, cursor="pointer").encode(
        x=alt.X("share:Q", **look),
        color=alt.Color("label:N", scale=LABEL_SCALE, legend=None),
        opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
    )
    whiskers = base.mark_rule(strokeWidth=1.5, color=palette(dark).text).encode(x=alt.X("low:Q", **look), x2="high:Q")
    said = base.mark_text(align="left").encode(x=BESIDE, text="said:N")
    chart = alt.layer(bars.add_params(click), whiskers, said, data=data).properties(width=width, height=alt.Step(30))
    review = f"需复核 {format_count(now.needs_review.count)} 条" if now.needs_review.count else ""
    return dress(chart, "情感分布", caption(now.n, result.filter, review), width=width + 190, dark=dark)  # type: ignore[no-any-return]
