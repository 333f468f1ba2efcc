"""What happened over time: buckets, what was abnormal about them, and what changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.schema import Filter, Share

__all__ = [
    "FREQUENCY_TITLES",
    "Anomalies",
    "Bucket",
    "ChangePoint",
    "Episode",
    "Frequency",
    "History",
    "Trend",
    "Verdict",
]


class Frequency(StrEnum):
    """Length of one bucket of a trend."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


FREQUENCY_TITLES: Final[dict[Frequency, str]] = {
    Frequency.HOUR: "小时",
    Frequency.DAY: "日",
    Frequency.WEEK: "周",
    Frequency.MONTH: "月",
    Frequency.YEAR: "年",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """One step of a trend, ``start`` included, ``end`` not.

    Attributes:
        counts: Labelled rows per label, ``LABELS`` order.
        negative: Share of negative rows; NaN in an empty bucket.
    """

    start: datetime
    end: datetime
    counts: tuple[int, int, int]
    negative: Share

    @property
    def n(self) -> int:
        """Labelled rows in the bucket."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Trend:
    """Labelled rows over time.

    Attributes:
        frequency: What was used; coarser than asked when that would give too many buckets.
        asked: What was asked for; None = chosen by the span of time.
        buckets: From the first to the last dated row, empty ones included.
        n: Dated rows, the sum over the buckets.
        undated: Rows of the selection that stand in no bucket.
        first: Time of the earliest dated row, which may lie days behind the start of the first bucket; None = unknown.
        last: Time of the latest one.
    """

    filter: Filter
    frequency: Frequency
    asked: Frequency | None
    buckets: tuple[Bucket, ...]
    n: int
    undated: int
    first: datetime | None = None
    last: datetime | None = None


class History(StrEnum):
    """What the verdict on a bucket rests on."""

    PAST = "past"  # only on earlier buckets
    AROUND = "around"  # at a beginning, with too little history: on its first buckets, later ones among them
    NONE = "none"  # no verdict: an empty bucket, or too few buckets since the beginning


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the negative share of one bucket is abnormal, its volume taken into account.

    Attributes:
        expected: Negative share that the baseline lets expect of this bucket; NaN without a verdict.
        low: Lowest share of this bucket alone that is normal; NaN without a verdict. What lies below is abnormal.
        high: Highest such share.
        z: How far the share lies from the expected one, in standard deviations of a bucket of this size.
        span: Buckets up to this one that together are abnormal; 1 = this one alone is, 0 = nothing is.
        abnormal: 1 too high, -1 too low, 0 normal or no verdict.
    """

    bucket: Bucket
    expected: float
    low: float
    high: float
    z: float
    span: int
    abnormal: int
    history: History


@dataclass(frozen=True, slots=True)
class Episode:
    """Abnormal buckets that follow one another, with at most one normal or empty bucket between two of them.

    Attributes:
        start: Of its first bucket.
        end: Of its last bucket, not included.
        verdicts: Of the abnormal buckets.
        direction: 1 too high, -1 too low.
        share: Negative share from start to end.
        expected: What the baseline let expect, weighted by the buckets' volumes.
        baseline: Stretches of time, start included, end not, that the episode is held against.
        z: How far its most telling bucket, alone or with those before it, lies from what was expected, in standard
            deviations.
    """

    start: datetime
    end: datetime
    verdicts: tuple[Verdict, ...]
    direction: int
    share: Share
    expected: float
    baseline: tuple[tuple[datetime, datetime], ...]
    z: float = math.nan


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """A lasting change of the negative share, found with the whole series in view.

    Attributes:
        at: Start of the first bucket of the new level.
        before: Negative share between the change before (or the start) and this one.
        after: Negative share from here to the next change (or the end).
    """

    at: datetime
    before: Share
    after: Share


@dataclass(frozen=True, slots=True)
class Anomalies:
    """What is abnormal in a trend.

    Attributes:
        verdicts: One per bucket of the trend.
        episodes: By time.
        overdispersion: Intraclass correlation of the comments of one bucket at the end of the series, in [0, 1];
            0 = the buckets scatter like independent comments. NaN without a verdict.
        copied: Buckets that look abnormal only because some texts were posted again and again; their verdict is normal.
    """

    filter: Filter
    frequency: Frequency
    verdicts: tuple[Verdict, ...]
    episodes: tuple[Episode, ...]
    overdispersion: float
    copied: tuple[Bucket, ...] = ()
