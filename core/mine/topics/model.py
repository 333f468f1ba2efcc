"""Topics: learnt from a sample of comments; then every comment is assigned to the nearest topic or to none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.mine.topics.clusters import Clusters, cluster, nearest, stability
from core.mine.topics.vectors import Bag, Space, place, points

__all__ = ["FEWEST", "Model", "assign", "learn"]

#: Fewest comments to learn topics from, and fewest per topic on average.
FEWEST, _EACH = 20, 8
#: Candidate numbers of topics, and the size of the sample they are tried on.
_TRIED: Final = (3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 26, 30)
_TRIED_ON: Final = 8_000
#: Mean stability (Hennig), over comments, that a number of topics must reach, and how far below the best number's it
#: may lie: splitting one clear topic in two reduces the mean by about this much.
_STABLE, _BELOW = 0.7, 0.15
_FAILURES: Final = 3
#: A comment gets no topic when its cosine is this many robust standard deviations below the median.
_FAR: Final = 2.5
_TO_SIGMA: Final = 1.4826
#: A topic has at least this share of the comments learnt from, and at least this many.
_SMALLEST, _LEAST = 0.005, 5

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Model:
    """The learnt topics.

    Attributes:
        space: Term vectors.
        centres: (k, dimensions), the largest topic first; no rows if there are too few comments.
        stable: (k,) stability of each topic over halves of the comments, in [0, 1].
        floor: Smallest cosine to a centre that assigns a topic.
    """

    space: Space
    centres: Floats
    stable: Floats
    floor: float


def learn(bag: Bag, terms: int, k: int | None = None, report: Callable[[int, int], None] | None = None) -> Model:
    """Learn topics.

    Args:
        bag: The comments to learn from.
        terms: Size of the vocabulary.
        k: Number of topics; None = the largest of ``_TRIED`` whose topics are nearly as stable over halves of the
            comments as those of the best number.
        report: Called with how many numbers of topics were tried, and of how many.

    Returns:
        The topics; none if fewer than ``FEWEST`` comments contain a term of the vocabulary.
    """
    from threadpoolctl import threadpool_limits

    # one thread: a fixed summation order gives equal topics on every machine, and is faster for small products
    with threadpool_limits(1, user_api="blas"):
        if terms < 2 or len(np.unique(bag.comments)) < FEWEST:
            return _nothing(terms)
        space = place(bag, terms)
        where = points(bag, space)
        where = where[np.abs(where).sum(axis=1) > 0]
        some = where[np.random.default_rng(0).permutation(len(where))[:_TRIED_ON]]
        chosen = min(k, len(where)) if k else _number(some, report or _nobody)
        return _model(space, where, some, chosen)


def assign(bag: Bag, model: Model) -> tuple[Ints, Floats]:
    """Assign comments to topics.

    Returns:
        (n,) topic from 1, 0 = none; (n,) cosine to its centre, 0 for a comment without terms.
    """
    if not len(model.centres):
        return np.zeros(bag.n, np.int64), np.zeros(bag.n, np.float32)
    where = points(bag, model.space)
    group, cosine = nearest(where, model.centres)
    return np.where(cosine >= model.floor, group + 1, 0), cosine.astype(np.float32)


def _nothing(terms: int) -> Model:
    empty = Space(np.zeros(terms, np.float32), np.zeros((terms, 1), np.float32))
    return Model(empty, np.zeros((0, 1), np.float32), np.zeros(0, np.float32), 0.0)


def _number(some: Floats, report: Callable[[int, int], None]) -> int:
    """Choose the number of topics."""
    tried = [k for k in _TRIED if k * _EACH <= len(some)] or [2]
    scores: dict[int, float] = {}
    for done, k in enumerate(tried):
        report(done, len(tried))
        found = cluster(some, k, starts=2)
        sizes = np.bincount(found.group, minlength=k)
        scores[k] = float((stability(some, found, halves=4) * sizes).sum() / sizes.sum())
        if max(scores.values()) >= _STABLE and all(scores[one] < _STABLE for one in tried[: done + 1][-_FAILURES:]):
            break
    report(len(tried), len(tried))
    level = max(_STABLE, max(scores.values()) - _BELOW)
    if stable := [k for k, score in scores.items() if score >= level]:
        return max(stable)
    # nothing is stable: the smallest number always scores highest then, but says least
    more = {k: score for k, score in scores.items() if k > tried[0]} or scores
    return max(more, key=more.__getitem__)


def _model(space: Space, where: Floats, some: Floats, k: int) -> Model:
    found = cluster(where, k)
    sizes = np.bincount(found.group, minlength=len(found.centres))
    kept = np.argsort(-sizes, kind="stable")
    large = kept[sizes[kept] >= max(_LEAST, _SMALLEST * len(where))]
    kept = large if len(large) else kept[:1]
    centres = found.centres[kept]
    group, cosine = nearest(where, centres)
    middle = float(np.median(cosine))
    spread = _TO_SIGMA * float(np.median(np.abs(cosine - middle)))
    part, near = nearest(some, centres)
    stable = stability(some, Clusters(centres, part, float(1 - near.mean())))
    order = np.argsort(-np.bincount(group, minlength=len(centres)), kind="stable")
    return Model(space, centres[order], stable[order], max(0.0, middle - _FAR * spread))


def _nobody(_done: int, _total: int) -> None:
    return
