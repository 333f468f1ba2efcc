"""How often the built-in model labels praise as negative, which differs from trade to trade."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.results import MISREAD
from core.schema import Share

__all__ = ["misreading_p"]

#: Beta prior for the rate of an unmeasured trade: its mean is that of ``MISREAD``; the sum of both parameters gives the
#: standard deviation of 3.7 points that 18 measured trades predict for the next one.
_CASES: Final = 37.45
_STEPS: Final = 4000


def misreading_p(found: Share, effect: float = 1.0) -> float:
    """Return the p-value of the negative share among praise under misreading alone, in an unmeasured trade.

    More comments do not make up for not knowing the trade's rate: 18 % negative has a p of 0.007 however many there
    are.

    Args:
        found: Negative comments among those whose rating is praise.
        effect: Design effect of copies: this many rows are worth one independent one.

    Returns:
        The upper tail of a beta-binomial, by the midpoint rule over the quantiles of the beta distribution.

    Source:
        Skellam (1948), A probability distribution derived from the binomial distribution by regarding the probability
        of success as variable between the sets of trials, Journal of the Royal Statistical Society B 10:257-261.

    Example:
        >>> from core.metrics import wilson
        >>> round(misreading_p(wilson(51, 370)), 3), round(misreading_p(wilson(400, 1000)), 3)
        (0.04, 0.0)
    """
    from scipy.special import betainc, betaincinv  # imported only if there are ratings

    if not found.count:
        return 1.0
    rates = betaincinv(_CASES * MISREAD.value, _CASES * (1 - MISREAD.value), (np.arange(_STEPS) + 0.5) / _STEPS)
    return float(betainc(found.count / effect, (found.n - found.count) / effect + 1, rates).mean())
