"""The words of two sets of comments compared: as bars and as a scatter plot."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from core.chart.keywords import CLEAR, clearest, rate_axis, word_axis
from core.chart.text import caption, format_count, format_share, side_title
from core.chart.theme import LABEL_COLORS, SIDE_COLORS, Picture, dress, palette, rows
from core.chart.word_places import place_words
from core.results import Contrast, ContrastWord
from core.schema import LABELS, word_title

__all__ = ["contrast", "contrast_remark", "scatter", "side_colors"]

#: Most words of a scatter plot, and most of them labelled.
_DOTS, _NAMED = 300, 60


def contrast(result: Contrast, *, most: int = 15, width: int = 520, dark: bool = False) -> Picture | None:
    """Draw the words that distinguish the two sides.

    A bar to the left is the number of the first side's comments with the word per 1,000, to the right that of the
    second. The words most typical of the first side are at the top. A click sets the point selection ``word``.

    Args:
        result: From ``core.analyse.contrast``.
        most: Words per side.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when there is no word.
    """
    listed = [*clearest(result.first, most), *reversed(clearest(result.second, most))]
    if not listed:
        return None
    titles = _titles(result)
    data = rows([record for word in listed for record in _records(word, titles)])
    click, names = alt.selection_point(name="word", fields=["word"]), [word.word for word in listed]
    base = alt.Chart().encode(
        y=alt.Y("word:N", sort=names, title=None, axis=word_axis(names)),
        tooltip=_tooltip(titles),
    )
    bars = base.mark_bar(height={"band": 0.72}, cursor="pointer").encode(
        x=alt.X("signed:Q", title=f"← 每千条{titles[0]} | 每千条{titles[1]} →", axis=rate_axis()),
        color=alt.Color("side:N", scale=alt.Scale(domain=list(titles), range=side_colors(result)), legend=None),
        opacity=alt.condition(click, alt.value(1), alt.value(0.3)),
    )
    middle = alt.Chart(rows([{"x": 0}])).mark_rule(color=palette(dark).quiet).encode(x="x:Q")
    chart = alt.layer(bars.add_params(click), middle, data=data).properties(width=width, height=alt.Step(20))
    title = f"{titles[0]}和{titles[1]}各在说什么"
    return dress(chart, title, _caption(result), width=width + 100, dark=dark)  # type: ignore[no-any-return]


def scatter(result: Contrast, *, width: int = 560, height: int = 420, dark: bool = False) -> Picture | None:
    """Draw each word by its frequency on the two sides.

    The y-axis is the number of the first side's comments with the word per 1,000, the x-axis that of the second, both
    logarithmic; on the dashed line they are equal. Words with |z| of ``keywords.CLEAR`` or more are coloured. A
    word that one side never uses is at its edge. A click sets the point selection ``word``.

    Args:
        result: From ``core.analyse.contrast``.
        width: Width of the plotting area, pixels.
        height: Its height.
        dark: Dark theme.

    Returns:
        The chart; None when there is no word.
    """
    words = sorted(result.words, key=_strength, reverse=True)[:_DOTS]
    if not words or not min(side.n for side in result.sides):
        return None
    low = 500 / max(side.n for side in result.sides)
    high = 1.6 * max(1000 * max(word.first.value, word.second.value) for word in words)
    titles = _titles(result)
    dots = [_dot(word, titles, low) for word in words]
    named = [(d["title"], d["x"], d["y"]) for d in dots]
    names = place_words(named, (low, high), (width, height), most=_NAMED)
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    click = alt.selection_point(name="word", fields=["word"])
    axis = alt.Axis(format="~g", tickCount=5, labelOverlap=True, grid=False)
    marks = (
        alt.Chart(rows(dots))
        .mark_circle(size=46, cursor="pointer")
        .encode(
            x=alt.X("x:Q", scale=scale, axis=axis, title=f"每千条{titles[1]}中提到的条数(对数)"),
            y=alt.Y("y:Q", scale=scale, axis=axis, title=f"每千条{titles[0]}中提到的条数(对数)"),
            color=alt.Color("side:N", scale=_sides(result, titles), legend=alt.Legend(symbolType="circle")),
            opacity=alt.condition(click, alt.value(0.85), alt.value(0.2)),
            tooltip=_tooltip(titles),
        )
        .add_params(click)
    )
    line = alt.Chart(rows([{"a": low, "b": low}, {"a": high, "b": high}]))
    equal = line.mark_line(strokeDash=[4, 3], color=palette(dark).quiet).encode(
        x=alt.X("a:Q", scale=scale), y=alt.Y("b:Q", scale=scale)
    )
    written = alt.Chart(rows([{"text": n.text, "px": n.x, "py": n.y} for n in names])).mark_text(
        align="left", baseline="top", fontSize=11
    )
    said = written.encode(x=alt.X("px:Q", scale=None, axis=None), y=alt.Y("py:Q", scale=None, axis=None), text="text:N")
    chart = alt.layer(alt.layer(equal, marks), said).resolve_scale(x="independent", y="independent")
    chart = chart.properties(width=width, height=height)
    title = f"哪些词偏向{titles[0]},哪些偏向{titles[1]}"
    return dress(chart, title, _caption(result), width=width + 70, dark=dark)  # type: ignore[no-any-return]


def side_colors(result: Contrast) -> list[str]:
    """Return the colours of the two sides: those of the labels if the sides are labels."""
    labels = [side.chosen.labels if side.chosen else () for side in result.sides]
    if all(len(one) == 1 for one in labels):
        return [LABEL_COLORS[LABELS.index(one[0])] for one in labels]
    return list(SIDE_COLORS)


def contrast_remark(result: Contrast) -> str:
    """Describe how many comments of each side were counted."""
    parts = []
    for side, title in zip(result.sides, _titles(result), strict=True):
        sampled = f"(按固定规则从 {format_count(side.of)} 条中抽取)" if side.of > side.n else ""
        parts.append(f"{title} {format_count(side.n)} 条{sampled}")
    return ",".join(parts)


def _strength(word: ContrastWord) -> tuple[float, int]:
    return abs(word.z), word.first.count + word.second.count


def _titles(result: Contrast) -> tuple[str, str]:
    first, second = (side_title(side.chosen) for side in result.sides)
    return first, second if second != first else f"{second}(另一组)"


def _records(word: ContrastWord, titles: tuple[str, str]) -> list[dict[str, Any]]:
    shared = _said(word)
    pairs = zip(titles, (-1, 1), (word.first, word.second), strict=True)
    return [{**shared, "side": side, "signed": sign * 1000 * _rate(share.value)} for side, sign, share in pairs]


def _dot(word: ContrastWord, titles: tuple[str, str], low: float) -> dict[str, Any]:
    leaning = "" if abs(word.z) < CLEAR else titles[0 if word.z > 0 else 1]
    x, y = (max(low, 1000 * _rate(share.value)) for share in (word.second, word.first))
    return {**_said(word), "side": f"偏向{leaning}" if leaning else "没有明显偏向", "x": x, "y": y}


def _said(word: ContrastWord) -> dict[str, Any]:
    return {
        "word": word.word,
        "title": word_title(word.word),
        "z": word.z,
        "said0": format_share(word.first),
        "said1": format_share(word.second),
    }


def _rate(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _sides(result: Contrast, titles: tuple[str, str]) -> alt.Scale:
    colors = [*side_colors(result), LABEL_COLORS[1]]
    return alt.Scale(domain=[f"偏向{titles[0]}", f"偏向{titles[1]}", "没有明显偏向"], range=colors)


def _tooltip(titles: tuple[str, str]) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("title:N", title="词"),
        alt.Tooltip("said0:N", title=f"{titles[0]}中提到"),
        alt.Tooltip("said1:N", title=f"{titles[1]}中提到"),
        alt.Tooltip("z:Q", title="z 值", format="+.1f"),
    ]


def _caption(result: Contrast) -> str:
    least = f"至少 {result.minimum} 条提到"
    n = sum(side.n for side in result.sides)
    merged = "近义词已合并,含词组" if result.phrases else ""
    return caption(n, result.filter, contrast_remark(result), least, merged)
