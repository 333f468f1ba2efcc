"""Tests and intervals for shares. All formulas are closed-form, so the standard library suffices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from core.metrics import wilson
from core.results import Difference
from core.schema import Share

__all__ = ["binomial_tail", "difference", "holm", "paired_difference", "surplus_p"]

#: With all expected counts at or above this, chi-squared is accurate even in the far tail. Below, it gives small groups
#: p-values up to a hundred times too small: of 28 equal ones with a rare label some stood out in 9 of 100 tables.
_LARGE: Final = 1000


def difference(first: Share, second: Share, effects: tuple[float, float] = (1.0, 1.0)) -> Difference:
    """Compare two independent proportions.

    Args:
        first: From ``core.metrics.wilson``.
        second: The same, of other rows.
        effects: The design effects that both were made with: this many rows are worth one independent one.

    Returns:
        First minus second with Newcombe's hybrid score interval and the two-sided p-value of Fisher's exact test with
        mid-p or, where every expected count is 1,000 or more, of the N-1 chi-squared test. All NaN when either n is 0;
        p alone is NaN when an expected count is below 1.

    Source:
        Newcombe (1998), Statistics in Medicine 17:873-890, method 10; Lancaster (1961), Journal of the American
        Statistical Association 56:223-234 (mid-p); Campbell (2007), Statistics in Medicine 26:3661-3675; with design
        effects the counts are divided by them: Rao and Scott (1992), Biometrics 48:577-585.

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
    return Difference(value, low, high, _p(first, second, effects))


def _p(first: Share, second: Share, effects: tuple[float, float]) -> float:
    (count_1, n_1), (count_2, n_2) = (
        (share.count / effect, share.n / effect) for share, effect in zip((first, second), effects, strict=True)
    )
    n, yes = n_1 + n_2, count_1 + count_2
    least = min(n_1, n_2) * min(yes, n - yes) / n  # the smallest expected count
    if least < 1:
        return math.nan
    if least < _LARGE:
        # the larger share first; with design effects, counts are not whole numbers
        (more, of), (fewer, among) = sorted(((count_1, n_1), (count_2, n_2)), key=_ratio, reverse=True)
        tail, at = _upper_tail(round(more), round(of), round(fewer), round(among))
        return min(1.0, 2 * (tail - at / 2))
    cross = count_1 * (n_2 - count_2) - count_2 * (n_1 - count_1)
    chi_squared = (n - 1) * cross * cross / (n_1 * n_2 * yes * (n - yes))
    return math.erfc(math.sqrt(chi_squared / 2))


def _ratio(counted: tuple[float, float]) -> float:
    return counted[0] / counted[1]


def surplus_p(first: Share, second: Share) -> float:
    """Return the p-value for the first of two independent proportions being the larger one.

    Exact, and never too small: the smallest p-values of thousands of small sets come from the far tails of skewed
    distributions.

    Returns:
        One-sided p-value of Fisher's exact test; 1 when the first is not the larger one, NaN when either n is 0.

    Source:
        Fisher (1935), The logic of inductive inference, Journal of the Royal Statistical Society 98:39-82.

    Example:
        >>> from core.metrics import wilson
        >>> round(surplus_p(wilson(3, 4), wilson(1, 4)), 4)
        0.2429
        >>> surplus_p(wilson(0, 5000), wilson(2500, 5000))
        1.0
    """
    if first.n == 0 or second.n == 0:
        return math.nan
    if first.count * second.n <= second.count * first.n:
        return 1.0  # far below the mean, the first term would underflow to 0, and all others with it
    return min(1.0, _upper_tail(first.count, first.n, second.count, second.n)[0])


def _upper_tail(count: int, of: int, other: int, among: int) -> tuple[float, float]:
    """Return the chance that ``count`` or more of all successes fall into the first set, and that exactly so many do.

    Args:
        count: Successes in the first set, not below the mean.
        of: Size of the first set.
        other: Successes in the second set.
        among: Size of the second set.
    """
    yes, n = count + other, of + among
    at = math.exp(_log_choices(yes, count) + _log_choices(n - yes, of - count) - _log_choices(n, of))
    total, term = 0.0, at
    for k in range(count, min(of, yes) + 1):
        total += term
        term *= (yes - k) * (of - k) / ((k + 1) * (n - yes - of + k + 1))
        if term <= 1e-12 * total:
            break
    return total, at


def _log_choices(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def paired_difference(both: int, first: int, second: int, neither: int, effect: float = 1.0) -> Difference:
    """Compare two proportions of the same rows, such as many stars and a positive text.

    Args:
        both: Rows that have both.
        first: Rows that have only the first.
        second: Rows that have only the second.
        neither: Rows that have neither.
        effect: Design effect, as in ``wilson``.

    Returns:
        First minus second with Newcombe's score interval for paired rows and McNemar's p-value. All NaN without
        rows; p alone is NaN when no row has only one of the two.

    Source:
        Newcombe (1998), Statistics in Medicine 17:2635-2650, method 10; McNemar (1947), Psychometrika 12:153-157.

    Example:
        >>> change = paired_difference(36, 12, 2, 0)
        >>> f"{change.value:.4f} {change.low:.4f} {change.high:.4f}"
        '0.2000 0.0569 0.3404'
    """
    n = both + first + second + neither
    if n == 0:
        return Difference(math.nan, math.nan, math.nan, math.nan)
    one, two = wilson(both + first, n, effect), wilson(both + second, n, effect)
    value, phi = one.value - two.value, _phi(both, first, second, neither)
    low = value - _joined(one.value - one.low, two.high - two.value, phi)
    high = value + _joined(one.high - one.value, two.value - two.low, phi)
    apart = first + second
    p = math.erfc(abs(first - second) / math.sqrt(2 * apart * effect)) if apart else math.nan
    return Difference(value, low, high, p)


def _phi(both: int, first: int, second: int, neither: int) -> float:
    """Return the correlation of the two properties, with Newcombe's continuity correction where it is positive."""
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if margins == 0:
        return 0.0
    cross = float(both * neither - first * second)
    if cross > 0:
        cross = max(0.0, cross - (both + first + second + neither) / 2)
    return cross / math.sqrt(margins)


def _joined(a: float, b: float, phi: float) -> float:
    return math.sqrt(max(0.0, a * a - 2 * phi * a * b + b * b))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust the p-values of several tests to control the family-wise error rate.

    Args:
        p_values: In [0, 1]; NaN = not tested, ignored.

    Returns:
        Adjusted values in [0, 1], same order, NaN where the input is NaN.

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


def binomial_tail(count: int, n: int, p: float) -> float:
    """Return the probability of ``count`` or more successes in ``n`` trials, for a count not below the mean.

    Args:
        count: In [n p, n].
        n: Trials.
        p: Probability of a success, in (0, 1).

    Example:
        >>> round(binomial_tail(3, 3, 0.5), 4), round(binomial_tail(8, 10, 0.5), 4)
        (0.125, 0.0547)
    """
    ways = math.lgamma(n + 1) - math.lgamma(count + 1) - math.lgamma(n - count + 1)
    term = math.exp(ways + count * math.log(p) + (n - count) * math.log1p(-p))
    total = 0.0
    for i in range(count, n + 1):
        total += term
        if term <= total * 1e-16:  # above the mean, terms decrease
            break
        term *= (n - i) / (i + 1) * p / (1 - p)
    return min(1.0, total)
