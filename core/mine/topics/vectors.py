"""Comment vectors whose cosine reflects shared subject matter, learnt from nothing but the table's own words.

A comment of ten words shares few of them with any other. So words are first embedded by co-occurrence (positive
pointwise mutual information within comments, factorised): 快递 and 物流 are close because they co-occur with the same
words. A comment is the weighted mean of its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["DIMENSIONS", "Bag", "Space", "place", "points"]

DIMENSIONS: Final = 60
#: Context counts are raised to this power, which gives rare contexts more weight (Levy, Goldberg & Dagan 2015).
_SMOOTHED: Final = 0.75
_SEED: Final = 20261125
_POWER_ROUNDS: Final = 4

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bag:
    """Which comments contain which terms.

    Attributes:
        comments: (m,) indices of comments, 0 … n - 1.
        terms: (m,) indices of terms; each pair occurs once.
        n: Number of comments, including those with no term.
    """

    comments: Ints
    terms: Ints
    n: int


@dataclass(frozen=True, slots=True)
class Space:
    """Term vectors.

    Attributes:
        weights: (terms,) inverse document frequency.
        vectors: (terms, dimensions), rows of unit length.
    """

    weights: Floats
    vectors: Floats


def place(bag: Bag, terms: int, dimensions: int = DIMENSIONS) -> Space:
    """Embed terms by co-occurrence.

    Args:
        bag: Comments to learn from.
        terms: Size of the vocabulary.
        dimensions: Upper limit; fewer if there are fewer terms.

    Source:
        Levy & Goldberg (2014), Neural word embedding as implicit matrix factorization, NIPS 27; the randomised
        factorisation is Halko, Martinsson & Tropp (2011), SIAM Review 53:217-288.
    """
    held = _matrix(bag, terms)
    frequency = np.maximum(np.asarray(held.sum(axis=0)).ravel(), 1)
    weights = np.log((bag.n + 1) / frequency).astype(np.float32)
    return Space(weights, _unit(_factorised(_company(held), min(dimensions, max(1, terms - 1)))))


def points(bag: Bag, space: Space) -> Floats:
    """Return the vectors of comments.

    Returns:
        (n, dimensions), rows of unit length; zeros for comments with no term.
    """
    weighted = _matrix(bag, len(space.weights)).multiply(space.weights[None, :]).tocsr()
    return _unit(np.asarray(weighted @ space.vectors, np.float32))


def _matrix(bag: Bag, terms: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(len(bag.comments), np.float32), (bag.comments, bag.terms)), shape=(bag.n, terms))


def _company(held: csr_matrix) -> csr_matrix:
    """Return the positive pointwise mutual information of terms within comments."""
    from scipy.sparse import csr_matrix

    together = (held.T @ held).tocoo()
    apart = together.row != together.col
    left, right, count = together.row[apart], together.col[apart], together.data[apart]
    total = np.bincount(left, weights=count, minlength=held.shape[1])
    smooth = total**_SMOOTHED
    information = np.log(count * smooth.sum() / (total[left] * smooth[right]))
    kept = information > 0
    values = information[kept].astype(np.float32)
    return csr_matrix((values, (left[kept], right[kept])), shape=together.shape)


def _factorised(matrix: csr_matrix, dimensions: int) -> Floats:
    """Return the left singular vectors times the singular values, (rows, dimensions)."""
    random = np.random.default_rng(_SEED)
    basis = matrix @ random.standard_normal((matrix.shape[1], dimensions + 10)).astype(np.float32)
    for _ in range(_POWER_ROUNDS):
        basis = matrix @ (matrix.T @ np.linalg.qr(basis)[0])
    basis = np.linalg.qr(basis)[0]
    u, s, _ = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)
    made: Any = (basis @ u)[:, :dimensions] * s[:dimensions]
    return np.asarray(made, np.float32)


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), np.float32)
