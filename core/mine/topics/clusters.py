"""Clustering of points: spherical k-means and the stability of each cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Clusters", "cluster", "nearest", "stability"]

_SEED: Final = 20261125
_ROUNDS, _STARTS = 40, 3
#: Number of random halves of the points that are clustered again.
_HALVES: Final = 6

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clusters:
    """A partition of points into clusters.

    Attributes:
        centres: (k, dimensions), rows of unit length.
        group: (n,) index of each point's nearest centre.
        spread: 1 minus the mean cosine between points and their centres.
    """

    centres: Floats
    group: Ints
    spread: float


def cluster(points: Floats, k: int, *, seed: int = 0, starts: int = _STARTS) -> Clusters:
    """Partition points into k clusters; the best of several random starts.

    Args:
        points: (n, dimensions), rows of unit length.
        k: Number of clusters; at most n.
        seed: Seed of the starts.
        starts: Number of starts.

    Source:
        Dhillon & Modha (2001), Machine Learning 42:143-175; starts by Arthur & Vassilvitskii (2007), k-means++.
    """
    found = [_once(points, k, np.random.default_rng([_SEED, seed, start])) for start in range(starts)]
    return min(found, key=_spread)


def nearest(points: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """Return each point's nearest centre and the cosine to it."""
    cosine = points @ centres.T
    group = cosine.argmax(axis=1)
    return group.astype(np.int64), cosine[np.arange(len(points)), group]


def stability(points: Floats, found: Clusters, *, halves: int = _HALVES) -> Floats:
    """Measure how well clusters are recovered from random halves of the points.

    Args:
        points: The points that ``found`` was computed from.
        found: The clusters.
        halves: Number of random halves.

    Returns:
        (k,) mean Jaccard similarity of each cluster to the most similar one of each half's solution, in [0, 1].

    Source:
        Hennig (2007), Cluster-wise assessment of cluster stability, Comput. Stat. Data Anal. 52:258-271.
    """
    k, n = len(found.centres), len(points)
    total = np.zeros(k)
    for half in range(halves):
        random = np.random.default_rng([_SEED, half, k])
        part = points[np.sort(random.permutation(n)[: max(k, n // 2)])]
        again, _ = nearest(points, cluster(part, k, seed=half + 1, starts=2).centres)
        common = np.zeros((k, k))
        np.add.at(common, (found.group, again), 1)
        either = common.sum(axis=1, keepdims=True) + common.sum(axis=0, keepdims=True) - common
        total += (common / np.maximum(either, 1)).max(axis=1)
    return np.asarray(total / halves, np.float32)


def _spread(found: Clusters) -> float:
    return found.spread


def _once(points: Floats, k: int, random: np.random.Generator) -> Clusters:
    centres = _start(points, k, random)
    group = np.full(len(points), -1, np.int64)
    for _ in range(_ROUNDS):
        before = group
        group, cosine = nearest(points, centres)
        if np.array_equal(before, group):
            break
        centres = _centres(points, group, centres)
    return Clusters(centres, group, float(1 - cosine.mean()))


def _centres(points: Floats, group: Ints, before: Floats) -> Floats:
    order = np.argsort(group, kind="stable")
    present, first = np.unique(group[order], return_index=True)
    centres = before.copy()  # an empty cluster keeps its centre
    sums = np.add.reduceat(points[order], first, axis=0)
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    centres[present] = sums / np.where(length > 0, length, 1)
    return centres


def _start(points: Floats, k: int, random: np.random.Generator) -> Floats:
    chosen = [int(random.integers(len(points)))]
    far = np.maximum(1 - points @ points[chosen[0]], 0)
    for _ in range(k - 1):
        total = far.sum()
        share = far / total if total > 0 else np.full(len(points), 1 / len(points))
        chosen.append(int(random.choice(len(points), p=share / share.sum())))
        far = np.minimum(far, np.maximum(1 - points @ points[chosen[-1]], 0))
    return points[chosen].copy()
