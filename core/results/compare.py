"""Comparisons of groups of comments: their shares, their aspects, their ranks in two periods."""

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
        shares: One per label, ``LABELS`` order; copies of a longer text widen their intervals.
        difference: Share of the compared label here minus that in the reference, or in all the other rows.
        p_adjusted: ``difference.p`` Holm-adjusted over the listed groups; NaN where p is.
        mean_rating: NaN when no row is rated.
        voice: Share of voice: the group's rows as a share of all rows of the selection.
        once: Rows, counting copies of a longer text once.
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
    """A comparison of groups of rows.

    Attributes:
        by: Grouping column: one of the view ``comments``, or ``month``.
        label: Index into ``LABELS`` of the compared label.
        groups: By falling n (months: by time); at most the requested number.
        total: Share of the label over all rows of the selection.
        groups_in_all: Number of distinct values; more than ``groups`` if some are not listed.
        reference: Name of the group that the others are compared with; None = each against all other rows.
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
    """A rank among the groups, 1 = the highest share.

    Attributes:
        place: Rank by the observed shares; ties are in order of name.
        low: Best rank that the counts do not rule out …
        high: … and the worst: simultaneous 95 % confidence for all groups.
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
        p_adjusted: ``difference.p`` Holm-adjusted over the lines.
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
    """How the ranking of groups changed between two periods.

    Attributes:
        before: Days of the earlier period.
        after: Days of the later one.
        lines: By rank in the later period; only groups with enough comments in both.
        least: Fewest comments of a listed group in each period.
        left_out: Number of groups with fewer.
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
    """One aspect in one group: the negative share of the comments that mention it, here minus in the other groups."""

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
        groups: By falling number of comments.
        cells: Cells of the listed aspects and groups that have a comment.
        n: Pairs of comment and aspect in the listed cells.
        again: Of these, copies of a text that is already in the cell.
    """

    filter: Filter
    by: str
    view: str
    aspects: tuple[str, ...]
    groups: tuple[str, ...]
    cells: tuple[HeatCell, ...]
    n: int
    again: int = 0
