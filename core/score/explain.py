"""Which words push the answer which way, by leaving each one out and asking the model again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import InputError
from core.schema import LABELS, Backend, ScoreOptions
from core.score import builtin
from core.score.run import score

__all__ = ["MAX_PIECES", "Piece", "explain"]

#: Variants scored for one text; a longer text is explained by groups of neighbouring words.
MAX_PIECES: Final = 128
#: Probabilities nearer to 0 or 1 than this are told apart by the rounding of the quantised model only.
_SURE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text and what it does.

    Attributes:
        start: First character.
        end: Character after the last.
        text: The part itself.
        effect: p(label) of the whole text minus p(label) without this part, in [-1, 1]; positive = speaks for it.
        push: The same difference in log-odds. Where a text is beyond doubt, no word alone moves the probability, but
            those that made it so still move the odds.
    """

    start: int
    end: int
    text: str
    effect: float
    push: float


def explain(text: str, backend: Backend, label: str | None = None) -> list[Piece]:
    """Measure the effect of each word on one label by occlusion: all variants are scored in one batch.

    The words are those of the built-in model's word list for every backend, so that explanations of two models can be
    compared. Effects are not a decomposition: they need not add up, and of two words that say the same each alone may
    show none.

    Args:
        text: The comment as the model reads it.
        backend: The model to explain.
        label: One of ``LABELS``; None = the label the model gives.

    Returns:
        The parts in the order of the text, white space between them left out; empty for an empty text.

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
    return [Piece(s, e, text[s:e], float(p[0] - p[i]), float(odds[0] - odds[i])) for i, (s, e) in enumerate(spans, 1)]


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return the words' (start, end), empty ones dropped, neighbours joined until at most ``MAX_PIECES`` are left."""
    spans: list[tuple[int, int]] = []
    for start, end in builtin.word_list().spans(text):
        begin = max(start, spans[-1][1] if spans else 0)  # a character that folds into two words comes once
        if end > begin and text[begin:end].strip():
            spans.append((begin, end))
    group = -(-len(spans) // MAX_PIECES) or 1
    return [(spans[i][0], spans[min(i + group, len(spans)) - 1][1]) for i in range(0, len(spans), group)]
