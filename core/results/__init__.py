"""Small results that analyse hands to chart, pages, the API and reports.

A ground module like ``schema``: what a dashboard shows of a million rows fits into one of these. Each result
carries the ``Filter`` it was made with, so that a picture can always say what it shows. "Labelled" means a row
with a score, duplicates included: a text posted a thousand times counts a thousand times.
"""

from core.results.course import (
    FREQUENCY_TITLES,
    Anomalies,
    Bucket,
    ChangePoint,
    Episode,
    Frequency,
    History,
    Trend,
    Verdict,
)
from core.results.figures import (
    Bin,
    Choice,
    Choices,
    CommentPage,
    Comparison,
    Difference,
    Distribution,
    EmotionCount,
    EmotionCounts,
    Group,
    Keyword,
    Keywords,
    Overview,
    PlacedWord,
    Totals,
)
from core.results.shift import Cause, Driver, GroupShift, Quote, Shift

__all__ = [
    "FREQUENCY_TITLES",
    "Anomalies",
    "Bin",
    "Bucket",
    "Cause",
    "ChangePoint",
    "Choice",
    "Choices",
    "CommentPage",
    "Comparison",
    "Difference",
    "Distribution",
    "Driver",
    "EmotionCount",
    "EmotionCounts",
    "Episode",
    "Frequency",
    "Group",
    "GroupShift",
    "History",
    "Keyword",
    "Keywords",
    "Overview",
    "PlacedWord",
    "Quote",
    "Shift",
    "Totals",
    "Trend",
    "Verdict",
]
