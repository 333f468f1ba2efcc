"""The model's confidence, and labels by rating."""

from __future__ import annotations

from typing import Any

import altair as alt

from core.chart.text import caption, format_count
from core.chart.theme import BESIDE, LABEL_ORDER, LABEL_SCALE, Picture, dress, rows
from core.results import Bin, Distribution
from core.schema import LABELS

__all__ = ["confidence", "ratings"]


def confidence(result: Distribution, *, width: int = 480, dark: bool = False) -> Picture | None:
    """Draw the histogram of confidence.

    A bar is the number of comments with a confidence in that bin of 0.05, coloured by label. A click
    sets the point selection ``confidence`` with fields ``low`` and ``high``.

    Args:
        result: From ``core.analyse.distribution``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when there is no comment.
    """
    if result.n == 0:
        return None
    first = next(i for i, step in enumerate(result.confidence) if any(step.counts))
    steps = alt.Scale(domain=[result.confidence[first].low, 1], nice=False)
    edges = [step.low for step in result.confidence[first:]] + [1.0]
    data = rows([_record(step, f"{step.low:.2f}–{step.high:.2f}") for step in result.confidence[first:]])
    click = alt.selection_point(name="confidence", fields=["low", "high"])
    chart = (
        alt.Chart(data)
        .transform_fold(list(LABELS), as_=["label", "count"])
        .transform_calculate(order=LABEL_ORDER)
        .mark_bar(binSpacing=2, cursor="pointer")
        .encode(
            x=alt.X("low:Q", title="置信度", scale=steps, axis=_steps(edges)),
            x2="high:Q",
            y=alt.Y("sum(count):Q", title="条数", stack=True, axis=alt.Axis(format="~s", tickCount=5, tickMinStep=1)),
            order="order:Q",
            color=alt.Color("label:N", scale=LABEL_SCALE),
            opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
            tooltip=_tooltip("置信度"),
        )
        .add_params(click)
        .properties(width=width, height=200)
    )
    return dress(chart, "模型有多大把握", caption(result.n, result.filter), width=width, dark=dark)  # type: ignore[no-any-return]


def _steps(edges: list[float]) -> alt.Axis:
    return alt.Axis(format=".2f", values=edges, labelOverlap="greedy", grid=False)


def ratings(result: Distribution, *, width: int = 480, dark: bool = False) -> Picture | None:
    """Draw the labels of the comments with each rating.

    A bar is all comments with one rating (or in one bin of ratings), split by the shares of the labels; the number at
    its end is its number of comments. A click sets the point selection ``rating`` with fields ``low``, ``high``.

    Args:
        result: From ``core.analyse.distribution``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when no comment is rated.
    """
    if not result.ratings:
        return None
    data = rows([_record(b, f"{b.low:g}" if b.low == b.high else f"{b.low:g}–{b.high:g}") for b in result.ratings])
    order = [f"{b.low:g}" if b.low == b.high else f"{b.low:g}–{b.high:g}" for b in reversed(result.ratings)]
    click = alt.selection_point(name="rating", fields=["low", "high"])
    y = alt.Y("step:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=6))
    bars = (
        alt.Chart()
        .transform_fold(list(LABELS), as_=["label", "count"])
        .transform_calculate(order=LABEL_ORDER)
        .mark_bar(height={"band": 0.75}, cursor="pointer")
        .encode(
            x=alt.X("sum(count):Q", stack="normalize", title="各情感占比", axis=alt.Axis(format="%", tickCount=5)),
            y=y,
            color=alt.Color("label:N", scale=LABEL_SCALE),
            order="order:Q",
            opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
            tooltip=_tooltip("评分"),
        )
        .add_params(click)
    )
    said = alt.Chart().mark_text(align="left").encode(x=BESIDE, y=y, text="size:N")
    chart = alt.layer(bars, said, data=data).properties(width=width, height=alt.Step(24))
    unrated = result.n - result.rated
    remark = f"另有 {format_count(unrated)} 条无评分,不在图中" if unrated else ""
    said_below = caption(result.rated, result.filter, remark)
    return dress(chart, "评分与情感是否一致", said_below, width=width + 90, dark=dark)  # type: ignore[no-any-return]


def _record(step: Bin, name: str) -> dict[str, Any]:
    n = sum(step.counts)
    return {
        "step": name,
        "low": step.low,
        "high": step.high,
        "n": n,
        "size": f"n={format_count(n)}",
        **dict(zip(LABELS, step.counts, strict=True)),
    }


def _tooltip(title: str) -> list[alt.Tooltip]:
    counts = (alt.Tooltip(f"{label}:Q", title=label, format=",") for label in LABELS)
    return [alt.Tooltip("step:N", title=title), alt.Tooltip("n:Q", title="条数", format=","), *counts]
