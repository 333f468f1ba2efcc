"""The few findings that matter most, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.metrics import Estimate
from core.results.course import Episode
from core.results.shift import Driver, Quote
from core.schema import Filter, Share

__all__ = ["MISREAD", "Finding", "FindingKind", "Findings"]

#: How often the built-in model takes praise for blame in a trade nobody measured: the mean of trades, and what 19 of
#: 20 of them lie between. docs/model_card.md, "Praise taken for blame".
MISREAD: Final = Estimate(2.05 / (2.05 + 35.4), 0.007, 0.146)


class FindingKind(StrEnum):
    """What a finding is about."""

    RISE = "rise"  # a stretch of time with more negative comments than its history lets expect
    SOURCE = "source"  # a platform that is more negative than all the others
    PRODUCT = "product"
    FACET = "facet"  # a value of one of the file's own columns, such as one 科室
    WORD = "word"  # a term whose comments are more negative than the rest
    ASPECT = "aspect"  # an aspect that is more often blamed than the others
    STARS = "stars"  # negative comments under the highest rating


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: a set of comments with more negative ones than expected.

    Attributes:
        subject: The source, product, column value, word or aspect; for a rise its first and last day,
            ``2026-03-01 至 2026-03-04``, or its first hour and the end of its last one, ``2026-03-04 18:00 至 20:00``.
        share: Negative share of these comments (for an aspect: of those that mention it; for stars: of those with the
            highest rating).
        expected: The baseline: history for a rise, ``MISREAD`` for stars, otherwise the remaining comments (for an
            aspect: mentions of the other aspects; for a column: the comments with another value).
        excess: Negative comments beyond the expected ones, ``(share - expected) × n``; findings are ranked by it.
        excess_low: The same at the lower end of the 95 % interval; at least 1.
        mark: Filter that selects its comments.
        quotes: Some of its most confident negative comments, verbatim.
        during: Start and end (exclusive) of a rise in hours; ``mark`` then selects whole days.
        behind: Number of comments selected by ``mark`` if ``during`` is set.
        episode: The abnormal period behind a rise.
        words: For a rise, the overrepresented words of its negative comments, ``Shift.telling``.
        also: Smaller findings about the same comments, dropped in favour of this one, largest first; without words.
    """

    kind: FindingKind
    subject: str
    share: Share
    expected: float
    excess: float
    excess_low: float
    mark: Filter
    quotes: tuple[Quote, ...] = ()
    during: tuple[datetime, datetime] | None = None
    behind: int = 0
    episode: Episode | None = None
    words: tuple[Driver, ...] = ()
    also: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of one selection.

    Attributes:
        total: Negative share of the selection.
        findings: In descending order of excess.
        considered: Number of significant candidates, including these.
        alike: Of these, the number dropped because they share half of their negative comments with a larger finding.
    """

    filter: Filter
    total: Share
    findings: tuple[Finding, ...]
    considered: int
    alike: int
