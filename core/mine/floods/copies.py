"""Group near-duplicate texts, which differ in a few characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.mine.floods.shingles import BANDS, Shingles, bands, joined, likeness, shingles

__all__ = ["SIMILAR", "Copies", "near_copies"]

#: Similarity (same characters in the same order) that links two texts of 40 letters or more; for 15 letters it is 0.8,
#: because a few stock phrases in the same order make up most of a short text.
SIMILAR: Final = 0.65
_SHORT, _LONG, _SHORT_SIMILAR = 15, 40, 0.8
#: Tolerance below the link threshold for a text's similarity to the middle of its group: it ends chains of small steps.
_LOOSER: Final = 0.1
#: Number of following texts in a bucket of equal hashes that each text is compared with; pairs compared at once.
_NEIGHBOURS: Final = 3
_PAIRS: Final = 100_000
#: Most rounds of regrouping the texts that a group sheds.
_ROUNDS: Final = 4
#: Hashing and comparing take about equally long.
STEPS: Final = 2

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Copies:
    """The assignment of texts to groups.

    Attributes:
        group: (n,) int64, number of the group; -1 = none. A text that is compared and similar to no other one is a
            group of its own, because it may have been posted many times unchanged.
        similar: (n,) float32, similarity to the middle of the group; 1 for the middle itself, NaN without a group.
    """

    group: Ints
    similar: Floats


def near_copies(
    batches: Iterable[Sequence[str]], weights: Ints, report: Callable[[int, int], None] | None = None
) -> Copies:
    """Group distinct texts that are near-duplicates.

    Args:
        batches: All n texts, distinct, in lists of some ten thousand.
        weights: (n,) how often each was posted; the most posted text is the middle of its group.
        report: Called with the units of work done and the total.

    Returns:
        The groups. Texts with fewer than ``LEAST_CHARACTERS`` letters have none. Numbers are in order of first text.

    Source:
        MinHash with banding (see ``bands``) finds candidates; their exact similarity decides.

    Example:
        >>> text = "耳机戴着很舒服,音质也好,连着听三个小时耳朵不疼,推荐给大家"
        >>> other = "快递盒子破了,联系客服两天都没有人理我"
        >>> near_copies([[text, text + "!", text.replace("三", "两"), "好评", other]], np.ones(5)).group.tolist()
        [0, 0, 0, -1, 1]
    """
    told = report or _nobody
    n = len(weights)
    given, signature = _hashed(batches, n, told)
    labels = np.arange(n)
    edges: list[tuple[Ints, Ints, Floats]] = []
    for band in range(BANDS):
        told(n + n * band // BANDS, STEPS * n)
        for left, right in _candidates(signature, band, given.compared, labels):
            value = likeness(given, left, right)
            linked = value >= _least(given, left, right)
            edges.append((left[linked], right[linked], value[linked]))
        labels = _connected(n, edges)
    told(STEPS * n, STEPS * n)
    return _tightened(given, labels, edges, np.asarray(weights, np.int64))


def _hashed(
    batches: Iterable[Sequence[str]], n: int, told: Callable[[int, int], None]
) -> tuple[Shingles, NDArray[np.uint32]]:
    parts: list[Shingles] = []
    signature = np.zeros((n, BANDS), np.uint32)
    done = 0
    for texts in batches:
        part = shingles(texts)
        signature[done : done + len(texts)] = bands(part)
        # drop the pairs, no longer needed: for a million texts they would take twice the memory of the letters
        parts.append(replace(part, codes=part.codes[:0], starts=np.zeros_like(part.starts)))
        done += len(texts)
        told(done, STEPS * n)
    return joined(parts), signature


def _candidates(
    signature: NDArray[np.uint32], band: int, compared: NDArray[np.bool_], labels: Ints
) -> Iterable[tuple[Ints, Ints]]:
    """Yield pairs that share a band and are not yet in one group; in a large bucket, only neighbours.

    Within a bucket, texts are sorted by the next bands, so similar ones are neighbours.
    """
    rows = np.flatnonzero(compared)
    order = [signature[rows, (band + step) % BANDS] for step in (3, 2, 1, 0)]
    rows = rows[np.lexsort(order)]
    keys = signature[rows, band]
    for step in range(1, _NEIGHBOURS + 1):
        hit = np.flatnonzero(keys[step:] == keys[:-step])
        left, right = rows[hit], rows[hit + step]
        apart = labels[left] != labels[right]
        left, right = left[apart], right[apart]
        for start in range(0, len(left), _PAIRS):
            yield left[start : start + _PAIRS], right[start : start + _PAIRS]


def _least(given: Shingles, left: Ints, right: Ints) -> Floats:
    """Return the similarity threshold for linking two texts, by the length of the shorter one."""
    letters = np.diff(given.ends)
    shorter = np.minimum(letters[left], letters[right])
    part = np.clip((shorter - _SHORT) / (_LONG - _SHORT), 0, 1)
    return np.asarray(_SHORT_SIMILAR + part * (SIMILAR - _SHORT_SIMILAR), np.float32)


def _connected(n: int, edges: list[tuple[Ints, Ints, Floats]]) -> Ints:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not edges or not n:
        return np.arange(n)
    left, right = (np.concatenate([edge[side] for edge in edges]) for side in (0, 1))
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _tightened(given: Shingles, labels: Ints, edges: list[tuple[Ints, Ints, Floats]], weights: Ints) -> Copies:
    """Remove texts too far from the middle of their group; they are regrouped among themselves."""
    n = len(labels)
    group, similar = np.full(n, -1, np.int64), np.full(n, np.nan, np.float32)
    open_rows = given.compared.copy()
    for _ in range(_ROUNDS):
        rows = np.flatnonzero(open_rows)
        if not len(rows):
            break
        middle = _middles(rows, labels, _degrees(n, edges, open_rows), weights)
        near = _similarities(given, rows, middle)
        stays = near >= _least(given, rows, middle) - _LOOSER
        group[rows[stays]], similar[rows[stays]] = middle[stays], near[stays]
        open_rows[rows[stays]] = False
        edges = [_between(edge, open_rows) for edge in edges]
        labels = _connected(n, edges)
    alone = np.flatnonzero(open_rows)
    group[alone], similar[alone] = alone, 1.0
    return Copies(_renumbered(group), similar)


def _degrees(n: int, edges: list[tuple[Ints, Ints, Floats]], among: NDArray[np.bool_]) -> Floats:
    total = np.zeros(n, np.float32)
    for left, right, value in (_between(edge, among) for edge in edges):
        np.add.at(total, left, value)
        np.add.at(total, right, value)
    return total


def _between(edge: tuple[Ints, Ints, Floats], among: NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
    left, right, value = edge
    kept = among[left] & among[right]
    return left[kept], right[kept], value[kept]


def _middles(rows: Ints, labels: Ints, degrees: Floats, weights: Ints) -> Ints:
    """Return the middle of each row's group: the most posted text, ties broken by the best linked, then the first."""
    order = rows[np.lexsort((rows, -degrees[rows], -weights[rows], labels[rows]))]
    _, first = np.unique(labels[order], return_index=True)
    middle = np.zeros(int(labels.max()) + 1, np.int64)
    middle[labels[order[first]]] = order[first]
    return middle[labels[rows]]


def _similarities(given: Shingles, rows: Ints, middle: Ints) -> Floats:
    near = np.ones(len(rows), np.float32)
    other = np.flatnonzero(rows != middle)
    for start in range(0, len(other), _PAIRS):
        part = other[start : start + _PAIRS]
        near[part] = likeness(given, rows[part], middle[part])
    return near


def _renumbered(group: Ints) -> Ints:
    """Number the groups in order of their first text."""
    kept = np.flatnonzero(group >= 0)
    if not len(kept):
        return group
    _, first, inverse = np.unique(group[kept], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered = group.copy()
    numbered[kept] = rank[inverse]
    return numbered


def _nobody(_done: int, _total: int) -> None:
    return
