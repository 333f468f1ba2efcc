"""Tables derived from a labelled table: mentions of aspects, topics, repeats, dialogues; made once, stored beside it.

This package joins stages: it takes rows from the store, runs the texts through core/mine/ and, where needed, the model,
and stores the result. What a page shows of it is then a query in core/analyse/ like any other.
"""

from core.derive.floods import Floods
from core.derive.mentions import Mentions
from core.derive.recipe import Recipe, Report, view_of
from core.derive.run import derive
from core.derive.topics import MOST_TOPICS, Merged, Topics
from core.derive.workshop import Failed, Running, State, Workshop

__all__ = [
    "MOST_TOPICS",
    "Failed",
    "Floods",
    "Mentions",
    "Merged",
    "Recipe",
    "Report",
    "Running",
    "State",
    "Topics",
    "Workshop",
    "derive",
    "view_of",
]
