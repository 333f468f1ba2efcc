"""Topics of many comments from word co-occurrence: vectors, clusters, names."""

from core.mine.topics.model import FEWEST, Model, assign, learn
from core.mine.topics.names import name, telling
from core.mine.topics.vectors import Bag

__all__ = ["FEWEST", "Bag", "Model", "assign", "learn", "name", "telling"]
