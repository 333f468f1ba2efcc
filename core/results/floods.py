"""Groups of comments that look copied or posted by one account, and the figures without them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.results.figures import Difference
from core.results.shift import Quote
from core.schema import Filter, Share

__all__ = ["Flood", "Floods", "Without"]


@dataclass(frozen=True, slots=True)
class Flood:
    """A suspicious group. "In all" refers to the whole table; everything else to the selection.

    Attributes:
        number: From 1, the largest of the whole table first.
        fast: Distinct comments of one account in a short time; otherwise copies of one text.
        counts: Comments per label, ``LABELS`` order.
        copies: Comments in all, a re-exported one counted once.
        accounts: Distinct nicknames in all; 0 = unknown.
        by_one: Most copies of one account in all.
        busiest: Most of them within an hour, in all; 0 = unknown.
        texts: Distinct texts in all.
        similar: Mean similarity to the most posted text, in [0, 1]; NaN for ``fast``.
        rating: Mean rating in all; NaN = unknown.
        first: Earliest time; None = undated.
        last: Latest time.
        rules: The rules it breaks, by their names in ``core.mine.floods.rules``.
        quotes: The most posted text and the least similar ones.
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
    """The negative share with and without the rows of a derived table.

    Attributes:
        removed: These rows as a share of all comments of the selection.
        whole: Negative share of all comments.
        rest: Negative share of the other comments.
        change: ``rest`` minus the negative share of the removed ones; NaN if either has no comment.
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
        floods: By falling number of comments in the selection; at most the requested number.
        groups: Number of groups in the selection.
        without: Their effect on the negative share.
        compared: Distinct texts that were long enough to be compared, out of ``texts``.
        authors: Whether accounts are known.
        to_the_minute: Whether times are more precise than a day.
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
