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
    """One finding: comments that hold more negative ones than they should.

    Attributes:
        subject: The source, product, value of a column, word or aspect; of a rise its first and last day,
            ``2026-03-01 至 2026-03-04``, or its first hour and the end of its last one, ``2026-03-04 18:00 至 20:00``.
        share: Negative share of these comments (of an aspect: of those that speak of it; of stars: of the highest
            rating).
        expected: Share it is held against: the history of a rise, ``MISREAD`` for stars, else the rest of
            the comments (of an aspect: what comments say of the other aspects; of a column: those with a value).
        excess: Negative comments beyond the expected ones: ``(share - expected) × n``. What findings are ranked by.
        excess_low: The same at the low end of the 95 % interval; a finding has 1 or more.
        mark: The comments it is about, to be put upon the filter.
        quotes: Some of its negative comments, the surest ones, as they were written.
        during: Start and end, not included, of a rise of hours: the mark stands for their whole days.
        behind: Comments behind the mark where ``during`` is set.
        episode: Of a rise, what it was found as.
        words: Of a rise, what its negative comments speak of more than others do, ``Shift.telling``.
        also: Smaller findings that are left out because they are about the same comments, the largest first, words
            excepted.
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
        findings: By falling excess.
        considered: Candidates that stood the test, these included.
        alike: Of these, left out because half of their negative comments are those of a larger finding.
    """

    filter: Filter
    total: Share
    findings: tuple[Finding, ...]
    considered: int
    alike: int
