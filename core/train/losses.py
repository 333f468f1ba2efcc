"""Training losses of the heads: partially informative labels, and the probabilities of teachers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.train.net import SPANS


@dataclass(frozen=True)
class LossWeights:
    """Loss weights. The settings of every step that trains the heads begin with these."""

    smoothing: float = 0.05  # of the sentiment labels
    three: float = 0.01  # three-class loss on two-class rows
    emotion: float = 0.8  # weight of the emotion loss
    offensive: float = 0.6
    temperature: float = 1.0  # above 1, classes that the teachers find less likely count more


@dataclass(frozen=True)
class Targets:
    """Labels of rows on one device.

    ``sentiment``, ``emotion``, ``offensive``: int64 (rows,), -1 = unknown. ``two``: sentiment is only negative
    or positive. ``six``: emotion was chosen without those of ``closed`` (classes,).
    """

    sentiment: Tensor
    emotion: Tensor
    offensive: Tensor
    two: Tensor
    six: Tensor
    closed: Tensor

    @classmethod
    def of(
        cls,
        heads: Mapping[str, NDArray[Any]],
        two: NDArray[Any],
        six: NDArray[Any],
        closed: NDArray[Any],
        device: str = "cpu",
    ) -> Targets:
        """Build from arrays, one of labels a head."""
        columns = (heads["sentiment"], heads["emotion"], heads["offensive"], two, six, closed)
        feeling, mood, rude, *masks = (torch.as_tensor(column).to(device) for column in columns)
        return cls(feeling, mood, rude, *masks)

    def take(self, at: Tensor) -> Targets:
        """Return some of the rows."""
        feeling, mood, rude = self.sentiment[at], self.emotion[at], self.offensive[at]
        return Targets(feeling, mood, rude, self.two[at], self.six[at], self.closed)


def hard_loss(logits: Tensor, wanted: Targets, weights: LossWeights) -> Tensor:
    """Return the mean multi-task loss of rows against their labels.

    Args:
        logits: Shape (rows or more, 13).
        wanted: Labels of the rows.
        weights: LossWeights of the heads, smoothing of the sentiment.
    """
    rows = len(wanted.sentiment)
    logits = logits[:rows].float()
    feeling, s = wanted.sentiment, logits[:, SPANS["sentiment"]]
    full = functional.cross_entropy(s, feeling, ignore_index=-1, reduction="none", label_smoothing=weights.smoothing)
    pair = functional.cross_entropy(
        s[:, [0, 2]], (feeling > 0).long(), reduction="none", label_smoothing=weights.smoothing
    )
    loss = torch.where(wanted.two, pair + weights.three * full, full).sum()
    missing = wanted.six[:, None] & wanted.closed[None, :]
    # No smoothing here: it would spread mass over the classes a set does not have.
    loss = loss + weights.emotion * functional.cross_entropy(
        logits[:, SPANS["emotion"]].masked_fill(missing, -1e4), wanted.emotion, ignore_index=-1, reduction="sum"
    )
    loss = loss + weights.offensive * functional.cross_entropy(
        logits[:, SPANS["offensive"]], wanted.offensive, ignore_index=-1, reduction="sum"
    )
    return loss / rows


def soft_loss(logits: Tensor, wanted: Tensor, weights: LossWeights) -> Tensor:
    """Return the mean cross-entropy against the probabilities of teachers, over all heads.

    Args:
        logits: Shape (rows or more, 13).
        wanted: Probabilities (rows, 13), one distribution a head.
        weights: LossWeights of the heads and the temperature.

    Source: Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network.
    """
    heat = weights.temperature
    logits = logits[: len(wanted)].float() / heat
    loss = torch.zeros((), device=logits.device)
    for name, importance in (("sentiment", 1.0), ("emotion", weights.emotion), ("offensive", weights.offensive)):
        span = SPANS[name]
        target = (wanted[:, span].float().clamp_min(1e-6).log() / heat).softmax(1)
        loss = loss + importance * functional.cross_entropy(logits[:, span], target, reduction="sum")
    return loss * heat**2 / len(wanted)
