"""Groups of texts that are copies of each other, up to some changed characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.mine.floods.shingles import BANDS, Shingles, bands, joined, likeness, shingles

__all__ = ["SIMILAR", "Copies", "near_copies"]

#: Likeness (same characters in the same order) that links two texts of 40 letters or more; of 15 letters it is 0.8,
#: because in short ones a few stock phrases in the same order are most of the text.
SIMILAR: Final = 0.65
_SHORT, _LONG, _SHORT_SIMILAR = 15, 40, 0.8
#: A text may be so much less like the middle of its group than a link asks for: chains of small steps end there.
_LOOSER: Final = 0.1
#: Texts compared with the ones that follow in a bucket of equal hashes; pairs compared at once.
_NEIGHBOURS: Final = 3
_PAIRS: Final = 100_000
#: A group that falls apart is put together again so often at most.
_ROUNDS: Final = 4
#: Hashing and comparing take about as long.
STEPS: Final = 2

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Copies:
    """Texts in groups.

    Attributes:
        group: (n,) int64, number of the group; -1 = in none. A text that is compared and like no other one is a group
            of its own, because it may have been posted many times as it is.
        similar: (n,) float32, similarity to the middle of the group; 1 for the middle itself, NaN in no group.
    """

    group: Ints
    similar: Floats


def near_copies(
    batches: Iterable[Sequence[str]], weights: Ints, report: Callable[[int, int], None] | None = None
) -> Copies:
    """Group different texts that are nearly the same.

    Args:
        batches: All n texts, different ones, in lists of some ten thousand.
        weights: (n,) how often each was posted; the most posted text is the middle of its group.
        report: Told the units of work done and their number.

    Returns:
        The groups. Texts below ``LEAST_CHARACTERS`` letters are in none. Numbers follow the first text.

    Source:
        MinHash with banding (see ``bands``) finds candidates, their exact similarity decides.

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
        # the pairs have said what they had to say: of a million texts they would stay as large as the letters twice
        parts.append(replace(part, codes=part.codes[:0], starts=np.zeros_like(part.starts)))
        done += len(texts)
        told(done, STEPS * n)
    return joined(parts), signature


def _candidates(
    signature: NDArray[np.uint32], band: int, compared: NDArray[np.bool_], labels: Ints
) -> Iterable[tuple[Ints, Ints]]:
    """Yield pairs that share a band and are not yet in one group; of a large bucket only neighbours.

    Within a bucket the texts stand in the order of the next bands, so that similar ones are neighbours.
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
    """Return the likeness that links two texts, by the length of the shorter one."""
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
    """Let go of texts too far from the middle of their group; they form groups of their own among themselves."""
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
    """Return for each row the middle of its group: the most posted text, of equals the best linked, the first."""
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
    """Number the groups by their first text."""
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
