"""Results → pictures: one Altair chart for each result of analyse, a word cloud, image files and number formats.

A chart function returns None when there is nothing to show; the page then says what to do next.
"""

from core.chart.accounting import accounting
from core.chart.cloud import cloud, png, svg
from core.chart.compare import compare
from core.chart.distribution import confidence, ratings
from core.chart.emotions import emotions
from core.chart.image import has_chinese_font, render, svg_to_png
from core.chart.keywords import keywords
from core.chart.labels import labels
from core.chart.sentences import describe_change, describe_episode, describe_shift, describe_verdict
from core.chart.tables import numbers
from core.chart.text import (
    caption,
    column_title,
    describe_filter,
    format_bucket,
    format_change,
    format_count,
    format_p,
    format_percent,
    format_share,
    short_name,
)
from core.chart.theme import LABEL_COLORS, palette
from core.chart.trend import trend

__all__ = [
    "LABEL_COLORS",
    "accounting",
    "caption",
    "cloud",
    "column_title",
    "compare",
    "confidence",
    "describe_change",
    "describe_episode",
    "describe_filter",
    "describe_shift",
    "describe_verdict",
    "emotions",
    "format_bucket",
    "format_change",
    "format_count",
    "format_p",
    "format_percent",
    "format_share",
    "has_chinese_font",
    "keywords",
    "labels",
    "numbers",
    "palette",
    "png",
    "ratings",
    "render",
    "short_name",
    "svg",
    "svg_to_png",
    "trend",
]
