"""Map a model's own classes to negative, neutral, positive, and probabilities to a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError, ModelError
from core.schema import LABELS, NEGATIVE, NEUTRAL, POSITIVE, ScoreOptions, Scores

__all__ = ["class_matrix", "known_labels", "label"]

_NEGATIVE: Final = (
    "负面",
    "负向",
    "消极",
    "差评",
    "负",
    "negative",
    "neg",
    "恐惧",
    "愤怒",
    "厌恶",
    "悲伤",
    "生气",
    "难过",
)
_NEUTRAL: Final = ("中性", "中立", "中", "中评", "neutral", "neu", "无", "无情绪", "none")
_POSITIVE: Final = ("正面", "正向", "积极", "好评", "正", "positive", "pos", "喜好", "高兴", "开心", "喜欢")
_EITHER: Final = ("惊讶", "惊奇", "surprise")
_EMOTIONS: Final = {
    "fear": NEGATIVE, "anger": NEGATIVE, "angry": NEGATIVE, "disgust": NEGATIVE, "sadness": NEGATIVE, "sad": NEGATIVE,
    "like": POSITIVE, "happiness": POSITIVE, "happy": POSITIVE, "joy": POSITIVE,
}  # fmt: skip
_SHARES: Final[dict[str, tuple[float, float, float]]] = (
    dict.fromkeys(_NEGATIVE, (1.0, 0.0, 0.0))
    | dict.fromkeys(_NEUTRAL, (0.0, 1.0, 0.0))
    | dict.fromkeys(_POSITIVE, (0.0, 0.0, 1.0))
    | dict.fromkeys(_EITHER, (0.5, 0.0, 0.5))
    | {name: ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))[side] for name, side in _EMOTIONS.items()}
)
#: StructBERT's sentiment models number their two classes; so do most binary Chinese datasets. -1, 0, 1 is as common.
_NUMBERED: Final = {
    ("0", "1"): {"0": (1.0, 0.0, 0.0), "1": (0.0, 0.0, 1.0)},
    ("-1", "0", "1"): {"-1": (1.0, 0.0, 0.0), "0": (0.0, 1.0, 0.0), "1": (0.0, 0.0, 1.0)},
}


def class_matrix(names: Sequence[str], model: str) -> NDArray[np.float32]:
    """Return how each class is distributed over the labels.

    Recognises Chinese and English names of polarities and emotions, case-insensitively; two classes named 0 and 1 (or
    LABEL_0 and LABEL_1) are negative and positive. Surprise has no polarity, so half of it goes to either side: that
    lowers the confidence and triggers review instead of inventing a polarity.

    Args:
        names: Class names in output order.
        model: The model's name, for the message.

    Returns:
        Shape (classes, 3), columns in ``LABELS`` order, rows sum to 1; multiply class probabilities by it.

    Raises:
        ModelError: M07 a class is unknown, or negative or positive is missing.

    Example:
        >>> class_matrix(["LABEL_0", "LABEL_1"], "x").tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    plain = [str(name).strip().lower().removeprefix("label_") for name in names]
    known = _NUMBERED.get(tuple(sorted(plain)), _SHARES)
    missing = [name for name, key in zip(names, plain, strict=True) if key not in known]
    matrix = np.array([known.get(key, (0.0, 0.0, 0.0)) for key in plain], np.float32).reshape(-1, len(LABELS))
    if missing or not (matrix[:, NEGATIVE] == 1).any() or not (matrix[:, POSITIVE] == 1).any():
        raise ModelError(
            "M07",
            f"模型 {model} 的类别({'、'.join(map(str, names))})不能对应到负面/中性/正面。",
            '它不是情感模型,或者请在 label_mapping.json 中写明类别名,如 {"负面": 0, "正面": 1}。',
        )
    return matrix


def known_labels(matrix: NDArray[np.float32]) -> tuple[str, ...]:
    """Return the labels that at least one class maps to, in ``LABELS`` order.

    Example:
        >>> known_labels(class_matrix(["negative", "positive"], "x"))
        ('负面', '正面')
    """
    return tuple(name for name, share in zip(LABELS, matrix.sum(axis=0), strict=True) if share > 0)


def label(
    probabilities: NDArray[np.float32], windows: NDArray[np.int16], cut: NDArray[np.bool_], options: ScoreOptions
) -> Scores:
    """Convert probabilities to labels.

    A row is neutral if negative and positive differ by less than the band, or are exactly equal; otherwise the
    largest probability determines the label. The confidence is always the largest probability, even for a row that the
    band makes neutral: a two-class model has no other value for it.

    Args:
        probabilities: Shape (n, 3) in ``LABELS`` order.
        windows: Number of windows of each text, shape (n,).
        cut: Whether text was left unscored, shape (n,).
        options: Band and review threshold.

    Raises:
        InputError: M21 an option is out of its range.

    Example:
        >>> p = np.array([[0.45, 0.0, 0.55]], np.float32)
        >>> one, no = np.ones(1, np.int16), np.zeros(1, bool)
        >>> LABELS[label(p, one, no, ScoreOptions(neutral_band=0.2)).label[0]]
        '中性'
    """
    for name, value in (("neutral_band", options.neutral_band), ("review_below", options.review_below)):
        if not 0 <= value < 1:
            raise InputError("M21", f"{name} 的值 {value} 不在 [0, 1) 之内。", "请改为 0 到 1 之间的数,不含 1。")
    gap = np.abs(probabilities[:, POSITIVE] - probabilities[:, NEGATIVE])
    best = probabilities.argmax(axis=1)
    # Equal sides are neutral only if one of them would have won.
    tie = (gap == 0) & (best != NEUTRAL)
    chosen = np.where((gap < options.neutral_band) | tie, NEUTRAL, best).astype(np.int8)
    confidence = probabilities.max(axis=1, initial=0).astype(np.float32)
    return Scores(probabilities, chosen, confidence, confidence < options.review_below, windows, cut)
