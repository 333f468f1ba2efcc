"""Tables derived from a labelled table: mentions of aspects, topics, repeats, dialogues; made once, stored beside it.

This package joins stages: it takes rows from the store, runs the texts through core/mine/ and, where needed, the model,
and stores the result. What a page shows of it is then a query in core/analyse/ like any other.
"""

from core.derive.derivation_queue import DerivationQueue, Failed, Running, State
from core.derive.floods import Floods
from core.derive.mentions import Mentions
from core.derive.recipe import Recipe, Report, view_of
from core.derive.run import derive
from core.derive.topics import MOST_TOPICS, Merged, Topics

__all__ = [
    "MOST_TOPICS",
    "DerivationQueue",
    "Failed",
    "Floods",
    "Mentions",
    "Merged",
    "Recipe",
    "Report",
    "Running",
    "State",
    "Topics",
    "derive",
    "view_of",
]
