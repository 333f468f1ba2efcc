"""Labelled table → small results: what a dashboard, a report or the API says of a million comments.

Every analysis is a function ``(table, chosen, ...) -> result`` with ``chosen`` a ``schema.Filter``, or the
``Selection`` that ``select`` makes of one when several analyses share a keyword. Results stand in core/results/.
"""

from core.analyse.anomalies import anomalies
from core.analyse.change_points import change_points
from core.analyse.choices import choices
from core.analyse.comments import ORDERS, PAGE_COLUMNS, comment, comments
from core.analyse.compare import MONTH, compare
from core.analyse.distribution import distribution
from core.analyse.emotions import emotions
from core.analyse.filters import Chosen, Selection, select, where
from core.analyse.keywords import keywords, stop_words
from core.analyse.marks import mark_of_bucket, mark_of_episode, mark_of_group, narrow
from core.analyse.overview import distinct_texts, overview
from core.analyse.params import PARAMS, from_params, to_params
from core.analyse.shift import shift
from core.analyse.statistics import difference, holm
from core.analyse.trend import trend
from core.analyse.unscored import unscored
from core.metrics import wilson

__all__ = [
    "MONTH",
    "ORDERS",
    "PAGE_COLUMNS",
    "PARAMS",
    "Chosen",
    "Selection",
    "anomalies",
    "change_points",
    "choices",
    "comment",
    "comments",
    "compare",
    "difference",
    "distinct_texts",
    "distribution",
    "emotions",
    "from_params",
    "holm",
    "keywords",
    "mark_of_bucket",
    "mark_of_episode",
    "mark_of_group",
    "narrow",
    "overview",
    "select",
    "shift",
    "stop_words",
    "to_params",
    "trend",
    "unscored",
    "where",
    "wilson",
]
