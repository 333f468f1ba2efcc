"""Groups of comments side by side: their shares, their aspects, their ranks in two periods."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.figures import Difference
from core.schema import Filter, Share

__all__ = ["Comparison", "Group", "Heat", "HeatCell", "RankLine", "Ranks"]


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that share one value of a column.

    Attributes:
        name: The value; "" = unknown.
        n: Labelled rows.
        shares: One per label, ``LABELS`` order; copies of a longer text make their intervals wider.
        difference: Share of the compared label here minus in the reference, or in all the other rows.
        p_adjusted: ``difference.p`` after Holm's correction over the listed groups; NaN when p is.
        mean_rating: NaN when no row is rated.
        voice: Share of voice: of all rows of the selection, those of the group.
        once: Rows when the copies of a longer text count once.
    """

    name: str
    n: int
    shares: tuple[Share, ...]
    difference: Difference
    p_adjusted: float
    mean_rating: float
    voice: Share
    once: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Groups of rows side by side.

    Attributes:
        by: What the groups share: a column of the view ``comments`` or ``month``.
        label: Index into ``LABELS`` of the label that is compared.
        groups: By falling n (months: by time); at most the asked number.
        total: Share of the label over all rows of the selection.
        groups_in_all: Distinct values; more than ``groups`` when some are not listed.
        reference: Name of the group that the others are held against; None = each against all other rows.
    """

    filter: Filter
    by: str
    label: int
    groups: tuple[Group, ...]
    total: Share
    groups_in_all: int
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among the groups, 1 = the highest share.

    Attributes:
        place: By the shares as counted; equal shares take the order of the names.
        low: Best place that the counts do not rule out …
        high: … and the worst: with 95 % certainty all groups lie between theirs.
    """

    place: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class RankLine:
    """A group in two periods.

    Attributes:
        before: Share of the label in the earlier period.
        after: In the later one.
        rank_before: In the earlier period.
        rank_after: In the later one.
        difference: After minus before.
        p_adjusted: ``difference.p`` after Holm's correction over the lines.
    """

    name: str
    before: Share
    after: Share
    rank_before: Rank
    rank_after: Rank
    difference: Difference
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Ranks:
    """How the order of groups changed between two periods.

    Attributes:
        before: Days of the earlier period.
        after: Days of the later one.
        lines: By rank in the later period; only groups with enough comments in both.
        least: Fewest comments of a listed group in each period.
        left_out: Groups with fewer.
    """

    filter: Filter
    by: str
    label: int
    before: Filter
    after: Filter
    lines: tuple[RankLine, ...]
    least: int
    left_out: int


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One aspect in one group: of the comments that speak of it, those that speak badly, here minus in other groups."""

    aspect: str
    group: str
    share: Share
    difference: Difference
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Heat:
    """Aspects by groups.

    Attributes:
        view: The derived table of mentions.
        aspects: By falling number of comments.
        groups: Alike.
        cells: Of the listed aspects and groups, those with a comment.
        n: Pairs of comment and aspect in the listed cells.
        again: Of these, copies of a text that stands in the cell already.
    """

    filter: Filter
    by: str
    view: str
    aspects: tuple[str, ...]
    groups: tuple[str, ...]
    cells: tuple[HeatCell, ...]
    n: int
    again: int = 0
