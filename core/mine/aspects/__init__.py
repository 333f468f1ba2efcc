"""Aspects: packs of them, their mentions in comments, and discovery of new ones from the comments."""

from core.mine.aspects.choose import Fit, choose
from core.mine.aspects.discover import discover
from core.mine.aspects.find import Mention, mentions, opinion_words
from core.mine.aspects.match import Hit, Matcher, matcher
from core.mine.aspects.pack import COLUMNS, PACKS, Aspect, Pack, pack_from_rows, parse, rows_of, shipped, write
from core.mine.aspects.polarity import EVEN, features, judge, verdict

__all__ = [
    "COLUMNS",
    "EVEN",
    "PACKS",
    "Aspect",
    "Fit",
    "Hit",
    "Matcher",
    "Mention",
    "Pack",
    "choose",
    "discover",
    "features",
    "judge",
    "matcher",
    "mentions",
    "opinion_words",
    "pack_from_rows",
    "parse",
    "rows_of",
    "shipped",
    "verdict",
    "write",
]
