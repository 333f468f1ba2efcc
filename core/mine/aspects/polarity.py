"""Polarity of a mention: from the model's scores of its piece and of the whole comment, and from the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.mine.aspects.find import Mention
from core.mine.aspects.match import general
from core.mine.aspects.simplify import simplified
from core.schema import NEGATIVE, NEUTRAL, POSITIVE

__all__ = ["EVEN", "features", "judge", "verdict"]

#: Keeps a probability of 0 (a two-class model has no 中性) from dominating.
_FLOOR: Final = 0.01
#: Multinomial logistic regression, rows 负面 中性 正面, columns as in ``features``, fitted on the train split of
#: absa_zhang_triplets by ``python -m bench.aspects``. Classes are weighted by the root of their rarity, and doubled in
#: sentences that praise one thing and criticise another: those are what clauses are for.
_WEIGHTS: Final = np.array(
    [
        [0.7, -0.23, -0.1, 0.24, -0.1, -0.26, -0.36, 0.11, 0.24, -1.61],
        [-0.13, 0.45, -0.13, -0.23, 0.26, -0.16, -0.27, -0.15, 0.08, 1.62],
        [-0.57, -0.22, 0.23, -0.01, -0.16, 0.42, 0.63, 0.04, -0.32, -0.01],
    ]
)
_BIAS: Final = np.array([0.21, 0.52, -0.73])
#: A comment whose mentions of an aspect are mixed, or neither good nor bad, is 中性 about it.
EVEN: Final = 0.25


def features(
    mentions: Sequence[Mention], pieces: Sequence[str], piece: NDArray[np.float32], whole: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Compute the features of mentions.

    Args:
        mentions: n mentions.
        pieces: Their texts.
        piece: Probabilities of the pieces, shape (n, 3).
        whole: Probabilities of their comments, shape (n, 3).

    Returns:
        Shape (n, 10). Columns: log p of the piece, negative, neutral, positive; the same of the comment; the polarity
        of the pack's words, -1 to 1; whether it is 0; whether there is an opinion word, and a lukewarm word.
    """
    hints = np.array([one.hint for one in mentions], np.float64)
    mild = re.compile("|".join(map(re.escape, general()["mild"])))
    words = [
        hints,
        hints == 0,
        [one.judged for one in mentions],
        [mild.search(simplified(text)) is not None for text in pieces],
    ]
    logs = [np.log(np.asarray(p, np.float64) + _FLOOR) for p in (piece, whole)]
    return np.column_stack([*logs, *(np.asarray(column, np.float64) for column in words)])


def judge(
    mentions: Sequence[Mention], pieces: Sequence[str], piece: NDArray[np.float32], whole: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the label probabilities of each mention.

    Args:
        mentions: n mentions.
        pieces: Their texts.
        piece: Probabilities of the pieces alone, shape (n, 3).
        whole: Probabilities of their comments, shape (n, 3).

    Returns:
        Shape (n, 3), rows sum to 1.
    """
    if not mentions:
        return np.zeros((0, 3))
    logits = features(mentions, pieces, piece, whole) @ _WEIGHTS.T + _BIAS
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = odds / odds.sum(axis=1, keepdims=True)
    for label, other in ((NEGATIVE, POSITIVE), (POSITIVE, NEGATIVE)):
        barred = np.array([one.barred == label for one in mentions]) & (p[:, label] > p[:, other])
        p[barred] = p[barred][:, ::-1]
    contrary = np.array([one.contrary for one in mentions])
    p[contrary] = p[contrary][:, ::-1]
    return np.asarray(p)


def verdict(p: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the label of a comment's opinion on an aspect, from the mean over its mentions.

    Args:
        p: Mean probabilities, shape (n, 3).

    Returns:
        Shape (n,), index into ``LABELS``; 中性 where positive and negative lie within ``EVEN``.
    """
    lead = p[:, POSITIVE] - p[:, NEGATIVE]
    return np.where(lead > EVEN, POSITIVE, np.where(lead < -EVEN, NEGATIVE, NEUTRAL)).astype(np.int8)
