"""How often the built-in model takes praise for blame, which differs from trade to trade."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.results import MISREAD
from core.schema import Share

__all__ = ["misreading_p"]

#: The rate of a trade nobody measured has this beta distribution: the mean is that of ``MISREAD``, the sum of both
#: parameters gives the standard deviation of 3.7 points that 18 measured trades let expect of the next one.
_CASES: Final = 37.45
_STEPS: Final = 4000


def misreading_p(found: Share, effect: float = 1.0) -> float:
    """Return how often misreading alone makes the negative share of so much praise so high, in a trade nobody measured.

    More comments do not make up for not knowing the trade: 18 % of negative ones have a p of 0.007 however many there
    are.

    Args:
        found: Negative comments among those that praise by their rating.
        effect: Design effect of copies: so many rows say as much as one independent one.

    Returns:
        The upper tail of a beta-binomial, by the rule of midpoints over the quantiles of the beta distribution.

    Source:
        Skellam (1948), A probability distribution derived from the binomial distribution by regarding the probability
        of success as variable between the sets of trials, Journal of the Royal Statistical Society B 10:257-261.

    Example:
        >>> from core.metrics import wilson
        >>> round(misreading_p(wilson(51, 370)), 3), round(misreading_p(wilson(400, 1000)), 3)
        (0.04, 0.0)
    """
    from scipy.special import betainc, betaincinv  # loaded only where something is rated

    if not found.count:
        return 1.0
    rates = betaincinv(_CASES * MISREAD.value, _CASES * (1 - MISREAD.value), (np.arange(_STEPS) + 0.5) / _STEPS)
    return float(betainc(found.count / effect, (found.n - found.count) / effect + 1, rates).mean())
