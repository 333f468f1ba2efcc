"""Shares held against each other. Every formula is closed, so nothing but the standard library is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.results import Difference
from core.schema import Share

__all__ = ["difference", "holm"]


def difference(first: Share, second: Share) -> Difference:
    """Compare two independent proportions.

    Args:
        first: From ``core.metrics.wilson``.
        second: The same, of other rows.

    Returns:
        First minus second with Newcombe's hybrid score interval and the p-value of the N-1 chi-squared test.
        All NaN when either n is 0; p alone is NaN when an expected count is below 1.

    Source:
        Newcombe (1998), Statistics in Medicine 17:873-890, method 10; Campbell (2007), ibid. 26:3661-3675.

    Example:
        >>> from core.metrics import wilson
        >>> change = difference(wilson(56, 70), wilson(48, 80))
        >>> f"{change.value:.4f} {change.low:.4f} {change.high:.4f}"
        '0.2000 0.0524 0.3339'
    """
    if first.n == 0 or second.n == 0:
        return Difference(math.nan, math.nan, math.nan, math.nan)
    value = first.value - second.value
    low = value - math.hypot(first.value - first.low, second.high - second.value)
    high = value + math.hypot(first.high - first.value, second.value - second.low)
    return Difference(value, low, high, _chi_squared_p(first.count, first.n, second.count, second.n))


def _chi_squared_p(count_1: int, n_1: int, count_2: int, n_2: int) -> float:
    n, yes = n_1 + n_2, count_1 + count_2
    if min(n_1, n_2) * min(yes, n - yes) < n:  # the smallest expected count is below 1
        return math.nan
    cross = count_1 * (n_2 - count_2) - count_2 * (n_1 - count_1)
    chi_squared = (n - 1) * cross * cross / (n_1 * n_2 * yes * (n - yes))
    return math.erfc(math.sqrt(chi_squared / 2))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values of several tests so that the chance of any false alarm stays at the level asked for.

    Args:
        p_values: In [0, 1]; NaN = not tested, takes no part.

    Returns:
        Adjusted values in [0, 1], same order, NaN where the input is.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    tested = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [math.nan] * len(p_values)
    highest = 0.0
    for rank, (p, i) in enumerate(tested):
        highest = max(highest, min(1.0, p * (len(tested) - rank)))
        adjusted[i] = highest
    return adjusted
