"""Groups of comments that look copied or posted by one hand, and what the figures are without them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.results.figures import Difference
from core.results.shift import Quote
from core.schema import Filter, Share

__all__ = ["Flood", "Floods", "Without"]


@dataclass(frozen=True, slots=True)
class Flood:
    """A suspicious group. What says "in all" is of the whole table; the rest is of the selection.

    Attributes:
        number: From 1, the largest of the whole table first.
        fast: Different comments of one account in a short time; else copies of one text.
        counts: Comments per label, ``LABELS`` order.
        copies: Comments in all, the same one exported twice counted once.
        accounts: Different nicknames in all; 0 = unknown.
        by_one: Most copies of one account in all.
        busiest: Most of them within an hour, in all; 0 = unknown.
        texts: Different texts in all.
        similar: Mean similarity to the most posted text, in [0, 1]; NaN for ``fast``.
        rating: Mean rating in all; NaN = unknown.
        first: Earliest time; None = undated.
        last: Latest time.
        rules: Why it is suspicious, names of ``core.mine.floods.rules``.
        quotes: The most posted text and the ones least like it.
    """

    number: int
    fast: bool
    counts: tuple[int, int, int]
    copies: int
    accounts: int
    by_one: int
    busiest: int
    texts: int
    similar: float
    rating: float
    first: datetime | None
    last: datetime | None
    rules: tuple[str, ...]
    quotes: tuple[Quote, ...]

    @property
    def n(self) -> int:
        """Comments of the selection."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Without:
    """The negative share with and without what a derived table names.

    Attributes:
        removed: Comments that it names, of all of the selection.
        whole: Negative share of all comments.
        rest: Negative share without those.
        change: ``rest`` minus the negative share of those; NaN where either has no comment.
    """

    removed: Share
    whole: Share
    rest: Share
    change: Difference


@dataclass(frozen=True, slots=True)
class Floods:
    """Suspicious groups of a selection.

    Attributes:
        view: The derived table with the group of each comment.
        floods: By falling number of comments in the selection; at most as many as were asked for.
        groups: Groups in all of the selection.
        without: What they do to the negative share.
        compared: Different texts that were long enough to be compared, of ``texts``.
        authors: Whether accounts are known.
        to_the_minute: Whether times say more than the day.
    """

    filter: Filter
    view: str
    floods: tuple[Flood, ...]
    groups: int
    without: Without
    texts: int
    compared: int
    authors: bool
    to_the_minute: bool
