"""The control chart itself: one pass over the buckets of a trend, each judged by those before it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.analyse.baseline import (
    SCATTER_GRID,
    SCATTER_START,
    Fit,
    Scatter,
    angle,
    fit,
    pattern_of,
    share_of,
    share_seen,
    spread,
)
from core.results import Bucket, Frequency, History, Verdict
from core.schema import NEGATIVE

__all__ = ["FEWEST", "PACES", "Watch", "silent"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: With fewer buckets, none can be judged, even with all others in view.
FEWEST: Final = 7
#: With fewer normal buckets than this in the window, there is no history: the chart restarts.
LEFT: Final = 4
#: Lower limit of one bucket, in standard deviations. Falls are rarely news: only clear ones count.
DOWN: Final = 4.0
#: For a pooled alarm, the last bucket must exceed its expectation by at least this many standard deviations.
STILL_UP: Final = 1.0
#: And its error must be at least this fraction of the others': the first quiet bucket after high ones is no alarm.
STAYING: Final = 0.6
#: After this many consecutive abnormal Mondays (or eight o'clocks), the abnormal value is normal for them.
RECURRING: Final = 3
#: A difference below this many percentage points is irrelevant, however significant it is.
LEAST_POINTS: Final = 0.02
#: A bucket, or a pool of them, is not too high with fewer negative comments than this.
LEAST_COUNT: Final = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """Control-chart parameters of a frequency; all counts are in buckets.

    Attributes:
        window: How far back the baseline reaches.
        half_life: Half-life of a bucket's weight.
        least: Buckets with comments that a baseline needs.
        spans: Numbers of buckets that are pooled.
        settle: After this many abnormal buckets, the new level becomes normal.
        up: Upper limit of one bucket, in standard deviations; measured by ``python -m bench anomalies``.
            Hours have 24 chances of a false alarm a day, so theirs is higher.
        together: Limit of pooled buckets.
    """

    window: int
    half_life: int
    least: int
    spans: tuple[int, ...]
    settle: int
    up: float
    together: float


PACES: Final = {
    Frequency.HOUR: Pace(504, 168, 72, (1, 3, 6, 12, 24), 72, 3.8, 3.8),
    Frequency.DAY: Pace(91, 21, 14, (1, 2, 3, 5, 7), 21, 2.8, 2.7),
    Frequency.WEEK: Pace(26, 10, 8, (1, 2, 3), 8, 2.8, 2.7),
    Frequency.MONTH: Pace(24, 12, 8, (1, 2), 6, 2.8, 2.7),
}
#: Pooled buckets may vary more than their individual variances imply (drift, events that last several days).
_INFLATION_GRID: Final = np.geomspace(1.0, 25.0, 40)


class Watch:
    """Processes the buckets with comments once, in order.

    Args:
        buckets: Buckets, each with comments.
        places: Their positions among all buckets, empty ones included.
        frequency: Bucket length of the trend.
        pace: The control-chart parameters.
        effects: Design effects of buckets with copies of texts, 1 or more: this many comments are worth one.
    """

    def __init__(
        self,
        buckets: Sequence[Bucket],
        places: Sequence[int],
        frequency: Frequency,
        pace: Pace,
        effects: Mapping[Bucket, float],
    ) -> None:
        self.buckets = buckets
        self.pace = pace
        effect = np.array([effects.get(bucket, 1.0) for bucket in buckets])
        every = np.array([bucket.n for bucket in buckets], np.float64)
        self.n = every / effect
        self.count = np.array([bucket.counts[NEGATIVE] for bucket in buckets], np.float64) / effect
        # additional variance of a bucket due to its copies alone
        self.copied = spread(self.n) - spread(every)
        self.y = angle(self.count, self.n)
        self.place = np.array(places, np.int64)
        self.phase, self.phases = pattern_of(buckets, frequency)
        self.usable = np.ones(len(buckets), np.bool_)
        known = float(np.median(spread(self.n[: pace.least])))
        self.scatter = Scatter(SCATTER_GRID, start=SCATTER_START, known=known, trust=6)
        self.inflation = {
            span: Scatter(_INFLATION_GRID, start=1.0, known=0.0, trust=20) for span in pace.spans if span > 1
        }
        self.away = np.zeros(len(buckets))
        self.since = 0
        self.run: list[int] = []
        self.baselines: dict[Bucket, Ints] = {}
        self.telling: dict[Bucket, float] = {}

    def verdicts(self) -> Iterator[Verdict]:
        """Yield one verdict per bucket."""
        i = 0
        while i < len(self.buckets):
            first, i = i, min(i + self.pace.least, len(self.buckets))
            yield from self.begin(first, i)
            # after a long silence, or with hardly any normal bucket in the window, the chart restarts
            while i < len(self.buckets) and len(self.past(i)) >= LEFT:
                yield self.judge(i)
                i += 1

    def stretches(self, bucket: Bucket) -> tuple[tuple[datetime, datetime], ...]:
        """Return the baseline of an abnormal bucket as stretches of time."""
        used = self.baselines[bucket]
        used = used[self.usable[used]]
        parts = np.split(used, np.flatnonzero(np.diff(used) > 1) + 1) if len(used) else []
        return tuple((self.buckets[part[0]].start, self.buckets[part[-1]].end) for part in parts)

    def begin(self, first: int, end: int) -> Iterator[Verdict]:
        """Judge buckets without a history by each other, and by none after them."""
        self.since, self.run = first, []
        if end - first < FEWEST:
            yield from map(silent, self.buckets[first:end])
            return
        among = np.arange(first, end)
        judged = [self.error_of(i, among[among != i]) for i in range(first, end)]
        for error, known, _ in judged:
            self.scatter.add(error, known)
        for i, (error, known, made) in zip(range(first, end), judged, strict=True):
            z = self.units(error, math.sqrt(known + float(self.beyond(i))), self.scatter.n)
            self.baselines[self.buckets[i]] = among[among != i]
            self.telling[self.buckets[i]] = abs(z)
            yield self.verdict(i, made, z, 1, History.AROUND)

    def error_of(self, i: int, others: Ints) -> tuple[float, float, Fit]:
        """Return the error of a bucket against a baseline of others, the known part of its variance, the baseline."""
        made = self.baseline(others, i)
        error = float(self.errors(np.array([i]), made)[0])
        return error, float(spread(self.n[i]) + made.variance[self.phase[i]]), made

    def beyond(self, which: int | Ints) -> Floats:
        """Return the overdispersion net of the buckets' own copies; the common estimate includes the usual copies."""
        return np.maximum(self.scatter.value - self.copied[which], 0.0)

    def errors(self, which: Ints, made: Fit) -> Floats:
        """Return the errors of buckets against a baseline, as angles."""
        return self.y[which] - made.angles(self.phase[which], self.n[which])

    def baseline(self, others: Ints, now: int) -> Fit:
        """Fit a baseline to some buckets, weighted by their distance from the bucket ``now``."""
        away = np.abs(self.place[others] - self.place[now])
        variance = spread(self.n[others]) + self.beyond(others)
        fade = 0.5 ** (away / self.pace.half_life)
        return fit(self.count[others], self.n[others], variance, self.phase[others], self.phases, fade=fade)

    def past(self, i: int) -> Ints:
        """Return the buckets before one that may form its baseline."""
        past = np.arange(self.last(i, self.pace.window + 1)[0], i)
        return past[self.usable[past]]

    def last(self, i: int, span: int) -> Ints:
        """Return the buckets of the last ``span`` steps up to i, none from before the last restart."""
        return np.arange(max(self.since, int(np.searchsorted(self.place, self.place[i] - span + 1))), i + 1)

    def judge(self, i: int) -> Verdict:
        """Judge a bucket by those before it, and update the estimates with it."""
        past = self.past(i)
        # the last buckets are what is tested: they must not be part of their own baseline
        guard = min(max(self.pace.spans) - 1, len(past) // 4)
        history = past[: len(past) - guard]
        error, known, made = self.error_of(i, history)
        seen = self.scatter.n
        z = self.units(error, math.sqrt(known + float(self.beyond(i))), seen)
        pooled = self.pools(i, made, guard + 1)
        staying = z >= STILL_UP and error >= STAYING * self.height(i)
        span, telling = self.together(error, pooled) if staying else (0, 0.0)
        self.telling[self.buckets[i]] = max(abs(z), telling)
        verdict = self.verdict(i, made, z, span, History.PAST)
        if verdict.abnormal:
            self.away[i] = error
            self.baselines[self.buckets[i]] = history
        else:
            self.scatter.add(error, known)
            for length, (_, away) in pooled.items():
                self.inflation[length].add(away, 0.0)
        self.settle(i, abnormal=bool(verdict.abnormal))
        return verdict

    def height(self, i: int) -> float:
        """Return the mean error of the abnormal ones among the pooled buckets; 0 if there are none."""
        last = np.arange(int(np.searchsorted(self.place, self.place[i] - max(self.pace.spans) + 1)), i)
        high = self.away[last[~self.usable[last]]]
        return float(high.mean()) if len(high) else 0.0

    def pools(self, i: int, made: Fit, longest: int) -> dict[int, tuple[float, float]]:
        """Return, for each span, the pooled error of its buckets against the baseline, as an angle and in standard
        deviations; spans with comments in one bucket only are left out."""
        spans = [span for span in self.pace.spans if 1 < span <= longest]
        errors = self.errors(self.last(i, max(spans, default=1)), made)
        return {span: found for span in spans if (found := self.pool(i, made, span, errors))}

    def pool(self, i: int, made: Fit, span: int, errors: Floats) -> tuple[float, float] | None:
        """Return the value of ``pools`` for one span; ``errors`` end with those of its buckets."""
        last = self.last(i, span)
        if len(last) < 2:
            return None
        weight = 1 / (spread(self.n[last]) + self.beyond(last))
        error = float(np.average(errors[-len(last) :], weights=weight))
        variance = 1 / weight.sum() + float(np.average(made.variance[self.phase[last]], weights=weight))
        return error, error / math.sqrt(variance)

    def together(self, error: float, pooled: dict[int, tuple[float, float]]) -> tuple[int, float]:
        """Return how many of the last buckets are too high when pooled, for the most significant span, and the z-score;
        0 = none.

        The last one must be nearer to the others' level than to the expected one: it may be the first quiet one.
        """
        best, telling = 0, self.pace.together
        for span, (level, away) in pooled.items():
            z = self.units(away, math.sqrt(self.inflation[span].value), self.scatter.n)
            if z >= telling and error >= STAYING * level:
                best, telling = span, z
        return best, telling if best else 0.0

    def units(self, error: float, deviation: float, seen: int) -> float:
        """Convert an error to a z-score; it is shrunk the more, the fewer buckets its deviation is estimated from.

        Source: Wallace (1959), Annals of Mathematical Statistics 30:1121-1130 (from Student's t to normal).
        """
        free = 6 + 0.5 * seen
        t = error / deviation
        return math.copysign(math.sqrt(free * math.log1p(t * t / free)) * (8 * free + 1) / (8 * free + 3), t)

    def reach(self, z: float, seen: int) -> float:
        """Return the number of deviations that has the z-score ``z``; the inverse of ``units``."""
        free = 6 + 0.5 * seen
        return math.sqrt(free * math.expm1((z * (8 * free + 3) / (8 * free + 1)) ** 2 / free))

    def verdict(self, i: int, made: Fit, z: float, span: int, history: History) -> Verdict:
        """Build the verdict on a bucket."""
        bucket = self.buckets[i]
        expected = share_of(float(made.expected[self.phase[i]]))
        low, high = self.limits(i, made, expected)
        away = bucket.negative.value - expected
        enough = [
            away >= LEAST_POINTS and self.count[self.last(i, length)].sum() >= LEAST_COUNT for length in (1, span)
        ]
        alone = z >= self.pace.up and enough[0]
        abnormal = 0
        if alone or (span > 1 and z >= STILL_UP and enough[1]):
            abnormal = 1
        elif z <= -DOWN and away <= -LEAST_POINTS:
            abnormal, alone = -1, True
        if abnormal:
            self.usable[i] = False
        return Verdict(bucket, expected, low, high, z, (1 if alone else span) if abnormal else 0, abnormal, history)

    def limits(self, i: int, made: Fit, expected: float) -> tuple[float, float]:
        """Return the limits of the normal share of a single bucket, consistent with ``verdict``."""
        at, n, seen = self.phase[i], float(self.n[i]), self.scatter.n
        middle = float(made.angles(self.phase[[i]], self.n[[i]])[0])
        deviation = math.sqrt(float(made.variance[at] + spread(self.n[i]) + self.beyond(i)))
        low = share_seen(middle - self.reach(DOWN, seen) * deviation, n)
        high = share_seen(middle + self.reach(self.pace.up, seen) * deviation, n)
        low = max(0.0, min(low, expected - LEAST_POINTS))
        return low, min(1.0, max(high, expected + LEAST_POINTS, (LEAST_COUNT - 1) / n))

    def settle(self, i: int, *, abnormal: bool) -> None:
        """Accept a persistent level as normal, and what recurs every week or day as part of the pattern."""
        if abnormal:
            self.run.append(i)
        elif self.run and i - self.run[-1] > 3:
            self.run = []
        same = np.flatnonzero(self.phase[: i + 1] == self.phase[i])[-RECURRING:]
        if abnormal and self.phases > 1 and len(same) == RECURRING and not self.usable[same].any():
            self.usable[same] = True
        if len(self.run) >= self.pace.settle:
            self.since = self.run[0]
            self.usable[self.since : i + 1] = True
            self.run = []


def silent(bucket: Bucket) -> Verdict:
    """Return the verdict on a bucket that cannot be judged."""
    return Verdict(bucket, math.nan, math.nan, math.nan, math.nan, 0, 0, History.NONE)
