"""A cascade of two models: a fast one scores every text, a slow one only those the fast one is unsure of.

Probabilities of labels the slow model lacks (a two-class model has no 中性) are those of the fast one: the slow model
only redistributes the remaining probability among the labels it knows.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.metrics import wilson
from core.schema import LABELS, Backend, Share
from core.score.base import SCORING_REVISION, TokenBackend
from core.score.batch import Bunch

__all__ = [
    "NAME",
    "CascadeBackend",
    "ThresholdChoice",
    "TokenCascade",
    "cascade",
    "cascade_name",
    "choose_for_agreement",
    "choose_for_share",
    "first_for",
    "short_version",
    "split_cascade",
]

NAME: Final = "cascade"
#: Default: most of the built-in model's errors have a confidence below it.
DEFAULT_THRESHOLD: Final = 0.9
_PATTERN: Final = re.compile(rf"{NAME}(?::([01](?:\.\d+)?)(?::(.+))?)?$")


class _Asking:
    """Thread-safe count of the texts passed to the second model."""

    def _begin(self) -> None:
        self._asked = 0
        self._counting = threading.Lock()

    def _note(self, texts: int) -> None:
        with self._counting:
            self._asked += texts

    @property
    def second_texts(self) -> int:
        """Number of texts passed to the second model so far."""
        return self._asked


class CascadeBackend(_Asking):
    """A backend that passes texts whose confidence is below a threshold to a second model.

    Args:
        first: Scores every text.
        second: Scores the unsure ones.
        threshold: 0 or more; 0 sends nothing to the second model, above 1 everything.
        name: Name of the backend.
    """

    def __init__(self, first: Backend, second: Backend, threshold: float, name: str = NAME) -> None:
        self.name = name
        self.version = _version(first, second, threshold)
        self.labels: tuple[str, ...] = tuple(label for label in LABELS if label in {*first.labels, *second.labels})
        self.first, self.second, self.threshold = first, second, threshold
        self._begin()

    @property
    def window_tokens(self) -> int:
        """Maximum number of tokens of a text that both models read."""
        return min(self.first.window_tokens, self.second.window_tokens)

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of tokens of each text, the larger of both models, shape (n,)."""
        lengths: NDArray[np.int32] = np.maximum(self.first.lengths(texts), self.second.lengths(texts))
        return lengths

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return sentiment probabilities, shape (n, 3), see ``schema.Backend.score``."""
        answers = self.first.score(texts)
        unsure = np.flatnonzero(answers.max(axis=1, initial=0) < self.threshold)
        if len(unsure):
            asked = self.second.score([texts[i] for i in unsure.tolist()])
            answers[unsure] = combine(answers[unsure], asked, self.second.labels)
            self._note(len(unsure))
        return answers


class TokenCascade(_Asking, TokenBackend):
    """A cascade of two models with the same tokenizer and heads: no text is tokenized twice.

    Each bunch goes through the first model and its unsure texts through the second, in the same thread, so that
    everything works as for a single model: batches, other heads, any number of callers.

    Args:
        first: Scores every text.
        second: Scores the unsure ones.
        threshold: 0 or more; 0 sends nothing to the second model, above 1 everything.
        name: Name of the backend.
    """

    def __init__(self, first: TokenBackend, second: TokenBackend, threshold: float, name: str = NAME) -> None:
        super().__init__(
            name=name,
            version=_version(first, second, threshold),
            encoder=second._encoder,
            heads=second.heads,
            main=second._main,
            window_tokens=second.window_tokens,
        )
        self.engine = second.engine
        self.first, self.second, self.threshold = first, second, threshold
        self._begin()

    def run(self, ids: NDArray[np.int64], heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the probabilities of each named head for texts of equal length."""
        return self.run_bunch(Bunch.of(ids), heads)

    def run_bunch(self, bunch: Bunch, heads: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the probabilities of each named head; for an unsure text, those of the second model."""
        names = tuple(dict.fromkeys((self._main, *heads)))
        answers = dict(zip(names, self.first.run_bunch(bunch, names), strict=True))
        unsure = (answers[self._main] @ self._matrix).max(axis=1) < self.threshold
        if unsure.any():
            for name, found in zip(names, self.second.run_bunch(bunch.take(unsure), names), strict=True):
                answers[name][unsure] = found
            self._note(int(unsure.sum()))
        return [answers[name] for name in heads]


def cascade(first: Backend, second: Backend, threshold: float, name: str) -> CascadeBackend | TokenCascade:
    """Combine two models into a cascade, as a ``TokenCascade`` if they read the same tokens."""
    if isinstance(first, TokenBackend) and isinstance(second, TokenBackend) and _alike(first, second):
        return TokenCascade(first, second, threshold, name)
    return CascadeBackend(first, second, threshold, name)


def _alike(first: TokenBackend, second: TokenBackend) -> bool:
    facts = [(one.heads, one._main, one.window_tokens, one.side_by_side) for one in (first, second)]
    return facts[0] == facts[1] and first.tokenizer_json() == second.tokenizer_json()


def _version(first: Backend, second: Backend, threshold: float) -> str:
    return f"{first.version}+{second.version}@{threshold:.4f}r{SCORING_REVISION}"


@dataclass(frozen=True, slots=True)
class ThresholdChoice:
    """A threshold and its expected performance, estimated on a sample.

    Attributes:
        threshold: Texts with a confidence below it go to the second model.
        second: Share of the texts that go to the second model.
        agreement: Share of the texts that get the label the second model would give; n = 0 if not measured.
    """

    threshold: float
    second: Share
    agreement: Share

    def measured(
        self, first: NDArray[np.float32], second: NDArray[np.float32], labels: Sequence[str]
    ) -> ThresholdChoice:
        """Return this choice with its agreement on a sample; arguments as for ``choose_for_agreement``."""
        alone = combine(first, second, labels).argmax(axis=1)
        kept = (first.max(axis=1) < self.threshold) | (first.argmax(axis=1) == alone)
        return replace(self, agreement=wilson(int(kept.sum()), len(kept)))


def combine(first: NDArray[np.float32], second: NDArray[np.float32], labels: Sequence[str]) -> NDArray[np.float32]:
    """Redistribute the first model's probability of the shared labels as the second model does.

    Args:
        first: Shape (n, 3), rows sum to 1.
        second: Shape (n, 3), 0 for labels the model lacks.
        labels: The second model's labels.

    Example:
        >>> combine(np.array([[0.3, 0.4, 0.3]], np.float32), np.array([[1, 0, 0]], np.float32), ("负面", "正面"))[0, 0]
        np.float32(0.6)
    """
    unknown = np.array([label not in labels for label in LABELS])
    left = first[:, unknown].sum(axis=1, keepdims=True)
    mixed: NDArray[np.float32] = np.where(unknown, first, second * (1 - left)).astype(np.float32)
    return mixed


def choose_for_agreement(
    first: NDArray[np.float32], second: NDArray[np.float32], labels: Sequence[str], wanted: float
) -> ThresholdChoice:
    """Return the lowest threshold at which labels agree sufficiently with those of the second model alone.

    The lower end of the 95 % interval of the agreement must reach the wanted share.

    Args:
        first: Probabilities of the first model on a sample, shape (n, 3), n at least 1.
        second: Those of the second model.
        labels: The second model's labels.
        wanted: In [0, 1].

    Source:
        Angelopoulos et al. 2021, "Learn then Test": agreement grows with the threshold, so lowering the threshold until
        the bound first fails is fixed-sequence testing, and the bound holds although the sample chose the threshold.
    """
    confidence = first.max(axis=1)
    same = first.argmax(axis=1) == combine(first, second, labels).argmax(axis=1)
    order = np.argsort(confidence)
    # with the k least confident texts sent on, disagreements remain only among the others
    right = len(same) - np.concatenate(([(~same).sum()], (~same).sum() - np.cumsum(~same[order])))
    for k, count in enumerate(right.tolist()):
        agreement = wilson(int(count), len(same))
        if agreement.low >= wanted or k == len(same):
            return _choice(confidence, _above(confidence[order], k), agreement)
    raise AssertionError("the last k always returns")


def choose_for_share(first: NDArray[np.float32], share: float) -> ThresholdChoice:
    """Return the threshold that sends approximately a given share of the texts to the second model.

    Args:
        first: Probabilities of the first model on a sample, shape (n, 3), n at least 1.
        share: In [0, 1].
    """
    confidence = np.sort(first.max(axis=1))
    k = int(np.clip(share, 0, 1) * len(confidence))
    return _choice(confidence, _above(confidence, k), wilson(0, 0))


def _choice(confidence: NDArray[np.float32], threshold: float, agreement: Share) -> ThresholdChoice:
    """Return a choice with the share of texts it really sends on: rounding and ties may add to those intended."""
    sent = int((confidence < threshold).sum())
    return ThresholdChoice(threshold, wilson(sent, len(confidence)), agreement)


def _above(rising: NDArray[np.float32], k: int) -> float:
    """Return a four-digit threshold above the k lowest values."""
    if k == 0:
        return 0.0
    if k == len(rising):
        return 1.01
    threshold = math.ceil(float(rising[k - 1]) * 1e4) / 1e4
    # compared with float32 confidences, of which 0.7 is not below 0.7
    return threshold if np.float32(threshold) > rising[k - 1] else threshold + 1e-4


def cascade_name(threshold: float, second: str) -> str:
    """Return the name that reopens the same cascade.

    Example:
        >>> cascade_name(0.9, "structbert")
        'cascade:0.9000:structbert'
    """
    return f"{NAME}:{threshold:.4f}:{second}"


def short_version(version: str) -> str:
    """Format a model's version for display: twelve characters per model, and a cascade's threshold.

    Example:
        >>> short_version("43ddb567ef4018cc"), short_version("ed09c9a3b206abcd+43ddb567ef4018cc@0.7000r1")
        ('43ddb567ef40', 'ed09c9a3b206+43ddb567ef40@0.7000')
    """
    models, mark, threshold = version.partition("@")
    return "+".join(one[:12] for one in models.split("+")) + mark + threshold.partition("r")[0]


def first_for(second: str) -> str:
    """Return the name of the shipped model that precedes a given second model.

    Example:
        >>> first_for("structbert#onnx-int8"), first_for("builtin")
        ('builtin', 'tiny')
    """
    return "tiny" if second.partition("#")[0] == "builtin" else "builtin"


def split_cascade(name: str) -> tuple[float, str] | None:
    """Parse the name of a cascade.

    Returns:
        The threshold and the name of the second model ("" = the setting's); None if it is not a cascade.

    Example:
        >>> split_cascade("cascade:0.9000:structbert#onnx-int8"), split_cascade("cascade"), split_cascade("builtin")
        ((0.9, 'structbert#onnx-int8'), (0.9, ''), None)
    """
    found = _PATTERN.match(name)
    if found is None:
        return None
    # four digits, as in the version: thresholds that share a version must be equal
    return round(float(found[1] or DEFAULT_THRESHOLD), 4), found[2] or ""
