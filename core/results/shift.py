"""Why a stretch of time differs from the one it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.metrics import Estimate, wilson
from core.schema import Filter, Share

__all__ = ["CLEAR", "Cause", "Driver", "GroupShift", "Quote", "Shift"]

#: A term is clear at this level.
CLEAR: Final = 0.05


class Cause(StrEnum):
    """What a change of the negative share comes from, by the intervals of its two parts."""

    REAL = "real"  # the shares inside the groups changed: of sources and products that the table knows it is no mix
    MIX = "mix"  # only the composition changed: more comments from groups that are always more negative
    BOTH = "both"
    UNCLEAR = "unclear"  # neither part is told from chance
    ALONE = "alone"  # all comments have one source and product, or none that is known: nobody can tell the parts apart


@dataclass(frozen=True, slots=True)
class GroupShift:
    """What one group adds to a change; ``mix`` and ``within`` of all groups sum to those of the whole.

    Attributes:
        source: "" = unknown; None = the groups too small to stand alone, together.
        product: The same.
        before: Negative share in the baseline.
        after: Negative share in the stretch looked at.
    """

    source: str | None
    product: str | None
    before: Share
    after: Share
    mix: float
    within: float


@dataclass(frozen=True, slots=True)
class Driver:
    """A term that stands in more negative comments than the baseline lets expect.

    Attributes:
        after: Negative comments of the stretch that hold it.
        before: Negative comments of the baseline that hold it, of those that were counted.
        expected: Negative comments of the stretch that would hold it at the baseline's rate among all comments.
        once: As ``after`` when copies of a text count once, which matters where ``after`` alone would be clear.
        p: Probability of so many or more at that rate, corrected for all terms: the largest one with all comments, with
            copies of a text as one, and with days that scatter as those of the baseline.
    """

    term: str
    after: int
    before: int
    expected: float
    once: int
    p: float

    @property
    def clear(self) -> bool:
        """Whether chance gives any such word in fewer than one case of twenty."""
        return self.p < CLEAR


@dataclass(frozen=True, slots=True)
class Quote:
    """A comment as it was written, and where: ``row`` in the job, ``row_number`` in the file."""

    row: int
    file: str
    row_number: int
    text: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of the negative share, taken apart: ``after.value - before.value == mix.value + within.value``.

    Attributes:
        before: Negative share in the baseline.
        after: Negative share in the stretch looked at.
        mix: What the change of composition by source and product does, with its interval.
        within: What changed inside the groups, with its interval.
        groups: By falling size of what they add; at most forty, the rest together.
        drivers: Clear ones first, then by falling excess, ``after - expected``.
        quotes: Negative comments of the stretch that hold most of the clear drivers, or of all where none is clear.
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
        """The named groups of the stretch that the baseline has no comment of: nobody knows how they were before."""
        return tuple(g for g in self.groups if g.source is not None and not g.before.n and g.after.n)

    @property
    def telling(self) -> tuple[Driver, ...]:
        """The clear drivers that also stand in a larger part of the negative comments than in the baseline.

        Where more comments are negative, whatever stands in all of them stands in more of them: 市民来电反映, which
        opens each record of a hotline, says nothing of what happened.
        """
        return tuple(d for d in self.drivers if d.clear and wilson(d.after, self.after.count).low > self.usual_part(d))

    def usual_part(self, driver: Driver) -> float:
        """Return the part of the negative comments of the baseline that hold a term; 0 where there are none."""
        counted = self.before.count * self.after.n
        return driver.expected * self.before.n / counted if counted else 0.0
