"""The number of comments per emotion."""

from __future__ import annotations

from typing import Final

from core.chart.share_bars import ShareBar, share_bars
from core.chart.text import caption, format_share
from core.chart.theme import Picture
from core.results import EmotionCount, EmotionCounts
from core.schema import EMOTIONS, LABELS, NEGATIVE, NEUTRAL, POSITIVE

__all__ = ["emotions"]

#: The sentiment whose colour an emotion takes; surprise can be either and is grey like 无.
_SIDES: Final = dict(
    zip(EMOTIONS, (NEGATIVE, NEGATIVE, NEGATIVE, POSITIVE, NEGATIVE, POSITIVE, NEUTRAL, NEUTRAL), strict=True)
)


def emotions(result: EmotionCounts, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the share of each emotion, the most frequent on top; a click sets the point selection ``emotion``.

    Args:
        result: From ``core.analyse.emotions``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when no comment has an emotion.
    """
    if result.n == 0:
        return None
    ranked = sorted(result.counts, key=_by_count)
    bars = [ShareBar(one.name, LABELS[_SIDES[one.name]], one.share) for one in ranked]
    rude = f"疑似冒犯 {format_share(result.offensive)}" if result.offensive.n else ""
    said = caption(result.n, result.filter, rude)
    return share_bars(bars, field="emotion", titles=("情绪分布", "情绪"), said=said, width=width, dark=dark)


def _by_count(one: EmotionCount) -> int:
    return -one.share.count
