"""How far the numbers of comments that hold a word scatter from day to day, and a test of a surplus that knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Heard", "surplus"]

Floats = NDArray[np.float64]

#: The scatter of words is fitted with weights that hang on itself.
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """A set of comments, cut into steps of time.

    Attributes:
        n: Comments of each step, shape (steps,), above 0.
        words: Of these, those that hold each word, shape (steps, words).
        held: Comments of the whole set that hold each word, shape (words,); less than the sum over the steps where a
            text that was posted in two of them counts once.
    """

    n: Floats
    words: Floats
    held: Floats


def surplus(first: Heard, other: Heard) -> Floats:
    """Return how often chance gives so many comments of the first set a word, when days scatter as those of the other.

    The other set lets expect a mean; around it the count is negative binomial. Without scatter between the steps this
    is the exact test of two Poisson counts; with it the rate of one step has a relative variance beyond chance, which
    makes the other set worth fewer comments. Frequent words tell how large it is: one part of it is common to all words
    (days that are more negative), one is the larger the rarer a word is (words that come in bursts). A word that
    scatters more than words of its frequency, by more than a standard error, has a scatter of its own.

    Args:
        first: The set looked at.
        other: Of two steps or more; of fewer nobody can tell how they scatter, and none is supposed.

    Returns:
        One-sided p-values, shape (words,), not corrected; 1 where the first set has no more than the other one's rate
        lets expect.

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
    from scipy.special import betainc, ndtri, stdtr  # loaded only where a word looks clear

    # one comment more than there were: the mean that the exact test expects, and never 0
    mean = (other.held + 1) * (first.n.sum() / other.n.sum())
    by_chance, by_days = 1 / (other.held + 1), _scatter(other) * (_part(first.n) + _part(other.n))
    worth = 1 / (by_chance + by_days)
    p = betainc(np.maximum(first.held, 1), worth, mean / (mean + worth))
    # few days tell their scatter badly: from the normal distribution to Student's
    whole = by_chance + 1 / mean + by_days
    ratio = np.divide(whole, by_days, out=np.full(len(whole), np.inf), where=by_days > 0)
    p = stdtr(max(1, len(other.n) - 1) * ratio**2, ndtri(np.clip(p, 1e-300, 0.5)))
    more = first.held * other.n.sum() > other.held * first.n.sum()
    tested: Floats = np.where(more & (first.held > 0), p, 1.0)
    return tested


def _part(n: Floats) -> float:
    """Return what part of the scatter of one step is left in the mean of all of them."""
    return float((n @ n) / n.sum() ** 2)


def _scatter(days: Heard) -> Floats:
    """Return the relative variance of the rate of each word between steps, beyond chance; shape (words,)."""
    from scipy.optimize import nnls

    part = days.n / days.n.sum()
    mean = part[:, None] * days.words.sum(axis=0)
    # what is left of the squares after a mean was taken off, by Poisson's variance and by that of the rates
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
