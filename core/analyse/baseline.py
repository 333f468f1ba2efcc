"""Expected negative share of a bucket: a level with a daily or weekly pattern, and the overdispersion of buckets.

Everything is on the arcsine scale, y = asin sqrt(share), where a bucket of n comments has the variance
(1/n + rho (1 - 1/n)) / 4 whatever its share. ``rho`` is the intraclass correlation of a beta-binomial: comments of
one hour or day are correlated (one post, one outage), so buckets vary more than independent comments would.

The angles of small buckets are biased towards one half. So the level is estimated from pooled counts, and a bucket is
compared with the expected angle of a bucket of its size at that level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.results import Bucket, Frequency

__all__ = [
    "SCATTER_GRID",
    "SCATTER_START",
    "Fit",
    "Scatter",
    "angle",
    "angle_at",
    "fit",
    "pattern_of",
    "share_of",
    "share_seen",
    "spread",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Residuals up to this many standard deviations have full weight, larger ones less (Huber).
_HUBER: Final = 1.5
_ROUNDS: Final = 3
#: Cycles needed to fit a pattern: with two Mondays, there is no telling which one is unusual.
_REPEATS: Final = 3
#: Squared standardised errors are clipped here, so that no single bucket determines the width of the limits.
_CLIP: Final = 2.25
#: Mean of min(Z², 2.25) for a standard normal Z.
_CLIPPED_MEAN: Final = 0.7785
#: How fast the mean of angles approaches the angle of the mean as the expected count grows.
_CURVE: Final = 1.5
#: Six standard normal quantiles: the errors that stand for the start value.
_IDEAL: Final = (-1.38, -0.67, -0.21, 0.21, 0.67, 1.38)

#: Variance of angles beyond that of independent comments, a quarter of rho: possible values and the initial one.
SCATTER_GRID: Final = np.concatenate([[0.0], np.geomspace(2.5e-6, 0.125, 60)])
SCATTER_START: Final = 0.0005


def angle(count: Floats, n: Floats) -> Floats:
    """Return shares on the arcsine scale; n = 0 gives the angle of one half.

    Source:
        Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data, Biometrika 35:246-254.
    """
    return np.arcsin(np.sqrt((count + 0.375) / (n + 0.75)))


def angle_at(share: Floats, n: Floats) -> Floats:
    """Return the expected value of ``angle`` for buckets of n comments whose true share is ``share``.

    Adding 3/8 when few comments are expected, 1/8 when many are, gives the mean angle; a curve interpolates between
    the two and stays within 0.05 standard deviations of the exact binomial sum, for every n and share.

    Example:
        >>> [round(float(angle_at(np.array([0.05]), np.array([n]))[0]), 3) for n in (1.0, 10.0, 1e6)]
        [0.532, 0.275, 0.226]
    """
    negative = n * share
    below, above = (0.125 + 0.25 / (1 + _CURVE * count) for count in (negative, n - negative))
    mean: Floats = np.arcsin(np.sqrt((negative + below) / (n + below + above)))
    return mean


def share_seen(y: float, n: float) -> float:
    """Return the observed share at which a bucket of n comments has the angle y, clipped to [0, 1].

    Example:
        >>> round(share_seen(float(angle(np.array([2.0]), np.array([8.0]))[0]), 8), 6), share_seen(0.0, 8)
        (0.25, 0.0)
    """
    return min(max((share_of(y) * (n + 0.75) - 0.375) / n, 0.0), 1.0)


def share_of(y: float) -> float:
    """Return the share of an angle; angles below 0 or above 90 degrees give 0 or 1.

    Example:
        >>> round(share_of(math.asin(math.sqrt(0.2))), 6), share_of(-0.1), share_of(2.0)
        (0.2, 0.0, 1.0)
    """
    return math.sin(min(max(y, 0.0), math.pi / 2)) ** 2


def spread(n: Floats) -> Floats:
    """Return the sampling variance of the angles of buckets of n independent comments."""
    return 0.25 / np.maximum(n, 0.5)


def pattern_of(buckets: Sequence[Bucket], frequency: Frequency) -> tuple[Ints, int]:
    """Return the phase of each bucket in the daily (hours) or weekly (days) pattern, and the number of phases."""
    match frequency:
        case Frequency.HOUR:
            return np.array([bucket.start.hour for bucket in buckets], np.int64), 24
        case Frequency.DAY:
            return np.array([bucket.start.weekday() for bucket in buckets], np.int64), 7
        case _:
            return np.zeros(len(buckets), np.int64), 1


@dataclass(frozen=True, slots=True)
class Fit:
    """A baseline.

    Attributes:
        expected: True angle for each phase of the pattern (weekday, hour of the day), shape (phases,).
        variance: Variance of each of these, shape (phases,).
        off: Mean deviation of the buckets' angles from those that ``expected`` gives: with overdispersion, the mean
            angle is a little less extreme than the angle of the mean share.
    """

    expected: Floats
    variance: Floats
    off: float

    def angles(self, phase: Ints, n: Floats) -> Floats:
        """Return the expected angles of buckets of n comments."""
        return angle_at(_shares(self.expected)[phase], n) + self.off


def fit(count: Floats, n: Floats, variance: Floats, phase: Ints, phases: int, *, fade: Floats) -> Fit:
    """Fit a level and a pattern to buckets.

    Args:
        count: Negative comments, shape (buckets,), at least one bucket.
        n: All comments of each bucket, above 0.
        variance: Variance of each bucket's angle.
        phase: Phase of each bucket in the pattern, in [0, phases).
        phases: 1 = no pattern.
        fade: Weights in (0, 1] of the buckets for the level, lower for older ones; the pattern does not use them.

    Returns:
        The level is a mean of the shares with the Huber weights of the angles; the phases are shrunk towards it
        as far as the data show no pattern (empirical Bayes), so a series without a pattern gets none.

    Source:
        Huber (1964), Annals of Mathematical Statistics 35:73-101; Efron & Morris (1975), JASA 70:311-319.
    """
    y, share = angle(count, n), count / n
    deviation = np.sqrt(variance)
    weight = fade / variance
    level = math.asin(math.sqrt(_median(share, weight)))
    pattern = np.zeros(phases)
    unsure = np.zeros(phases)
    for _ in range(_ROUNDS):
        means = _shares(level + pattern)
        gap = y - angle_at(means[phase], n)
        trust = np.minimum(1.0, _HUBER / np.maximum(np.abs(gap) / deviation, _HUBER))
        if phases > 1 and len(y) >= _REPEATS * phases:
            pattern, unsure = _pattern(gap + pattern[phase], trust / variance, phase, phases)
            means = _shares(level + pattern)
        trusted = trust * weight
        # a mean of shares is unbiased for buckets of any size; the contribution of the pattern is subtracted
        mean = float(np.average(share - means[phase], weights=trusted)) + math.sin(level) ** 2
        level = math.asin(math.sqrt(min(max(mean, 0.0), 1.0)))
    own = float((trusted**2 * variance).sum() / trusted.sum() ** 2)
    off = float(np.average(y - angle_at(_shares(level + pattern)[phase], n), weights=trusted))
    return Fit(level + pattern, own + unsure, off)


def _shares(level: Floats) -> Floats:
    """Return the shares of true angles, as ``share_of`` does for one."""
    shares: Floats = np.sin(np.clip(level, 0.0, math.pi / 2)) ** 2
    return shares


def _median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _pattern(residual: Floats, weight: Floats, phase: Ints, phases: int) -> tuple[Floats, Floats]:
    """Return the effect of each phase and its variance."""
    total = np.bincount(phase, weight, phases)
    seen = total > 0
    mean = np.zeros(phases)
    mean[seen] = np.bincount(phase, weight * residual, phases)[seen] / total[seen]
    error = np.full(phases, np.inf)
    error[seen] = 1 / total[seen]
    between = max(0.0, float((mean[seen] ** 2 - error[seen]).mean()))
    if between == 0:
        return np.zeros(phases), np.zeros(phases)
    kept = between / (between + error)
    effect = kept * mean
    effect -= float(np.average(effect[seen], weights=total[seen]))
    return effect, between * (1 - kept)


class Scatter:
    """Robust online estimate of the variance x beyond the known one; it never uses later errors.

    Solves sum min(e² / (v + x), 2.25) = its expectation for x, over a grid for which running sums are kept.

    Args:
        grid: Candidate values of x, rising.
        start: Value before the first error.
        known: Variance of a typical error without x.
        trust: Number of errors that ``start`` counts as.

    Source:
        Huber (1964), ibid., proposal 2 (joint robust estimate of location and scale).
    """

    def __init__(self, grid: Floats, *, start: float, known: float, trust: int) -> None:
        self._grid = grid
        self._excess = np.zeros(len(grid))
        self.n = 0
        ideal = np.array(_IDEAL) * math.sqrt(known + start)
        for error in ideal:
            self._excess += self._terms(float(error), known) * trust / len(ideal)
        # with no data, the estimate is the start value
        self._excess -= float(np.interp(start, grid, self._excess))

    def add(self, error: float, known: float) -> None:
        """Update with one error of variance ``known`` + x."""
        self._excess += self._terms(error, known)
        self.n += 1

    @property
    def value(self) -> float:
        """Estimate of x from all errors so far."""
        # the sums fall along the grid; the first one not above 0 ends the interval that contains the root
        after = int(np.searchsorted(-self._excess, 0.0))
        if after == 0 or after == len(self._grid):
            return float(self._grid[min(after, len(self._grid) - 1)])
        low, high = self._excess[after - 1], self._excess[after]
        part = low / (low - high) if low > high else 1.0
        return float(self._grid[after - 1] + part * (self._grid[after] - self._grid[after - 1]))

    def _terms(self, error: float, known: float) -> Floats:
        return np.minimum(error**2 / (known + self._grid), _CLIP) - _CLIPPED_MEAN
