"""What scoring takes and gives: backends, options, scores."""

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
    """A way to run a model. One contract test holds every one of them to this.

    Attributes:
        name: Registry name.
        version: Begins with 12 hex digits or more of the sha of the weights; all else that changes the answers (engine,
            precision, threshold) is in it or follows.
        labels: The labels it can give, a subset of ``LABELS``; two-class models leave 中性 out.
    """

    name: str
    version: str
    labels: tuple[str, ...]

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return probabilities, shape (n, 3) in ``LABELS`` order, rows sum to 1, never NaN.

        A label the model does not know has probability 0. A row's answer does not depend on its neighbours.
        Texts are cut silently at the model's own limit: ``core.score.score`` windows them before.
        """
        ...

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of tokens of each text, shape (n,), special tokens not counted."""
        ...

    @property
    def window_tokens(self) -> int:
        """Most tokens of one text the model reads, special tokens not counted."""
        ...


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """How probabilities become labels.

    Args:
        neutral_band: In [0, 1). A row with |p_positive - p_negative| below it is called neutral; 0 = off.
        review_below: In [0, 1]. A row with less confidence needs review.
        max_windows: Windows scored of one text.
        emotion: Also give the emotion and how offensive a text is, from the same pass; the model must have these heads.
    """

    neutral_band: float = 0.0
    review_below: float = 0.6
    max_windows: int = 16
    emotion: bool = False


@dataclass(frozen=True, slots=True)
class Emotions:
    """What a model's further heads say of n texts.

    Attributes:
        emotion: (n,) int8, index into ``EMOTIONS``.
        p_emotion: (n,) float32, the probability of that emotion.
        p_offensive: (n,) float32, the probability that the text is offensive; NaN when the model cannot tell.
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
        confidence: (n,) float32, the winning probability.
        needs_review: (n,) bool.
        windows: (n,) int16, number of windows each text was scored in.
        cut: (n,) bool, text beyond the last window was not scored.
        emotions: Of the same texts; None unless asked for.
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
        name: What ``--backend`` takes.
        title: Chinese name.
        labels: Labels it gives.
        ready: It can run now, without a network.
        location: Folder of the weights; "" if not on this machine.
        size_mb: Of the weights on disk, or to download.
        note: One Chinese sentence: what it is good for, or what to do to get it.
        emotions: It can also tell emotions.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    ready: bool
    location: str
    size_mb: float
    note: str
    emotions: bool = False
