"""Means with their intervals, and two means held against each other, by Student's t."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.results import SATISFACTION_LIMIT, Mean

__all__ = ["Sample", "mean_of", "others", "welch_p"]

#: Of both tails together.
_LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of n values: their mean and standard deviation; NaN where there are too few."""

    n: int
    mean: float
    spread: float


def mean_of(sample: Sample) -> Mean:
    """Return a mean of satisfactions with its 95 % interval, which does not leave their scale.

    Args:
        sample: Values on −2…2.

    Returns:
        Without an interval below two values, NaN without any.

    Source:
        Student (1908), The probable error of a mean, Biometrika 6:1-25.

    Example:
        >>> mean_of(Sample(11, 0.5, 1.0))
        Mean(value=0.5, low=-0.1718..., high=1.1718..., n=11)
    """
    from scipy.special import stdtrit  # loaded only when dialogues are looked at

    if sample.n < 2 or math.isnan(sample.spread):
        return Mean(sample.mean if sample.n else math.nan, math.nan, math.nan, sample.n)
    half = float(stdtrit(sample.n - 1, 1 - _LEVEL / 2)) * sample.spread / math.sqrt(sample.n)
    low, high = max(-SATISFACTION_LIMIT, sample.mean - half), min(SATISFACTION_LIMIT, sample.mean + half)
    return Mean(sample.mean, low, high, sample.n)


def others(samples: Sequence[Sample]) -> list[Sample]:
    """Return for each sample all the others together.

    Example:
        >>> others([Sample(2, 0.0, 1.0), Sample(1, 1.0, math.nan), Sample(1, 0.0, math.nan)])[0]
        Sample(n=2, mean=0.5, spread=0.7071...)
    """
    n = np.array([one.n for one in samples], np.float64)
    mean = np.array([one.mean if one.n else 0.0 for one in samples])
    spread = np.array([one.spread if one.n > 1 else 0.0 for one in samples])
    own_sum, own_squares = n * mean, np.maximum(n - 1, 0) * spread**2 + n * mean**2
    rest, sums, squares = n.sum() - n, own_sum.sum() - own_sum, own_squares.sum() - own_squares
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / rest
        spreads = np.sqrt(np.maximum(0.0, squares - rest * means**2) / (rest - 1))
    return [
        Sample(int(k), float(m) if k else math.nan, float(s) if k > 1 else math.nan)
        for k, m, s in zip(rest, means, spreads, strict=True)
    ]


def welch_p(first: Sample, second: Sample) -> float:
    """Return the two-sided p-value of Welch's t-test of two independent means.

    Returns:
        NaN when a side has fewer than two values or the values of a side are all equal: then nothing tells how far
        they would scatter.

    Source:
        Welch (1947), The generalization of Student's problem, Biometrika 34:28-35.

    Example:
        >>> round(welch_p(Sample(20, 0.2, 1.0), Sample(200, 0.8, 0.9)), 4)
        0.017
    """
    from scipy.special import stdtr

    if min(first.n, second.n) < 2 or not (first.spread > 0 and second.spread > 0):
        return math.nan
    a, b = (one.spread * one.spread / one.n for one in (first, second))
    freedom = (a + b) ** 2 / (a * a / (first.n - 1) + b * b / (second.n - 1))
    return 2 * float(stdtr(freedom, -abs(first.mean - second.mean) / math.sqrt(a + b)))
