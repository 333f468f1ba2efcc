"""What negative and positive comments talk about, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol, TypeVar

import altair as alt

from core.chart.text import caption, format_count, format_share
from core.chart.theme import LABEL_COLORS, Picture, dress, palette, rows, titled_axis
from core.results import Keyword, Keywords
from core.schema import LABELS, NEGATIVE, POSITIVE, word_title

__all__ = ["CLEAR", "clearest", "keywords", "rate_axis", "sample_remark", "word_axis"]

#: |z| from which a word belongs to a side: by chance, about one neutral word in fifteen exceeds this; five comments
#: against none just exceed it.
CLEAR: Final = 1.5
#: Words shown when none is significant, as in a table of a few dozen comments.
_FEW: Final = 10
#: Most pixels of a word beside its bar.
_NAME_WIDTH: Final = 160
_SIDES: Final = (LABELS[NEGATIVE], LABELS[POSITIVE])


def keywords(result: Keywords, *, most: int = 15, width: int = 520, dark: bool = False) -> Picture | None:
    """Draw the words that distinguish negative from positive comments.

    A bar to the left is the number of negative comments with the word per 1,000, to the right that of
    positive ones. The most typical negative words are at the top, the most typical positive ones at the bottom.
    A click sets the point selection ``term``.

    Args:
        result: From ``core.analyse.keywords``.
        most: Words per side.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when there is no word.
    """
    listed = [*clearest(result.negative, most), *reversed(clearest(result.positive, most))]
    if not listed:
        return None
    data = rows([record for word in listed for record in _records(word, result)])
    click, names = alt.selection_point(name="term", fields=["term"]), [word.term for word in listed]
    base = alt.Chart().encode(
        y=alt.Y("term:N", sort=names, title=None, axis=word_axis(names)),
        tooltip=[
            alt.Tooltip("title:N", title="词"),
            alt.Tooltip("said:N", title="每千条"),
            alt.Tooltip("share:N", title="含该词的评论中负面占比"),
            alt.Tooltip("z:Q", title="z 值", format="+.1f"),
        ],
    )
    bars = base.mark_bar(height={"band": 0.72}, cursor="pointer").encode(
        x=alt.X("signed:Q", title="← 每千条负面评论中提到的条数 | 每千条正面评论中提到的条数 →", axis=rate_axis()),
        color=alt.Color("side:N", scale=alt.Scale(domain=list(_SIDES), range=_colors()), legend=None),
        opacity=alt.condition(click, alt.value(1), alt.value(0.3)),
    )
    middle = alt.Chart(rows([{"x": 0}])).mark_rule(color=palette(dark).quiet).encode(x="x:Q")
    chart = alt.layer(bars.add_params(click), middle, data=data).properties(width=width, height=alt.Step(20))
    said = caption(result.n, result.filter, sample_remark(result), f"至少 {result.minimum} 条提到")
    return dress(chart, "负面和正面评论各在说什么", said, width=width + 100, dark=dark)  # type: ignore[no-any-return]


class _Scored(Protocol):
    @property
    def z(self) -> float: ...


Scored = TypeVar("Scored", bound=_Scored)


def clearest(words: Sequence[Scored], most: int) -> tuple[Scored, ...]:
    """Select one side's words worth showing: |z| at least 1.5 and a tenth of the largest; else the first few.

    Otherwise, words that are equally common on both sides (手机) would fill a cloud by sheer number.
    """
    level = max(CLEAR, max((abs(word.z) for word in words), default=0.0) / 10)
    clear = [word for word in words if abs(word.z) >= level]
    return tuple((clear or words[:_FEW])[:most])


def word_axis(words: Iterable[str]) -> alt.Axis:
    """Return the axis that names the words of bars."""
    return titled_axis({word: word_title(word) for word in words}, limit=_NAME_WIDTH)


def rate_axis() -> alt.Axis:
    """Return the axis of bars to both sides, where no number has a sign."""
    return alt.Axis(labelExpr="format(abs(datum.value), '~g')", tickCount=7)


def sample_remark(result: Keywords) -> str:
    """Describe the sample that was counted; empty if all comments were."""
    if result.sampled_from is None:
        return ""
    return f"从 {format_count(result.sampled_from)} 条中按固定规则抽取 {format_count(result.n)} 条统计"


def _records(word: Keyword, result: Keywords) -> list[dict[str, Any]]:
    rates = [1000 * word.counts[i] / max(1, result.totals[i]) for i in (NEGATIVE, POSITIVE)]
    said = f"负面 {rates[0]:.1f},正面 {rates[1]:.1f}"
    shared = {"term": word.term, "title": word_title(word.term), "z": word.z, "said": said}
    shared["share"] = format_share(word.negative)
    return [
        {**shared, "side": side, "signed": sign * rate} for side, sign, rate in zip(_SIDES, (-1, 1), rates, strict=True)
    ]


def _colors() -> list[str]:
    return [LABEL_COLORS[NEGATIVE], LABEL_COLORS[POSITIVE]]
