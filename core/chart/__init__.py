"""Results → charts: one Altair chart per analysis result, a word cloud, image files and number formats.

A chart function returns None when there is nothing to show; the page then says what to do next.
"""

from core.chart.accounting import accounting
from core.chart.aspects import aspect_remark, aspects, opinion_line
from core.chart.cloud import cloud, png, svg
from core.chart.compare import compare, differences, voices
from core.chart.contrast import contrast, contrast_remark, scatter
from core.chart.dialogue import (
    describe_agents,
    format_mean,
    format_mood,
    format_wait,
    mood_curve,
    mood_label,
    satisfaction,
)
from core.chart.distribution import confidence, ratings
from core.chart.emotions import emotions
from core.chart.findings import FINDING_TITLES, describe_finding, describe_findings, headline
from core.chart.floods import describe_flood, describe_without, floods
from core.chart.heat import heat
from core.chart.image import has_chinese_font, render, svg_to_png
from core.chart.keywords import keywords
from core.chart.labels import labels
from core.chart.ranks import ranks
from core.chart.sentences import (
    describe_change,
    describe_copied,
    describe_episode,
    describe_flattery,
    describe_shift,
    describe_verdict,
)
from core.chart.spec import Drawn, spec
from core.chart.stars import flattery
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
    side_title,
    text_width,
    value_title,
)
from core.chart.theme import LABEL_COLORS, palette
from core.chart.topics import describe_topics, stability_title, topic_course, topic_steps, topics
from core.chart.trend import trend

__all__ = [
    "FINDING_TITLES",
    "LABEL_COLORS",
    "Drawn",
    "accounting",
    "aspect_remark",
    "aspects",
    "caption",
    "cloud",
    "column_title",
    "compare",
    "confidence",
    "contrast",
    "contrast_remark",
    "describe_agents",
    "describe_change",
    "describe_copied",
    "describe_episode",
    "describe_filter",
    "describe_finding",
    "describe_findings",
    "describe_flattery",
    "describe_flood",
    "describe_shift",
    "describe_topics",
    "describe_verdict",
    "describe_without",
    "differences",
    "emotions",
    "flattery",
    "floods",
    "format_bucket",
    "format_change",
    "format_count",
    "format_mean",
    "format_mood",
    "format_p",
    "format_percent",
    "format_share",
    "format_wait",
    "has_chinese_font",
    "headline",
    "heat",
    "keywords",
    "labels",
    "mood_curve",
    "mood_label",
    "numbers",
    "opinion_line",
    "palette",
    "png",
    "ranks",
    "ratings",
    "render",
    "satisfaction",
    "scatter",
    "short_name",
    "side_title",
    "spec",
    "stability_title",
    "svg",
    "svg_to_png",
    "text_width",
    "topic_course",
    "topic_steps",
    "topics",
    "trend",
    "value_title",
    "voices",
]
