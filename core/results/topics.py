"""Topics of comments, learnt from the comments themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.results.course import Frequency
from core.results.shift import Quote
from core.schema import Filter, Share

__all__ = ["Topic", "TopicStep", "Topics"]


@dataclass(frozen=True, slots=True)
class TopicStep:
    """A topic in one time step: its comments, and their share of all comments of the step."""

    start: datetime
    share: Share


@dataclass(frozen=True, slots=True)
class Topic:
    """Comments about the same subject.

    Attributes:
        number: From 1; for merged topics, the lowest of their numbers.
        name: The name a person gave it, else its most typical terms.
        terms: By falling weight.
        share: Its share of the selection's comments in the derived table.
        stable: Its stability over halves of the comments, in [0, 1].
        steps: Over time, per ``Topics.frequency``; () without dates.
        quotes: The most typical comments.
        merged: The numbers of the topics merged into it; () = none.
    """

    number: int
    name: str
    terms: tuple[str, ...]
    share: Share
    stable: float
    steps: tuple[TopicStep, ...] = ()
    quotes: tuple[Quote, ...] = ()
    merged: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of a selection.

    Attributes:
        view: The derived table with the topic of each comment.
        topics: By falling size.
        other: Comments without a topic.
        n: Comments of the selection in the derived table.
        labels: Labels of these comments; () = any.
        learnt: Comments of the whole table that the topics were learnt from.
        learnt_of: Comments that these were sampled from.
        frequency: Length of a step; None without dates.
    """

    filter: Filter
    view: str
    topics: tuple[Topic, ...]
    other: Share
    n: int
    labels: tuple[str, ...]
    learnt: int
    learnt_of: int
    frequency: Frequency | None
