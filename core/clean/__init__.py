"""From rows to comments: adds cleaned text, keys, times, ratings and terms to the columns of the file."""

from core.clean.comments import clean, why_blank
from core.clean.dates import is_doubtful, parse_times
from core.clean.dedupe import Deduper
from core.clean.pii import mask
from core.clean.ratings import parse_ratings
from core.clean.terms import segment
from core.clean.text import clean_text, is_default_text, text_key

__all__ = [
    "Deduper",
    "clean",
    "clean_text",
    "is_default_text",
    "is_doubtful",
    "mask",
    "parse_ratings",
    "parse_times",
    "segment",
    "text_key",
    "why_blank",
]
