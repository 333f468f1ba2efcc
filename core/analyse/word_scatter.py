"""Overdispersion of word counts from day to day, and a test for a surplus that allows for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Heard", "surplus"]

Floats = NDArray[np.float64]

#: Iterations of the fit, whose weights depend on the fitted scatter.
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """A set of comments, divided into time steps.

    Attributes:
        n: Comments of each step, shape (steps,), above 0.
        words: Comments of each step with each word, shape (steps, words).
        held: Comments of the whole set with each word, shape (words,); less than the sum over the steps where a
            text posted in two of them counts once.
    """

    n: Floats
    words: Floats
    held: Floats


def surplus(first: Heard, other: Heard) -> Floats:
    """Return the p-values of words' counts in the first set, given the other set and its scatter between days.

    The other set gives the expected mean; around it the count is negative binomial. Without scatter between the steps,
    this is the exact test of two Poisson counts; with it, the rate per step has a relative variance beyond Poisson's,
    which reduces the effective size of the other set. That variance is estimated from frequent words: one part is
    common to all words (days that are more negative), the other grows with the rarity of a word (bursty words). A word
    whose scatter exceeds that of words of its frequency by more than a standard error has its own estimate.

    Args:
        first: The set of interest.
        other: Of two or more steps; with fewer, the scatter cannot be estimated and is taken as none.

    Returns:
        One-sided p-values, shape (words,), not corrected; 1 where the first set does not exceed the other one's
        rate.

    Source:
        Przyborowski & Wilenski (1940), Biometrika 31:313-323; McCullagh & Nelder (1989), Generalized Linear Models, 2nd
        ed., 6.2 (counts that scatter more than Poisson's, by moments); degrees of freedom: Satterthwaite (1946),
        Biometrics Bulletin 2:110-114.

    Example:
        >>> quiet, wild = (np.array([[a], [b]] * 15, float) for a, b in ((6, 4), (1, 9)))
        >>> day = Heard(np.array([100.0]), np.array([[15.0]]), np.array([15.0]))
        >>> [f"{surplus(day, Heard(np.full(30, 100.0), x, x.sum(axis=0)))[0]:.4f}" for x in (quiet, wild)]
        ['0.0003', '0.0361']
    """
    from scipy.special import betainc, ndtri, stdtr  # imported only if a word looks significant

    # one comment more than observed: the mean that the exact test expects, and never 0
    mean = (other.held + 1) * (first.n.sum() / other.n.sum())
    poisson, between_days = 1 / (other.held + 1), _scatter(other) * (_part(first.n) + _part(other.n))
    worth = 1 / (poisson + between_days)
    p = betainc(np.maximum(first.held, 1), worth, mean / (mean + worth))
    # few days estimate the scatter poorly: Student's t instead of the normal distribution
    whole = poisson + 1 / mean + between_days
    ratio = np.divide(whole, between_days, out=np.full(len(whole), np.inf), where=between_days > 0)
    p = stdtr(max(1, len(other.n) - 1) * ratio**2, ndtri(np.clip(p, 1e-300, 0.5)))
    more = first.held * other.n.sum() > other.held * first.n.sum()
    tested: Floats = np.where(more & (first.held > 0), p, 1.0)
    return tested


def _part(n: Floats) -> float:
    """Return the fraction of one step's variance that remains in the mean of all of them."""
    return float((n @ n) / n.sum() ** 2)


def _scatter(days: Heard) -> Floats:
    """Return the relative variance of each word's rate between steps, beyond Poisson's; shape (words,)."""
    from scipy.optimize import nnls

    part = days.n / days.n.sum()
    mean = part[:, None] * days.words.sum(axis=0)
    # expected squared residuals around a fitted mean: Poisson's variance, and that of the rates
    over = ((days.words - mean) ** 2 - mean * (1 - part)[:, None]).sum(axis=0)
    under = (mean**2 * (1 - 2 * part + part @ part)[:, None]).sum(axis=0)
    told = (under > 0) & (len(part) > 1)
    if not told.any():
        return np.zeros(len(told))
    own = over / np.where(told, under, 1.0)
    rarer = (days.held.max() + 1) / (days.held + 1)
    fitted = np.zeros(len(own))
    for _ in range(_ROUNDS + 1):
        error = np.sqrt(2 / len(part)) * (len(part) / np.maximum(days.words.sum(axis=0), 1) + fitted)
        terms = np.stack([np.ones(len(own)), rarer], axis=1) / error[:, None]
        shared, rising = nnls(terms[told], (own / error)[told])[0]
        fitted = shared + rising * rarer
    return np.where(told, np.maximum(fitted, own - error), fitted)
