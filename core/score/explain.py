"""Measure which words push the prediction which way, by removing each one and scoring again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import InputError
from core.schema import LABELS, Backend, ScoreOptions
from core.score import builtin
from core.score.run import score

__all__ = ["MAX_PIECES", "Attribution", "explain"]

#: Maximum variants scored per text; a longer text is explained by groups of adjacent words.
MAX_PIECES: Final = 128
#: Probabilities closer to 0 or 1 than this differ only by the rounding of the quantised model.
_SURE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Attribution:
    """A part of the text and its effect.

    Attributes:
        start: First character.
        end: Character after the last.
        text: The part itself.
        effect: p(label) of the whole text minus p(label) without this part, in [-1, 1]; positive = supports it.
        push: The same difference in log-odds. If the prediction is certain, no single word moves the probability, but
            the words responsible still move the odds.
    """

    start: int
    end: int
    text: str
    effect: float
    push: float


def explain(text: str, backend: Backend, label: str | None = None) -> list[Attribution]:
    """Measure the effect of each word on one label by occlusion: all variants are scored in one batch.

    Every backend uses the built-in model's segmentation, so that explanations of two models are comparable. Effects are
    not a decomposition: they need not add up, and of two redundant words each alone may show no effect.

    Args:
        text: The comment as the model reads it.
        backend: The model to explain.
        label: One of ``LABELS``; None = the predicted label.

    Returns:
        The parts in text order, without white space between them; empty for an empty text.

    Raises:
        InputError: M16 there is no such label.

    Source:
        Zeiler and Fergus 2014 (occlusion); Li, Monroe and Jurafsky 2016, "Understanding Neural Networks through
        Representation Erasure", arXiv:1612.08220.

    Example:
        >>> from core.score import load
        >>> pieces = explain("味道很好", load("builtin"))
        >>> "".join(piece.text for piece in pieces)
        '味道很好'
    """
    if label is not None and label not in LABELS:
        raise InputError("M16", f"没有“{label}”这个标签。", f"可用的标签:{'、'.join(LABELS)}。")
    spans = _pieces(text)
    if not spans:
        return []
    variants = [text, *(text[:start] + text[end:] for start, end in spans)]
    scores = score(variants, backend, ScoreOptions())
    column = int(scores.label[0]) if label is None else LABELS.index(label)
    p = scores.probabilities[:, column].astype(np.float64)
    odds = np.log(p.clip(_SURE, 1 - _SURE) / (1 - p.clip(_SURE, 1 - _SURE)))
    return [
        Attribution(s, e, text[s:e], float(p[0] - p[i]), float(odds[0] - odds[i])) for i, (s, e) in enumerate(spans, 1)
    ]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return the words' (start, end), without empty ones, merging neighbours until at most ``MAX_PIECES`` are left."""
    spans: list[tuple[int, int]] = []
    for start, end in builtin.word_list().spans(text):
        begin = max(start, spans[-1][1] if spans else 0)  # a character that folds into two words is counted once
        if end > begin and text[begin:end].strip():
            spans.append((begin, end))
    group = -(-len(spans) // MAX_PIECES) or 1
    return [(spans[i][0], spans[min(i + group, len(spans)) - 1][1]) for i in range(0, len(spans), group)]
