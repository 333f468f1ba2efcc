"""Score comments: open a model by name or folder, get probabilities, labels, explanations.

Importing this loads neither onnxruntime nor torch: a backend brings its engine when it is opened.
"""

from core.score.base import SCORING_REVISION, TokenBackend
from core.score.emotions import can_tell, heads_of
from core.score.explain import Piece, explain
from core.score.run import download, score, score_heads
from core.score.table import load, models

__all__ = [
    "SCORING_REVISION",
    "Piece",
    "TokenBackend",
    "can_tell",
    "download",
    "explain",
    "heads_of",
    "load",
    "models",
    "score",
    "score_heads",
]
