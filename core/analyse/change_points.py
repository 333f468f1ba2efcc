"""Lasting changes of the negative share, found with the whole series in view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.analyse.baseline import SCATTER_GRID, SCATTER_START, Scatter, angle, fit, pattern_of, spread
from core.metrics import wilson
from core.results import Bucket, ChangePoint, Frequency, Trend
from core.schema import NEGATIVE, Share

__all__ = ["change_points"]

Floats = NDArray[np.float64]

#: A level holds at least so many buckets with comments.
_SHORTEST: Final = {Frequency.HOUR: 24, Frequency.DAY: 10, Frequency.WEEK: 5, Frequency.MONTH: 4}
#: What a change must explain, in units of the logarithm of the number of buckets.
_PENALTY: Final = 6.0
#: Places for a change that are tried at most; a longer series is looked at in larger steps.
_PLACES: Final = 150
#: Levels nearer than this many percentage points are one level.
_LEAST_POINTS: Final = 0.03


def change_points(trend: Trend) -> tuple[ChangePoint, ...]:
    """Cut a trend into stretches of one level each.

    Args:
        trend: Of hours, days, weeks or months.

    Returns:
        The changes by time; a change of less than three percentage points is none. The pattern of the week or of the
        day does not count, and how much the buckets scatter is told from neighbours, which a change leaves alone.

    Source:
        Killick, Fearnhead & Eckley (2012), Optimal detection of changepoints with a linear computational cost (PELT),
        JASA 107:1590-1598, with the cost of a weighted mean; Truong, Oudre & Vayatis (2020), ruptures, Signal
        Processing 167:107299.
    """
    buckets = [bucket for bucket in trend.buckets if bucket.n]
    shortest = _SHORTEST.get(trend.frequency)
    if shortest is None or len(buckets) < 2 * shortest:
        return ()
    ends = _cut(*_plain(buckets, trend.frequency), shortest)
    starts = [0, *ends[:-1]]
    levels = [_share(buckets[a:b]) for a, b in zip(starts, ends, strict=True)]
    found = zip(starts[1:], levels[:-1], levels[1:], strict=True)
    return tuple(
        ChangePoint(buckets[at].start, before, after)
        for at, before, after in found
        if abs(after.value - before.value) >= _LEAST_POINTS
    )


def _plain(buckets: Sequence[Bucket], frequency: Frequency) -> tuple[Floats, Floats]:
    """Return the angles of the shares without their pattern, and their weights."""
    n = np.array([bucket.n for bucket in buckets], np.float64)
    count = np.array([bucket.counts[NEGATIVE] for bucket in buckets], np.float64)
    phase, phases = pattern_of(buckets, frequency)
    made = fit(count, n, spread(n) + SCATTER_START, phase, phases, fade=np.ones(len(n)))
    y = angle(count, n) - made.angles(phase, n)
    scatter = Scatter(SCATTER_GRID, start=SCATTER_START, known=float(np.median(spread(n))), trust=6)
    known = (spread(n[1:]) + spread(n[:-1])) / 2
    for error, variance in zip(np.diff(y) / math.sqrt(2), known, strict=True):
        scatter.add(float(error), float(variance))
    return y, 1 / (spread(n) + scatter.value)


def _cut(y: Floats, weight: Floats, shortest: int) -> list[int]:
    """Return the ends of the stretches, not included; the last one is n."""
    import ruptures  # with scipy half a second, and only a trend needs it

    cost = _weighted_mean_cost(y, weight, ruptures.base.BaseCost)
    step = max(1, len(y) // _PLACES)
    search = ruptures.Pelt(custom_cost=cost, min_size=max(shortest, step), jump=step).fit(y.reshape(-1, 1))
    return [int(end) for end in search.predict(pen=_PENALTY * math.log(len(y)))]


def _weighted_mean_cost(y: Floats, weight: Floats, base: type) -> Any:
    """Return the cost of a stretch: the weighted squares around its weighted mean, in constant time."""
    sums = [np.concatenate([[0.0], np.cumsum(weight * y**power)]) for power in (0, 1, 2)]

    class WeightedMeanCost(base):  # type: ignore[misc]
        model, min_size = "weighted_mean", 1

        def fit(self, signal: Floats) -> WeightedMeanCost:
            self.signal = signal
            return self

        def error(self, start: int, end: int) -> float:
            w, wy, wyy = (float(total[end] - total[start]) for total in sums)
            return wyy - wy * wy / w

    return WeightedMeanCost()


def _share(buckets: Sequence[Bucket]) -> Share:
    return wilson(sum(b.counts[NEGATIVE] for b in buckets), sum(b.n for b in buckets))
