"""Score comments: open a model by name or folder, get probabilities, labels, explanations.

Importing this loads neither onnxruntime nor torch: a backend imports its engine when opened.
"""

from core.score.base import SCORING_REVISION, TokenBackend
from core.score.cascade import (
    CascadeBackend,
    ThresholdChoice,
    TokenCascade,
    cascade,
    cascade_name,
    choose_for_agreement,
    choose_for_share,
    first_for,
    short_version,
    split_cascade,
)
from core.score.emotions import can_tell, heads_of
from core.score.engines import ENGINES, PRECISIONS, Engine, split_name
from core.score.explain import Attribution, explain
from core.score.run import Encoded, download, encode, score, score_encoded, score_heads
from core.score.table import QUICK, SHIPPED, load, models, shipped_title

__all__ = [
    "ENGINES",
    "PRECISIONS",
    "QUICK",
    "SCORING_REVISION",
    "SHIPPED",
    "Attribution",
    "CascadeBackend",
    "Encoded",
    "Engine",
    "ThresholdChoice",
    "TokenBackend",
    "TokenCascade",
    "can_tell",
    "cascade",
    "cascade_name",
    "choose_for_agreement",
    "choose_for_share",
    "download",
    "encode",
    "explain",
    "first_for",
    "heads_of",
    "load",
    "models",
    "score",
    "score_encoded",
    "score_heads",
    "shipped_title",
    "short_version",
    "split_cascade",
    "split_name",
]
