"""Inputs and outputs of scoring: backends, options, scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Backend",
    "Emotions",
    "ModelInfo",
    "ScoreOptions",
    "Scores",
]


@runtime_checkable
class Backend(Protocol):
    """A way to run a model. A contract test checks every implementation.

    Attributes:
        name: Registry name.
        version: Begins with at least 12 hex digits of the sha of the weights; it also covers everything else that
            changes the probabilities (engine, precision, threshold).
        labels: The labels it can predict, a subset of ``LABELS``; two-class models lack 中性.
    """

    name: str
    version: str
    labels: tuple[str, ...]

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return probabilities, shape (n, 3) in ``LABELS`` order, rows sum to 1, never NaN.

        A label the model does not know has probability 0. A row's probabilities do not depend on the rest of the batch.
        Texts are silently truncated at the model's limit: ``core.score.score`` splits them into windows first.
        """
        ...

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of tokens of each text, shape (n,), excluding special tokens."""
        ...

    @property
    def window_tokens(self) -> int:
        """Maximum number of tokens of a text that the model reads, excluding special tokens."""
        ...


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """How probabilities become labels.

    Args:
        neutral_band: In [0, 1). A row with |p_positive - p_negative| below it is labelled neutral; 0 = off.
        review_below: In [0, 1]. A row with lower confidence needs review.
        max_windows: Maximum number of windows scored per text.
        emotion: Also return emotion and offensiveness, from the same pass; the model must have these heads.
    """

    neutral_band: float = 0.0
    review_below: float = 0.6
    max_windows: int = 16
    emotion: bool = False


@dataclass(frozen=True, slots=True)
class Emotions:
    """Outputs of a model's additional heads for n texts.

    Attributes:
        emotion: (n,) int8, index into ``EMOTIONS``.
        p_emotion: (n,) float32, the probability of that emotion.
        p_offensive: (n,) float32, the probability that the text is offensive; NaN if the model does not support it.
    """

    emotion: NDArray[np.int8]
    p_emotion: NDArray[np.float32]
    p_offensive: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n texts.

    Attributes:
        probabilities: (n, 3) float32 in ``LABELS`` order, rows sum to 1.
        label: (n,) int8, index into ``LABELS``.
        confidence: (n,) float32, the largest class probability.
        needs_review: (n,) bool.
        windows: (n,) int16, number of windows each text was scored in.
        cut: (n,) bool, text beyond the last window was not scored.
        emotions: For the same texts; None unless requested.
    """

    probabilities: NDArray[np.float32]
    label: NDArray[np.int8]
    confidence: NDArray[np.float32]
    needs_review: NDArray[np.bool_]
    windows: NDArray[np.int16]
    cut: NDArray[np.bool_]
    emotions: Emotions | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One line of the model list.

    Attributes:
        name: The value for ``--backend``.
        title: Chinese name.
        labels: Labels it predicts.
        ready: Whether it can run now, without a network.
        location: Folder of the weights; "" if not on this machine.
        size_mb: Size of the weights on disk, or to download.
        note: One Chinese sentence: what it is good for, or how to get it.
        emotions: Whether it also predicts emotions.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    ready: bool
    location: str
    size_mb: float
    note: str
    emotions: bool = False
