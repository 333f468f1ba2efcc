"""Additional heads of a model: the emotion of a text, and whether it is offensive."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.schema import EMOTIONS, Backend, Emotions
from core.score.base import TokenBackend

__all__ = ["can_tell", "heads_of", "read"]

_EMOTION, _OFFENSIVE = "emotion", "offensive"
_YES: Final = "yes"


def can_tell(backend: Backend) -> bool:
    """Return whether a model has an emotion head with known classes.

    Example:
        >>> from core.score import load
        >>> can_tell(load("builtin"))
        True
    """
    return isinstance(backend, TokenBackend) and set(backend.heads.get(_EMOTION, ("?",))) <= set(EMOTIONS)


def heads_of(backend: Backend) -> tuple[str, ...]:
    """Return the emotion heads of a model.

    Raises:
        ModelError: M14 it has no emotion head.
    """
    if not isinstance(backend, TokenBackend) or not can_tell(backend):
        raise ModelError("M14", f"模型 {backend.name} 不能判断情绪。", "请改用内置模型 builtin,或不要勾选情绪。")
    return tuple(name for name in (_EMOTION, _OFFENSIVE) if name in backend.heads)


def read(probabilities: dict[str, NDArray[np.float32]], backend: TokenBackend) -> Emotions:
    """Convert head probabilities to the most probable emotion and its probability.

    Args:
        probabilities: Per head of ``heads_of``, an array of shape (n, classes), classes in the backend's order.
        backend: The model that produced them.

    Returns:
        The emotions of n texts.
    """
    emotion = probabilities[_EMOTION]
    ours = np.array([EMOTIONS.index(name) for name in backend.heads[_EMOTION]], np.int8)
    best = emotion.argmax(axis=1)
    offensive = np.full(len(emotion), np.nan, np.float32)
    if _OFFENSIVE in probabilities and _YES in backend.heads[_OFFENSIVE]:
        offensive = probabilities[_OFFENSIVE][:, backend.heads[_OFFENSIVE].index(_YES)]
    return Emotions(ours[best], emotion.max(axis=1, initial=0).astype(np.float32), offensive)
