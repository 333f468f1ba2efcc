"""Why a stretch of time differs from the one it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.schema import Filter, Share

if TYPE_CHECKING:  # named in annotations only: it needs numpy
    from core.metrics import Estimate

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
