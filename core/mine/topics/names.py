"""Names of topics: the terms that are more frequent in their comments than in the others'."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["name", "telling"]

#: Most terms of a name, and the number above which no single hanzi is added.
_MOST, _LONG = 3, 2


def telling(counts: NDArray[np.int64], vocabulary: Sequence[str], most: int = 12) -> list[list[str]]:
    """Rank the terms of each topic by class-based TF-IDF.

    Args:
        counts: (topics, terms) comments of a topic that contain a term.
        vocabulary: The terms.
        most: Most terms per topic.

    Returns:
        Terms per topic, highest weight first; only terms that occur in two or more of its comments.

    Source:
        Grootendorst (2022), BERTopic, arXiv:2203.05794, equation 2: share in the topic times log(1 + A / frequency).
    """
    size = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    frequency = np.maximum(counts.sum(axis=0), 1)
    weights = counts / size * np.log1p(counts.sum() / max(1, len(counts)) / frequency)
    order = np.argsort(-weights, axis=1, kind="stable")[:, :most]
    return [[vocabulary[t] for t in row if counts[i, t] >= 2] for i, row in enumerate(order)]


def name(ranked: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Choose up to three terms for each topic, none in another topic's name and none contained in another.

    Args:
        ranked: Terms per topic, highest weight first.

    Example:
        >>> name([["快递", "太慢", "物流"], ["客服", "快递", "态度"]])
        [('快递', '太慢', '物流'), ('客服', '态度')]
    """
    best: dict[str, int] = {}
    for topic, terms in enumerate(ranked):
        for rank, term in enumerate(terms):
            if term not in best or rank < ranked[best[term]].index(term):
                best[term] = topic
    return [_name([term for term in terms if best[term] == topic]) for topic, terms in enumerate(ranked)]


def _name(terms: Sequence[str]) -> tuple[str, ...]:
    """Choose terms; single hanzi (烂, 贵) only if there are too few longer ones."""
    chosen: list[str] = []
    for term in sorted(terms, key=_is_short):
        if not any(term in other or other in term for other in chosen) and (len(chosen) < _LONG or len(term) > 1):
            chosen.append(term)
        if len(chosen) == _MOST:
            break
    return tuple(chosen)


def _is_short(term: str) -> bool:
    return len(term) == 1
