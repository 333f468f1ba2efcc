"""What comments are about, in groups found from the comments themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.results.course import Frequency
from core.results.shift import Quote
from core.schema import Filter, Share

__all__ = ["Topic", "TopicStep", "Topics"]


@dataclass(frozen=True, slots=True)
class TopicStep:
    """A topic in one step of time: its comments, and their share of all comments of the step."""

    start: datetime
    share: Share


@dataclass(frozen=True, slots=True)
class Topic:
    """Comments that talk about the same.

    Attributes:
        number: From 1; in a table of merged topics the lowest of those it was made of.
        name: A person's name for it, else its most telling terms.
        terms: By falling weight.
        share: Of the comments whose topics were looked for, those that fit the filter.
        stable: How far it comes again in halves of the comments, in [0, 1].
        steps: Over time, as ``Topics.frequency`` says; () without dates.
        quotes: The most typical comments.
        merged: The numbers it was made of; () = of none.
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
        other: Comments that fit no topic.
        n: Comments of the selection whose topics were looked for.
        labels: Whose comments; () = of any label.
        learnt: Comments of the whole table that the topics were learnt from.
        learnt_of: Of how many.
        frequency: Of ``Topic.steps``; None without dates.
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
