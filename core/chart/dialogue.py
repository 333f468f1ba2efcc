"""Charts of dialogues: how satisfied customers were, and one customer's mood from turn to turn."""

from __future__ import annotations

import math
from typing import Any, Final

import altair as alt
import pandas as pd

from core.chart.share_bars import ShareBar, share_bars
from core.chart.tables import numbers
from core.chart.text import describe_filter, format_count
from core.chart.theme import LABEL_COLORS, LABEL_SCALE, Picture, dress, palette, rows
from core.metrics import SIGNIFICANCE_LEVEL, wilson
from core.results import AGENT, CUSTOMER, LEVELS, ROLES, Agents, Mean, Service, Talk, Utterance, signed
from core.schema import LABELS, NEGATIVE, NEUTRAL, POSITIVE

__all__ = ["describe_agents", "format_mean", "format_mood", "format_wait", "mood_curve", "mood_label", "satisfaction"]

#: The label whose colour each satisfaction level takes.
_SIDES: Final = (NEGATIVE, NEGATIVE, NEUTRAL, POSITIVE, POSITIVE)
#: A mood beyond this, in either direction, is called negative or positive.
_CLEAR: Final = 0.5
_HEIGHT: Final = 190
_SHOWN_CHARS: Final = 60
#: Most agents named as lower than the others.
_NAMED: Final = 5


def mood_label(mood: float) -> int:
    """Return the label of a mood on −2…2, an index into ``LABELS``; −1 for NaN.

    Example:
        >>> LABELS[mood_label(-1.2)], LABELS[mood_label(0.1)], mood_label(float("nan"))
        ('负面', '中性', -1)
    """
    if math.isnan(mood):
        return -1
    return NEGATIVE if mood < -_CLEAR else POSITIVE if mood > _CLEAR else NEUTRAL


def format_mood(mood: float, digits: int = 1) -> str:
    """Format a mood or satisfaction with its sign; NaN is a dash.

    Example:
        >>> format_mood(-1.234), format_mood(0.04), format_mood(float("nan"))
        ('−1.2', '0.0', '–')
    """
    return "–" if math.isnan(mood) else signed(mood, digits)


def format_mean(mean: Mean) -> str:
    """Format a mean with its interval and n.

    Example:
        >>> format_mean(Mean(-0.52, -0.61, -0.43, 120)), format_mean(Mean(1.0, math.nan, math.nan, 1))
        ('−0.52 (−0.61 至 −0.43, n=120)', '+1.0 (n=1)')
    """
    if math.isnan(mean.low):
        return f"{format_mood(mean.value)} (n={format_count(mean.n)})"
    value, low, high = (format_mood(end, mean.digits) for end in (mean.value, mean.low, mean.high))
    return f"{value} ({low} 至 {high}, n={format_count(mean.n)})"


def describe_agents(result: Agents) -> str:
    """Explain the order of the agents, and name those whose satisfaction is significantly below that of the others."""
    low = [one.name for one in result.agents if one.p_adjusted < SIGNIFICANCE_LEVEL and one.apart < 0]
    if low:
        more = f"等 {format_count(len(low))} 位" if len(low) > _NAMED else ""
        sure = f"按 Holm 校正后仍低于其他客服的(p<0.05):{'、'.join(low[:_NAMED])}{more}"
    else:
        sure = "按 Holm 校正后,看不出哪一位确实低于其他客服"
    return (
        "按满意度区间的上限从低到高排。排序已顾及人数,但名单里仍会有靠运气的;"
        f"{sure}。对话少的差别多半是偶然,请读对话再下结论。"
    )


