"""Results over time: buckets of a trend, anomalies, and change points."""

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
        frequency: Bucket length used; coarser than requested if that would give too many buckets.
        asked: Bucket length requested; None = chosen automatically.
        buckets: From the first to the last dated row, empty ones included.
        n: Dated rows, the sum over the buckets.
        undated: Rows of the selection that are in no bucket.
        first: Time of the earliest dated row, which may be days after the start of the first bucket; None = unknown.
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
    """Which buckets the verdict on a bucket is based on."""

    PAST = "past"  # earlier buckets only
    AROUND = "around"  # after a (re)start, with too little history: the first buckets, including later ones
    NONE = "none"  # no verdict: an empty bucket, or too few buckets since the (re)start


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the negative share of one bucket is abnormal, given its volume.

    Attributes:
        expected: Negative share predicted by the baseline for this bucket; NaN without a verdict.
        low: Lower limit of the normal share of this bucket alone; NaN without a verdict. A share below is abnormal.
        high: Upper limit.
        z: Deviation from the expected share, in standard deviations of a bucket of this size.
        span: Number of buckets up to this one that are abnormal when pooled; 1 = this one alone is, 0 = none.
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
    """Consecutive abnormal buckets, with at most one normal or empty bucket between two of them.

    Attributes:
        start: Start of its first bucket.
        end: End of its last bucket, exclusive.
        verdicts: Verdicts on the abnormal buckets.
        direction: 1 too high, -1 too low.
        share: Negative share from start to end.
        expected: Share predicted by the baseline, weighted by the buckets' volumes.
        baseline: Stretches of time, start included, end not, that the episode is compared with.
        z: Deviation of its most significant bucket, alone or pooled with those before it, from the expected share, in
            standard deviations.
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
    """A lasting change of the negative share, detected over the whole series.

    Attributes:
        at: Start of the first bucket of the new level.
        before: Negative share between the previous change (or the start) and this one.
        after: Negative share from here to the next change (or the end).
    """

    at: datetime
    before: Share
    after: Share


@dataclass(frozen=True, slots=True)
class Anomalies:
    """The anomalies of a trend.

    Attributes:
        verdicts: One per bucket of the trend.
        episodes: Abnormal stretches, by time.
        overdispersion: Intraclass correlation of the comments of one bucket at the end of the series, in [0, 1];
            0 = the buckets vary like independent comments. NaN without a verdict.
        copied: Buckets that look abnormal only because texts were posted repeatedly; their verdict is normal.
    """

    filter: Filter
    frequency: Frequency
    verdicts: tuple[Verdict, ...]
    episodes: tuple[Episode, ...]
    overdispersion: float
    copied: tuple[Bucket, ...] = ()
