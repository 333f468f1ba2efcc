"""Word vectors for the embedding table from counts alone: PPMI of co-occurring words, then a truncated SVD.

Minutes of counting replace hours of gradient steps. Source: Levy and Goldberg 2014 (PPMI, SVD, square-root weighting).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from core.train.config import LOG, parse, work_dir


@dataclass(frozen=True)
class EmbedConfig:
    """Settings of ``embed``."""

    window: int = 4
    tokens: int = 40_000_000  # number of packed tokens counted
    width: int = 256
    smooth: float = 0.75  # context distribution smoothing
    min_pair: int = 2  # rarer pairs are noise and cost memory
    seed: int = 1


def count_pairs(tokens: NDArray[np.uint16], size: int, window: int) -> sparse.csr_matrix:
    """Count word pairs at most ``window`` apart within a text, closer pairs weighing more.

    Returns:
        Symmetric, shape (size, size).
    """
    total = sparse.csr_matrix((size, size), dtype=np.float32)
    for start in range(0, len(tokens), 4_000_000):
        part = tokens[start : start + 4_000_000].astype(np.int32)
        text = np.cumsum(part == 2)
        for gap in range(1, window + 1):
            left, right = part[:-gap], part[gap:]
            good = (text[:-gap] == text[gap:]) & (left > 4) & (right > 4)
            weight = np.full(int(good.sum()), (window + 1 - gap) / window, np.float32)
            total = total + sparse.coo_matrix((weight, (left[good], right[good])), (size, size)).tocsr()
        LOG.info("embed: %d tokens, %d pairs", start + len(part), total.nnz)
    return sparse.csr_matrix(total + total.T)


def ppmi(counts: sparse.csr_matrix, smooth: float, min_pair: float) -> sparse.csr_matrix:
    """Return positive pointwise mutual information, with smoothed context counts.

    Example:
        >>> m = ppmi(sparse.csr_matrix(np.array([[0, 4.0], [4.0, 0]])), 1.0, 1)
        >>> [f"{x:.3f}" for x in m.toarray().ravel()]
        ['0.000', '0.693', '0.693', '0.000']
    """
    table = counts.tocoo()
    good = table.data >= min_pair
    row, col, n = table.row[good], table.col[good], table.data[good].astype(np.float64)
    word = np.asarray(counts.sum(1)).ravel()
    context = word**smooth
    value = np.log(n * context.sum() / (word[row] * context[col]))
    keep = value > 0
    return sparse.csr_matrix((value[keep].astype(np.float32), (row[keep], col[keep])), counts.shape)


def main(argv: list[str]) -> int:
    """Write ``embed.npy`` (vocabulary × width, float32, rows of unit scale) to the work folder."""
    config = parse(EmbedConfig, "embed", argv)
    tokens = np.load(work_dir() / "pretrain.npy", mmap_mode="r")[: config.tokens]
    size = len((work_dir() / "vocab.txt").read_text("utf-8").splitlines())
    matrix = ppmi(count_pairs(tokens, size, config.window), config.smooth, config.min_pair)
    LOG.info("embed: PPMI with %d cells", matrix.nnz)
    left, value, _ = randomized_svd(matrix, config.width, n_iter=3, random_state=config.seed)
    vectors = left * np.sqrt(value)
    vectors = vectors / (np.sqrt((vectors**2).mean(1, keepdims=True)) + 1e-6)
    # A tiny vocabulary has lower rank than the requested width.
    vectors = np.pad(vectors, ((0, 0), (0, config.width - vectors.shape[1])))
    np.save(work_dir() / "embed.npy", vectors.astype(np.float32))
    LOG.info("embed: done")
    return 0