def format_wait(seconds: float) -> str:
    """Format a waiting time; NaN is a dash.

    Example:
        >>> format_wait(42), format_wait(750), format_wait(7300), format_wait(float("nan"))
        ('42 秒', '12 分 30 秒', '2 小时 1 分', '–')
    """
    if math.isnan(seconds):
        return "–"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} 秒"
    if whole < 3600:
        return f"{whole // 60} 分" + (f" {whole % 60} 秒" if whole % 60 else "")
    return f"{whole // 3600:,} 小时" + (f" {whole % 3600 // 60} 分" if whole % 3600 // 60 else "")


def satisfaction(result: Service, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the share of each level of satisfaction; a click sets the point selection ``level``.

    Args:
        result: From ``core.analyse.service``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when no dialogue could be judged.
    """
    judged = sum(result.levels)
    if judged == 0:
        return None
    bars = [
        ShareBar(level, LABELS[side], wilson(count, judged))
        for level, side, count in zip(LEVELS, _SIDES, result.levels, strict=True)
    ]
    silent = f"另有 {format_count(result.n - judged)} 段没有客户发言" if result.n > judged else ""
    parts = [f"n={format_count(judged)} 段对话", *(describe_filter(result.filter) or ["全部对话"]), silent]
    said = " · ".join(filter(None, parts))
    return share_bars(bars, field="level", titles=("客户满意度", "满意度"), said=said, width=width, dark=dark)


def mood_curve(result: Talk, *, width: int = 620, dark: bool = False) -> Picture | None:
    """Draw the customer's mood from turn to turn; a click sets the point selection ``turn`` with the field ``row``.

    Args:
        result: From ``core.analyse.talk``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None if nothing the customer says can be scored.
    """
    said = [turn for turn in result.turns if turn.role == CUSTOMER and not math.isnan(turn.mood)]
    if not said:
        return None
    faults = [turn for turn in result.turns if turn.role == AGENT and turn.fault]
    click = alt.selection_point(name="turn", fields=["row"])
    last = result.turns[-1].number
    x = alt.X(
        "number:Q",
        title="第几轮",
        scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
        axis=alt.Axis(tickMinStep=1, format="d", grid=False, tickCount=min(12, last)),
    )
    y = alt.Y("mood:Q", title="客户情绪", scale=alt.Scale(domain=[-2, 2]), axis=alt.Axis(values=[-2, -1, 0, 1, 2]))
    base = alt.Chart(rows([_point(turn) for turn in said])).encode(x=x, y=y)
    colors = palette(dark)
    zero = alt.Chart(rows([{"mood": 0}])).mark_rule(color=colors.quiet, strokeDash=[3, 3]).encode(y=y)
    dots = (
        base.mark_point(filled=True, opacity=1, cursor="pointer")
        .encode(
            color=alt.Color("label:N", scale=LABEL_SCALE, legend=alt.Legend(orient="top")),
            shape=alt.Shape("label:N", scale=alt.Scale(domain=list(LABELS), range=_SHAPES), legend=None),
            size=alt.condition(click, alt.value(170), alt.value(90)),
            tooltip=_TOOLTIP,
        )
        .add_params(click)
    )
    layers = [zero, base.mark_line(color=colors.quiet, strokeWidth=1.5), dots, *_faults(faults, x)]
    chart = alt.layer(*layers).properties(width=width, height=_HEIGHT)
    return dress(chart, "客户情绪逐轮变化", _said(result, faults), width=width, dark=dark)  # type: ignore[no-any-return]


#: A shape for each label, so that colour is not the only cue.
_SHAPES: Final = ["triangle-down", "circle", "triangle-up"]
_TOOLTIP: Final = [
    alt.Tooltip("number:Q", title="轮次"),
    alt.Tooltip("said:N", title="情绪"),
    alt.Tooltip("text:N", title="原话"),
]


def _point(turn: Utterance) -> dict[str, Any]:
    label = LABELS[mood_label(turn.mood)]
    return {
        "number": turn.number,
        "mood": turn.mood,
        "label": label,
        "said": f"{label} {format_mood(turn.mood)}",
        "text": _short(turn.text),
        "row": turn.row,
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1] + "…"


def _faults(faults: list[Utterance], x: alt.X) -> list[Any]:
    """Mark the agent's negative or dismissive replies at the lower edge."""
    if not faults:
        return []
    data = rows([{"number": t.number, "why": t.fault, "text": _short(t.text), "mood": -1.9} for t in faults])
    mark = alt.Chart(data).mark_point(shape="cross", size=110, color=LABEL_COLORS[NEGATIVE], filled=True, angle=45)
    tips = [
        alt.Tooltip("number:Q", title="轮次"),
        alt.Tooltip("why:N", title="客服"),
        alt.Tooltip("text:N", title="原话"),
    ]
    return [mark.encode(x=x, y=alt.Y("mood:Q"), tooltip=tips)]


def _said(result: Talk, faults: list[Utterance]) -> str:
    one = result.dialogue
    parts = [
        f"共 {one.turns:,} 轮",
        f"由 {format_mood(one.start)} 到 {format_mood(one.final)}",
        f"最低点在第 {one.lowest_turn} 轮({format_mood(one.lowest)})",
        "× 客服有问题的回复" if faults else "",
    ]
    return " · ".join(filter(None, parts))


@numbers.register
def _(result: Service) -> pd.DataFrame:
    judged = sum(result.levels)
    shares = [wilson(count, judged) for count in result.levels]
    return pd.DataFrame(
        [
            {"满意度": level, "对话数": s.count, "占比": s.value, "占比下限": s.low, "占比上限": s.high}
            for level, s in zip(LEVELS, shares, strict=True)
        ]
    )


@numbers.register
def _(result: Talk) -> pd.DataFrame:
    records = [
        {
            "轮次": turn.number,
            "角色": ROLES[turn.role],
            "说话人": turn.speaker,
            "原话": turn.text,
            "时间": "" if turn.time is None else f"{turn.time:%Y-%m-%d %H:%M:%S}",
            "情绪": turn.mood,
            "问题": turn.fault,
            "等待秒": turn.wait,
        }
        for turn in result.turns
    ]
    return pd.DataFrame(records)


@numbers.register
def _(result: Agents) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "客服": one.name,
                "对话数": one.n,
                "平均满意度": one.satisfaction.value,
                "满意度下限": one.satisfaction.low,
                "满意度上限": one.satisfaction.high,
                "与其他客服之差": one.apart,
                "校正后 p 值": one.p_adjusted,
                "未解决占比": one.unresolved.value,
                "未解决下限": one.unresolved.low,
                "未解决上限": one.unresolved.high,
                "有问题的回复占比": one.faulty.value,
                "有问题下限": one.faulty.low,
                "有问题上限": one.faulty.high,
                "最久等待中位数(秒)": one.waited,
                "有时间的对话": one.timed,
            }
            for one in result.agents
        ]
    )
