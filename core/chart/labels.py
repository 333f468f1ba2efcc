"""The shares of negative, neutral and positive comments."""

from __future__ import annotations

from core.chart.share_bars import ShareBar, share_bars
from core.chart.text import caption, format_count
from core.chart.theme import Picture
from core.results import Overview
from core.schema import LABELS

__all__ = ["labels"]


def labels(result: Overview, *, width: int = 420, dark: bool = False) -> Picture | None:
    """Draw the share of each label; a click sets the point selection ``label``.

    Args:
        result: From ``core.analyse.overview``.
        width: Width of the plotting area, pixels.
        dark: Dark theme.

    Returns:
        The chart; None when there is no comment.
    """
    now = result.now
    if now.n == 0:
        return None
    bars = [ShareBar(label, label, share) for label, share in zip(LABELS, now.shares, strict=True)]
    review = f"需复核 {format_count(now.needs_review.count)} 条" if now.needs_review.count else ""
    said = caption(now.n, result.filter, review)
    return share_bars(bars, field="label", titles=("情感分布", "情感"), said=said, width=width, dark=dark)
