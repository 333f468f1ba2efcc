"""Topics by size, and their frequency over time."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from core.chart.tables import numbers, share_cells
from core.chart.text import caption, format_count, format_percent, format_share, short_name
from core.chart.theme import APART, BESIDE, Picture, dress, palette, rows, titled_axis
from core.metrics import wilson
from core.results import FREQUENCY_TITLES, Frequency, Topic, Topics

__all__ = ["describe_topics", "stability_title", "topic_course", "topic_steps", "topics"]

#: Levels of Hennig (2007): from 0.75 a valid cluster, from 0.6 a pattern with uncertain membership, below unreliable.
_LEVELS: Final = ((0.75, "稳定"), (0.6, "一般"), (0.0, "不稳"))
_NAME_EM: Final = 11
#: Most topics and time steps that a chart shows well.
_MOST, _STEPS = 15, 40
_UNITS: Final = {
    Frequency.HOUR: "小时",
    Frequency.DAY: "天",
    Frequency.WEEK: "周",
    Frequency.MONTH: "个月",
    Frequency.YEAR: "年",
}


def stability_title(stable: float) -> str:
    """Describe the stability of a topic.

    Example:
        >>> stability_title(0.8), stability_title(0.65), stability_title(0.3)
        ('稳定', '一般', '不稳')
    """
    return next(title for level, title in _LEVELS if stable >= level)


def topics(result: Topics, *, width: int = 300, dark: bool = False) -> Picture | None:
    """Draw the size of each topic.

    A bar is the share of the comments, the thin line its 95 % interval. A click sets the point selection ``topic``,
    whose field ``number`` is the topic's number.

    Args:
        result: From ``core.analyse.topics``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None without a topic.
    """
    shown = result.topics[:_MOST]
    if not shown:
        return None
    click = alt.selection_point(name="topic", fields=["number"])
    base = alt.Chart().encode(
        y=alt.Y("key:N", sort=[_key(topic.number) for topic in shown], title=None, axis=_names(shown)),
        tooltip=[
            alt.Tooltip("name:N", title="话题"),
            alt.Tooltip("said:N", title="占比"),
            alt.Tooltip("count:Q", title="条数", format=","),
            alt.Tooltip("terms:N", title="突出的词"),
            alt.Tooltip("stability:N", title="稳定性"),
        ],
    )
    look: dict[str, Any] = {"title": None, "axis": alt.Axis(format="%", tickCount=3, **APART)}
    bars = base.mark_bar(height={"band": 0.7}, cursor="pointer", color=palette(dark).accent).encode(
        x=alt.X("share:Q", **look), opacity=alt.condition(click, alt.value(0.85), alt.value(0.3))
    )
    whiskers = base.mark_rule(strokeWidth=1.5, color=palette(dark).text).encode(x=alt.X("low:Q", **look), x2="high:Q")
    said = base.mark_text(align="left").encode(x=BESIDE, text="beside:N", color=alt.value(palette(dark).text))
    chart = alt.layer(bars.add_params(click), whiskers, said, data=rows([_record(topic) for topic in shown]))
    chart = chart.properties(width=width, height=alt.Step(26))
    left_out = len(result.topics) - len(shown)
    remark = f"另有 {format_count(left_out)} 个话题未画出" if left_out else ""
    said_below = caption(result.n, result.filter, f"其他 {format_share(result.other)}", remark, "横线为 95% 区间")
    return dress(chart, "各话题占多少", said_below, width=width + 330, dark=dark)  # type: ignore[no-any-return]


def topic_course(result: Topics, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw a heat map of the topics over time.

    A cell is the topic's share of all comments of the step, relative to its share over all steps, so that a small topic
    shows its course as clearly as a large one. If there are more steps than a chart shows, a cell covers several:
    dropping the first ones would lose what happened in them. A click sets the point selection ``step`` with the fields
    ``number``, ``start`` and ``last``, the starts of the first and the last step of the cell.

    Args:
        result: From ``core.analyse.topics``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None without a topic or without dates.
    """
    shown = [topic for topic in result.topics[:_MOST] if topic.steps]
    if not shown or result.frequency is None:
        return None
    click = alt.selection_point(name="step", fields=["number", "start", "last"])
    together = -(-len(shown[0].steps) // _STEPS)
    data = [record for topic in shown for record in _steps(topic, result.frequency, together)]
    fields = (
        alt.Chart(rows(data))
        .mark_rect(cursor="pointer")
        .encode(
            x=alt.X("start:O", title=None, axis=alt.Axis(labelAngle=-40, labelOverlap="greedy", ticks=False)),
            y=alt.Y("key:N", sort=[_key(topic.number) for topic in shown], title=None, axis=_names(shown)),
            color=alt.Color(
                "level:Q",
                scale=alt.Scale(
                    range=[palette(dark).background, palette(dark).accent], domain=[0, 2], clamp=True, interpolate="rgb"
                ),
                legend=alt.Legend(
                    values=[0, 1, 2],
                    labelExpr="datum.value == 1 ? '平时' : datum.value ? '两倍以上' : '没有'",
                    gradientLength=150,
                ),
            ),
            opacity=alt.condition(click, alt.value(1), alt.value(0.35)),
            tooltip=[
                alt.Tooltip("name:N", title="话题"),
                alt.Tooltip("when:N", title="时间"),
                alt.Tooltip("said:N", title="占当时全部评论"),
                alt.Tooltip("count:Q", title="条数", format=","),
            ],
        )
    )
    chart = fields.add_params(click).properties(width=width, height=alt.Step(26))
    remark = f"一格是 {together} {_UNITS[result.frequency]}" if together > 1 else ""
    said = caption(result.n, result.filter, "颜色是占当时全部评论的比例,与该话题平时相比", remark)
    return dress(chart, "各话题随时间的变化", said, width=width + 200, dark=dark)  # type: ignore[no-any-return]


def topic_steps(result: Topics) -> pd.DataFrame:
    """Return the course of the topics as a table, one row per topic and step, with every step.

    Args:
        result: From ``core.analyse.topics``.

    Returns:
        Columns 话题, 开始, 条数, 全部评论, 占比, 占比下限, 占比上限; the share is relative to all comments of the step.
    """
    form = "%Y-%m-%d %H:00" if result.frequency is Frequency.HOUR else "%Y-%m-%d"
    columns = ["话题", "开始", "条数", "全部评论", "占比", "占比下限", "占比上限"]
    records = [
        {
            "话题": topic.name,
            "开始": f"{step.start:{form}}",
            "条数": step.share.count,
            "全部评论": step.share.n,
            **share_cells(step.share),
        }
        for topic in result.topics
        for step in topic.steps
    ]
    return pd.DataFrame(records, columns=columns)


def describe_topics(result: Topics) -> str:
    """Describe which comments the topics were made from, and how."""
    whose = f"{'、'.join(result.labels)}评论" if result.labels else "评论"
    learnt = f"从 {format_count(result.learnt_of)} 条{whose}"
    if result.learnt < result.learnt_of:
        learnt += f"中均匀抽取的 {format_count(result.learnt)} 条"
    return (
        f"话题{learnt}的用词里归纳出来,每条评论归到最近的一个,哪个都不像的归入“其他”。"
        "稳定性:随机去掉一半评论重新归纳,话题还在不在(75% 以上稳定,60% 以上一般)。"
    )


def _key(number: int) -> str:
    return str(number)


def _record(topic: Topic) -> dict[str, Any]:
    return {
        "key": _key(topic.number),
        "number": topic.number,
        "name": topic.name,
        "terms": "、".join(topic.terms[:8]),
        "share": topic.share.value,
        "low": topic.share.low,
        "high": topic.share.high,
        "count": topic.share.count,
        "said": format_share(topic.share),
        "stability": f"{stability_title(topic.stable)} ({format_percent(topic.stable)})",
        "beside": f"{format_share(topic.share)}  {stability_title(topic.stable)}",
    }


def _steps(topic: Topic, frequency: Frequency, together: int) -> list[dict[str, Any]]:
    form = "%Y-%m-%d %H:00" if frequency is Frequency.HOUR else "%Y-%m-%d"
    usual = sum(step.share.count for step in topic.steps) / max(1, sum(step.share.n for step in topic.steps))
    made = []
    for at in range(0, len(topic.steps), together):
        steps = topic.steps[at : at + together]
        share = wilson(sum(step.share.count for step in steps), sum(step.share.n for step in steps))
        length = f"{len(steps)} {_UNITS[frequency]}" if len(steps) > 1 else f"一{FREQUENCY_TITLES[frequency]}"
        made.append(
            {
                "key": _key(topic.number),
                "number": topic.number,
                "name": topic.name,
                "start": f"{steps[0].start:{form}}",
                "last": f"{steps[-1].start:{form}}",
                "when": f"{steps[0].start:{form}} 起 {length}",
                "level": share.value / usual if share.n and usual else None,
                "said": format_share(share),
                "count": share.count,
            }
        )
    return made


def _names(shown: Any) -> alt.Axis:
    return titled_axis({_key(topic.number): short_name(topic.name, _NAME_EM) for topic in shown})


@numbers.register
def _(result: Topics) -> pd.DataFrame:
    records = [
        {
            "话题": topic.name,
            "条数": topic.share.count,
            **share_cells(topic.share),
            "稳定性": stability_title(topic.stable),
            "重现率": topic.stable,
            "突出的词": "、".join(topic.terms),
        }
        for topic in result.topics
    ]
    records.append({"话题": "其他", "条数": result.other.count, **share_cells(result.other)})
    return pd.DataFrame(records)
