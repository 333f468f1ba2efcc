"""Why a stretch of time differs from its baseline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.metrics import SIGNIFICANCE_LEVEL, Estimate, wilson
from core.schema import Filter, Share

__all__ = ["Cause", "Driver", "GroupShift", "Quote", "Shift"]


class Cause(StrEnum):
    """The cause of a change of the negative share, by the intervals of its two components."""

    REAL = "real"  # the shares within groups changed, not the mix of the known sources and products
    MIX = "mix"  # only the composition changed: more comments from groups that are always more negative
    BOTH = "both"
    UNCLEAR = "unclear"  # neither component is significant
    ALONE = "alone"  # all comments have one source and product, or unknown ones: the components cannot be separated


@dataclass(frozen=True, slots=True)
class GroupShift:
    """One group's contribution to a change; ``mix`` and ``within`` sum to the totals over all groups.

    Attributes:
        source: "" = unknown; None = the small groups merged.
        product: The same.
        before: Negative share in the baseline.
        after: Negative share in the stretch of interest.
    """

    source: str | None
    product: str | None
    before: Share
    after: Share
    mix: float
    within: float


@dataclass(frozen=True, slots=True)
class Driver:
    """A term that is in more negative comments than the baseline predicts.

    Attributes:
        after: Negative comments of the stretch that contain it.
        before: Negative comments of the baseline that contain it, of those that were counted.
        expected: Negative comments of the stretch that would contain it at the baseline's rate among all comments.
        once: As ``after``, counting copies of a text once; computed only where ``after`` alone would be significant.
        p: Corrected for all terms: the largest of the p-values with all comments, with copies of a text counted
            once, and with days that scatter as in the baseline.
    """

    term: str
    after: int
    before: int
    expected: float
    once: int
    p: float

    @property
    def clear(self) -> bool:
        """Whether the term is significant at the level ``SIGNIFICANCE_LEVEL``."""
        return self.p < SIGNIFICANCE_LEVEL


@dataclass(frozen=True, slots=True)
class Quote:
    """The original text of a comment, and its position: ``row`` in the job, ``row_number`` in the file."""

    row: int
    file: str
    row_number: int
    text: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A decomposed change of the negative share: ``after.value - before.value == mix.value + within.value``.

    Attributes:
        before: Negative share in the baseline.
        after: Negative share in the stretch of interest.
        mix: Effect of the changed composition by source and product, with its interval.
        within: Effect of the changes within groups, with its interval.
        groups: By falling size of their contribution; at most forty, the rest merged.
        drivers: Significant ones first, then by falling excess, ``after - expected``.
        quotes: Negative comments of the stretch that contain most of the significant drivers, or of all if none is.
    """

    filter: Filter
    before: Share
    after: Share
    mix: Estimate
    within: Estimate
    cause: Cause
    groups: tuple[GroupShift, ...]
    drivers: tuple[Driver, ...]
    quotes: tuple[Quote, ...]

    @property
    def unknown(self) -> tuple[GroupShift, ...]:
        """The named groups of the stretch without a comment in the baseline: their earlier share is unknown."""
        return tuple(g for g in self.groups if g.source is not None and not g.before.n and g.after.n)

    @property
    def telling(self) -> tuple[Driver, ...]:
        """The significant drivers that are also in a larger share of the negative comments than in the baseline.

        When more comments are negative, whatever is in all of them becomes more frequent: 市民来电反映, which
        opens each record of a hotline, says nothing about what happened.
        """
        return tuple(d for d in self.drivers if d.clear and wilson(d.after, self.after.count).low > self.usual_part(d))

    def usual_part(self, driver: Driver) -> float:
        """Return the share of the baseline's negative comments that contain a term; 0 if there are none."""
        counted = self.before.count * self.after.n
        return driver.expected * self.before.n / counted if counted else 0.0
