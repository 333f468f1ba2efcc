"""What people say about each aspect: a stacked bar of labels with the interval of the negative share."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from core.chart.tables import numbers
from core.chart.text import caption, format_count, format_share, short_name
from core.chart.theme import BESIDE, LABEL_ORDER, LABEL_SCALE, Picture, dress, palette, rows, titled_axis
from core.results import AspectCount, Aspects
from core.schema import LABELS, NEGATIVE, POSITIVE

__all__ = ["aspect_remark", "aspects", "opinion_line"]

_MOST: Final = 18
_NAME_EM: Final = 10
_WORDS: Final = 6


def aspects(result: Aspects, *, most: int = _MOST, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the most criticised aspects.

    A bar is the comments that mention an aspect, by their verdict on it; the thin line is the 95 % interval of the
    negative share. A click sets the point selection ``aspect``, whose fields are ``aspect`` and ``label``.

    Args:
        result: From ``core.analyse.aspects``.
        most: Most aspects.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when no comment mentions an aspect.
    """
    listed = [one for one in result.aspects if one.n][:most]
    if not listed:
        return None
    parts = rows([record for one in listed for record in _parts(one)])
    click = alt.selection_point(name="aspect", fields=["aspect", "label"])
    order = [one.name for one in listed]
    y = alt.Y("aspect:N", sort=order, title=None, axis=_names(listed))
    look: dict[str, Any] = {"title": "说到它的评论里", "axis": alt.Axis(format="%", tickCount=5)}
    bars = (
        alt.Chart(parts)
        .mark_bar(height={"band": 0.74}, cursor="pointer")
        .encode(
            y=y,
            x=alt.X("share:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), **look),
            color=alt.Color("label:N", scale=LABEL_SCALE),
            order=alt.Order("place:Q"),
            opacity=alt.condition(click, alt.value(1), alt.value(0.3)),
            tooltip=[
                alt.Tooltip("aspect:N", title="方面"),
                alt.Tooltip("label:N", title="说它"),
                alt.Tooltip("said:N", title="占比"),
                alt.Tooltip("count:Q", title="评论", format=","),
            ],
        )
        .transform_calculate(place=LABEL_ORDER)
    )
    whole = alt.Chart(rows([_whole(one) for one in listed])).encode(y=y)
    whiskers = whole.mark_rule(strokeWidth=1.5, color=palette(dark).text).encode(x=alt.X("low:Q", **look), x2="high:Q")
    beside = whole.mark_text(align="left").encode(x=BESIDE, text="said:N")
    chart = alt.layer(bars.add_params(click), whiskers, beside).properties(width=width, height=alt.Step(22))
    outside = "* 从评论里发现,不在词库" if any(one.found for one in listed) else ""
    pack = f"词库:{result.pack}" if result.pack else ""
    said = caption(result.n, result.filter, aspect_remark(result), pack, outside)
    return dress(chart, "各方面被怎么说", f"{said} · 右侧为负面占比", width=width + 320, dark=dark)  # type: ignore[no-any-return]


def aspect_remark(result: Aspects) -> str:
    """Describe the sample that was searched; empty if all comments were."""
    if result.sampled_from is None:
        return ""
    return f"按其中均匀抽取的 {format_count(result.n)} 条统计,共 {format_count(result.sampled_from)} 条"


def opinion_line(one: AspectCount, label: int, most: int = _WORDS) -> str:
    """Format the opinion words of an aspect that have one label.

    Example:
        >>> from core.results import OpinionWord
        >>> opinion_line(AspectCount("物流", (), (), (OpinionWord("太慢", 0, 12),)), 0)
        '太慢 12'
    """
    listed = [word for word in one.opinions if word.label == label]
    return "、".join(f"{word.word} {format_count(word.n)}" for word in listed[:most])


def _parts(one: AspectCount) -> list[dict[str, Any]]:
    return [
        {
            "aspect": one.name,
            "label": label,
            "share": share.value,
            "count": share.count,
            "said": format_share(share),
        }
        for label, share in zip(LABELS, one.shares, strict=True)
        if share.count
    ]


def _whole(one: AspectCount) -> dict[str, Any]:
    share = one.negative
    return {"aspect": one.name, "low": share.low, "high": share.high, "said": format_share(share)}


def _names(listed: list[AspectCount]) -> alt.Axis:
    titles = {one.name: short_name(one.name, _NAME_EM) + (" *" if one.found else "") for one in listed}
    return titled_axis(titles)


@numbers.register
def _(result: Aspects) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "方面": one.name,
                "来历": "从评论里发现" if one.found else "词库",
                "评论数": one.n,
                **{label: share.count for label, share in zip(LABELS, one.shares, strict=True)},
                "负面占比": one.negative.value,
                "下限": one.negative.low,
                "上限": one.negative.high,
                "叫法": "、".join(one.words),
                "坏话": opinion_line(one, NEGATIVE),
                "好话": opinion_line(one, POSITIVE),
            }
            for one in result.aspects
        ],
        columns=["方面", "来历", "评论数", *LABELS, "负面占比", "下限", "上限", "叫法", "坏话", "好话"],
    )
