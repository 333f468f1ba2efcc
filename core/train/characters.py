"""Logistic regression on hashed character 1–3-grams: cheap enough to fit once per fold.

It knows no words and no order, so its errors differ from the encoder's: it judges labels and serves as one teacher.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from core.train import wide

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
LONGEST = 400  # characters of a text that are read; more costs time and adds nothing
_BLOCK = 20_000


@dataclass(frozen=True)
class Model:
    """A fitted model: ``idf`` (columns,), ``weights`` (columns, classes), ``bias`` (classes,)."""

    idf: Floats
    weights: Floats
    bias: Floats

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return logits, shape (texts, classes)."""
        parts = [
            np.asarray(scaled(counts(texts[i : i + _BLOCK], len(self.idf)), self.idf) @ self.weights)
            for i in range(0, len(texts), _BLOCK)
        ]
        every = np.concatenate([np.zeros((0, len(self.bias)), np.float32), *parts])
        return np.asarray(every + self.bias, np.float32)


def folded(text: str) -> str:
    """Normalise a text so that copies of a comment compare equal: NFKC, lower case, no spaces.

    Example:
        >>> folded("ＯＫ 很 好")
        'ok很好'
    """
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def counts(texts: Sequence[str], columns: int) -> sparse.csr_matrix:
    """Count the hashed character 1–3-grams.

    Args:
        texts: Comments.
        columns: Hash buckets.

    Returns:
        Shape (texts, columns).
    """
    parts = [sparse.csr_matrix((0, columns), dtype=np.float32)]
    for start in range(0, len(texts), _BLOCK):
        short = [folded(text)[:LONGEST] for text in texts[start : start + _BLOCK]]
        chars = np.frombuffer("".join(short).encode("utf-32-le"), np.uint32).astype(np.int64)
        found = wide.grams(chars, np.repeat(np.arange(len(short)), [len(text) for text in short]))
        at = np.concatenate([wide.bucket(rows, columns) for rows, _ in found])
        owner = np.concatenate([text for _, text in found])
        parts.append(sparse.coo_matrix((np.ones(len(at), np.float32), (owner, at)), (len(short), columns)).tocsr())
    return sparse.vstack(parts, format="csr", dtype=np.float32)


def rarity(x: sparse.csr_matrix) -> Floats:
    """Return the smoothed inverse document frequency of every column."""
    seen = np.bincount(x.indices, minlength=x.shape[1])
    return np.asarray(np.log((1 + x.shape[0]) / (1 + seen)) + 1, np.float32)


def scaled(x: sparse.csr_matrix, idf: Floats) -> sparse.csr_matrix:
    """Return TF-IDF rows of unit length, with term frequencies as 1 + log."""
    table = sparse.csr_matrix((np.log(x.data) + 1, x.indices, x.indptr), x.shape) @ sparse.diags(idf)
    size = np.sqrt(np.asarray(table.multiply(table).sum(1)).ravel())
    lengths = sparse.diags((1 / np.maximum(size, 1e-6)).astype(np.float32))
    return sparse.csr_matrix(lengths @ table, dtype=np.float32)


def fit(x: sparse.csr_matrix, y: Ints, classes: int, c: float, iterations: int) -> tuple[Floats, Floats]:
    """Fit multinomial logistic regression.

    Args:
        x: From `scaled`.
        y: Class of each row.
        classes: Number of classes.
        c: Inverse of the L2 penalty, as in scikit-learn.
        iterations: L-BFGS iterations, at most.

    Returns:
        Weights (columns, classes) and biases (classes,).
    """
    ones = np.ones(len(y), np.float32)

    def loss(logits: Floats) -> tuple[float, Floats]:
        return wide.class_loss(logits, y, ones)

    return wide.fit(x, classes, loss, wide.WideConfig(penalty=1 / (c * len(y)), iterations=iterations))
