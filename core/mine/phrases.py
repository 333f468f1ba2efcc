"""Phrases: words that co-occur side by side more often than by chance, such as 物流慢 and 客服态度差."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.schema import PHRASE_GAP

__all__ = ["Phrase", "Phrases", "Place", "neighbours", "places", "words_of"]

#: Least pointwise mutual information of a phrase's parts, in bits, and least log-likelihood ratio.
_LEAST_PMI: Final = 0.585
_LEAST_G2: Final = 15.13
#: Most phrases kept, the most frequent ones.
_MOST: Final = 5_000
_GAP: Final = re.compile(rf"[\u3400-\u9fff]{{0,{PHRASE_GAP}}}")


Place = tuple[str, int, int]
Phrase = tuple[str, ...]


def places(terms: Sequence[str], text: str, skipped: Container[str], names: Mapping[str, str]) -> list[Place]:
    """Locate the terms of a comment in its text.

    Args:
        terms: In reading order, as returned by ``core.clean.segment``.
        text: The clean text that contains them, in lower case.
        skipped: Stop words, which are left out.
        names: Canonical names of terms, where these differ from the term.

    Returns:
        Name, start and end of each term.

    Example:
        >>> places(["物流", "真的", "太慢"], "物流真的太慢", {"真的"}, {"太慢": "慢"})
        [('物流', 0, 2), ('慢', 4, 6)]
    """
    found: list[Place] = []
    end = 0
    for term in terms:
        at = text.find(term, end)
        if at >= 0:
            end = at + len(term)
            if term not in skipped:
                found.append((names.get(term, term), at, end))
    return found


def neighbours(found: Sequence[Place], text: str) -> Iterator[tuple[int, int]]:
    """Yield the pairs of places with at most two hanzi and nothing else between them.

    Example:
        >>> list(neighbours([("客服", 0, 2), ("态度", 2, 4), ("差", 4, 5), ("慢", 6, 7)], "客服态度差,慢"))
        [(0, 1), (0, 2), (1, 2)]
    """
    last = len(found)
    for i, (_, _, end) in enumerate(found):
        j = i + 1
        while j < last and (gap := found[j][1] - end) <= PHRASE_GAP:
            if gap == 0 or _GAP.fullmatch(text, end, end + gap):
                yield i, j
            j += 1


@dataclass(slots=True)
class Phrases:
    """Learns from comments which neighbouring words form phrases."""

    comments: int = 0
    _single: Counter[str] = field(default_factory=Counter)
    _several: Counter[Phrase] = field(default_factory=Counter)

    def learn(self, found: Sequence[Place], text: str) -> None:
        """Count one comment, given as its places; repeats within it count once."""
        self.comments += 1
        self._single.update({name for name, _, _ in found})
        self._several.update(set(_chains(found, text)))

    def found(self, *, minimum: int) -> frozenset[Phrase]:
        """Return the phrases of two and three words.

        Args:
            minimum: Fewest comments with a phrase.

        Returns:
            Pairs whose words co-occur at least 1.5 times as often as if independent and whose log-likelihood
            ratio exceeds 15.13 (p < 0.0001); triples of such pairs whose third word meets the same thresholds.

        Source:
            Church & Hanks (1990), Computational Linguistics 16:22-29 (mutual information); Dunning (1993), ibid.
            19:61-74 (log-likelihood ratio).
        """
        enough = {phrase: n for phrase, n in self._several.items() if n >= minimum and len(set(phrase)) == len(phrase)}
        single = self._single
        pairs = {p for p, n in enough.items() if len(p) == 2 and self._belong(n, single[p[0]], single[p[1]])}
        triples = {
            p
            for p, n in enough.items()
            if len(p) == 3 and p[:2] in pairs and p[1:] in pairs and self._belong(n, enough[p[:2]], single[p[2]])
        }
        return frozenset(sorted(pairs | triples, key=enough.__getitem__, reverse=True)[:_MOST])

    def _belong(self, both: int, first: int, second: int) -> bool:
        n = self.comments
        return math.log2(both * n / (first * second)) >= _LEAST_PMI and _g2(both, first, second, n) >= _LEAST_G2


def words_of(found: Sequence[Place], text: str, known: Container[Phrase]) -> set[Phrase]:
    """Return the terms and known phrases of a comment, each as a tuple of its parts.

    Example:
        >>> sorted(words_of([("物流", 0, 2), ("慢", 4, 5)], "物流真的慢", {("物流", "慢")}))
        [('慢',), ('物流',), ('物流', '慢')]
    """
    words: set[Phrase] = {(name,) for name, _, _ in found}
    words.update([chain for chain in _chains(found, text) if chain in known])
    return words


def _chains(found: Sequence[Place], text: str) -> list[Phrase]:
    """Return the pairs and triples of neighbouring terms."""
    pairs = list(neighbours(found, text))
    made: list[Phrase] = [(found[i][0], found[j][0]) for i, j in pairs]
    if len(pairs) > 1:
        following: dict[int, list[int]] = {}
        for i, j in pairs:
            following.setdefault(i, []).append(j)
        made += [(found[i][0], found[j][0], found[k][0]) for i, j in pairs if j in following for k in following[j]]
    return made


def _g2(both: int, first: int, second: int, n: int) -> float:
    """Return the log-likelihood ratio of the 2 × 2 table of comments with both words, one or neither."""
    observed = (both, first - both, second - both, max(0, n - first - second + both))
    expected = (first * second, first * (n - second), (n - first) * second, (n - first) * (n - second))
    return 2 * sum(o * math.log(o * n / e) for o, e in zip(observed, expected, strict=True) if o and e)
