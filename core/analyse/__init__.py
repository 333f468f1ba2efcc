"""Labelled table → small results: what a dashboard, a report or the API shows of a million comments.

Every analysis is a function ``(table, chosen, ...) -> result``. ``chosen`` is a ``schema.Filter``, or the
``Selection`` that ``select`` makes of one when several analyses share a keyword. Result types are in core/results/.
"""

from core.analyse.anomalies import anomalies
from core.analyse.aspects import aspect_trend, aspects, mark_of_aspect, pieces
from core.analyse.change_points import change_points
from core.analyse.choices import choices
from core.analyse.comments import ORDERS, PAGE_COLUMNS, comment, comments
from core.analyse.compare import MONTH, compare
from core.analyse.contrast import BY_LABEL, contrast
from core.analyse.corrected import corrected
from core.analyse.design_effects import design_effects
from core.analyse.dialogue import agents, dialogues, service, talk
from core.analyse.distribution import distribution
from core.analyse.emotions import emotions
from core.analyse.fightin import by_chance
from core.analyse.filters import Chosen, Selection, select, where
from core.analyse.findings import findings
from core.analyse.floods import floods, mark_of_flood, without
from core.analyse.heat import heat
from core.analyse.keywords import keywords
from core.analyse.marks import mark_of_bucket, mark_of_episode, mark_of_group, narrow
from core.analyse.overview import distinct_texts, overview
from core.analyse.params import PARAMS, from_params, to_params
from core.analyse.ranks import ranks, recent_periods
from core.analyse.sample import sample_places, sampled_rows
from core.analyse.shift import shift
from core.analyse.stars import stars
from core.analyse.statistics import difference, holm, paired_difference
from core.analyse.topic_edits import TopicEdits, merge_change, rename_change, topic_edits
from core.analyse.topics import mark_of_topic, topics
from core.analyse.trend import finer_frequency, trend
from core.analyse.unscored import unscored
from core.analyse.vocabulary import read_synonyms, stop_words, synonyms
from core.metrics import wilson

__all__ = [
    "BY_LABEL",
    "MONTH",
    "ORDERS",
    "PAGE_COLUMNS",
    "PARAMS",
    "Chosen",
    "Selection",
    "TopicEdits",
    "agents",
    "anomalies",
    "aspect_trend",
    "aspects",
    "by_chance",
    "change_points",
    "choices",
    "comment",
    "comments",
    "compare",
    "contrast",
    "corrected",
    "design_effects",
    "dialogues",
    "difference",
    "distinct_texts",
    "distribution",
    "emotions",
    "findings",
    "finer_frequency",
    "floods",
    "from_params",
    "heat",
    "holm",
    "keywords",
    "mark_of_aspect",
    "mark_of_bucket",
    "mark_of_episode",
    "mark_of_flood",
    "mark_of_group",
    "mark_of_topic",
    "merge_change",
    "narrow",
    "overview",
    "paired_difference",
    "pieces",
    "ranks",
    "read_synonyms",
    "recent_periods",
    "rename_change",
    "sample_places",
    "sampled_rows",
    "select",
    "service",
    "shift",
    "stars",
    "stop_words",
    "synonyms",
    "talk",
    "to_params",
    "topic_edits",
    "topics",
    "trend",
    "unscored",
    "where",
    "wilson",
    "without",
]
