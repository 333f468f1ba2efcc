"""Lasting changes of the negative share, detected over the whole series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyse.baseline import SCATTER_GRID, SCATTER_START, Scatter, angle, fit, pattern_of, spread
from core.metrics import wilson
from core.results import Bucket, ChangePoint, Frequency, Trend
from core.schema import NEGATIVE, Share

__all__ = ["change_points"]

Floats = NDArray[np.float64]

#: Fewest buckets with comments in a segment.
_SHORTEST: Final = {Frequency.HOUR: 24, Frequency.DAY: 10, Frequency.WEEK: 5, Frequency.MONTH: 4}
#: Penalty per change, in units of the logarithm of the number of buckets.
_PENALTY: Final = 6.0
#: Most candidate positions of a change; longer series are searched in larger steps.
_PLACES: Final = 150
#: Levels that differ by less than this many percentage points are the same level.
_LEAST_POINTS: Final = 0.03
#: Largest chance of a false change, over all pairs of buckets where the new level could have begun and ended.
_LEVEL: Final = 0.05


def change_points(trend: Trend) -> tuple[ChangePoint, ...]:
    """Split a trend into segments of constant level.

    Args:
        trend: By hour, day, week or month.

    Returns:
        The changes by time; changes of less than three percentage points are dropped. The weekly or daily pattern is
        removed first. The scatter of the buckets is estimated from neighbouring ones, which a change hardly affects. A
        change that the scatter of the buckets on either side explains is dropped, too.

    Source:
        Killick, Fearnhead & Eckley (2012), Optimal detection of changepoints with a linear computational cost (PELT),
        JASA 107:1590-1598, with the cost of a weighted mean; Truong, Oudre & Vayatis (2020), ruptures, Signal
        Processing 167:107299. Each change is tested again without assuming a model of the scatter: White (1980),
        Econometrica 48:817-838, with the degrees of freedom of Welch (1947), Biometrika 34:28-35, corrected for every
        segment that could have had the new level (Bonferroni).
    """
    buckets = [bucket for bucket in trend.buckets if bucket.n]
    shortest = _SHORTEST.get(trend.frequency)
    if shortest is None or len(buckets) < 2 * shortest:
        return ()
    y, weight = _plain(buckets, trend.frequency)
    ends = _clear(_cut(y, weight, shortest), y, weight)
    starts = [0, *ends[:-1]]
    levels = [_share(buckets[a:b]) for a, b in zip(starts, ends, strict=True)]
    found = zip(starts[1:], levels[:-1], levels[1:], strict=True)
    return tuple(
        ChangePoint(buckets[at].start, before, after)
        for at, before, after in found
        if abs(after.value - before.value) >= _LEAST_POINTS
    )


def _plain(buckets: Sequence[Bucket], frequency: Frequency) -> tuple[Floats, Floats]:
    """Return the angles of the shares with the pattern removed, and their weights."""
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
    """Return the exclusive ends of the segments; the last one is n."""
    import ruptures  # takes half a second with scipy; only a trend needs it

    cost = _weighted_mean_cost(y, weight, ruptures.base.BaseCost)
    step = max(1, len(y) // _PLACES)
    search = ruptures.Pelt(custom_cost=cost, min_size=max(shortest, step), jump=step).fit(y.reshape(-1, 1))
    return [int(end) for end in search.predict(pen=_PENALTY * math.log(len(y)))]


def _clear(ends: list[int], y: Floats, weight: Floats) -> list[int]:
    """Return the ends without those of insignificant changes, removing the least significant one first.

    The scatter of buckets is estimated from all of them together. Where nearly all have one or two comments and some
    have thirty copies of one text, those thirty look independent; only the scatter of these buckets shows otherwise.
    """
    kept = list(ends)
    while len(kept) > 1:
        means = [_mean(y[a:b], weight[a:b]) for a, b in zip([0, *kept[:-1]], kept, strict=True)]
        p = [_apart(before, after) for before, after in pairwise(means)]
        worst = max(range(len(p)), key=p.__getitem__)
        if p[worst] <= _LEVEL / math.comb(len(y), 2):
            break
        del kept[worst]
    return kept


class _Mean(NamedTuple):
    """A weighted mean, its empirical variance, and its effective number of buckets."""

    value: float
    variance: float
    worth: float


def _mean(y: Floats, weight: Floats) -> _Mean:
    part = weight / weight.sum()
    value, worth = float(part @ y), float(1 / (part @ part))
    return _Mean(value, float(part**2 @ (y - value) ** 2) * worth / max(worth - 1, 1e-9), worth)


def _apart(first: _Mean, second: _Mean) -> float:
    """Return the two-sided p-value for the difference of two means."""
    from scipy.special import stdtr

    variance = first.variance + second.variance
    if variance == 0:
        return 0.0 if first.value != second.value else 1.0
    free = variance**2 / sum(one.variance**2 / max(one.worth - 1, 1e-9) for one in (first, second))
    return 2 * float(stdtr(free, -abs(first.value - second.value) / math.sqrt(variance)))


def _weighted_mean_cost(y: Floats, weight: Floats, base: type) -> Any:
    """Return the cost of a segment: the weighted squared deviations from its weighted mean, in constant time."""
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
