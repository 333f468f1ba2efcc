"""Choose the pack that fits some comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.mine.aspects.match import matcher
from core.mine.aspects.pack import Pack
from core.mine.aspects.simplify import simplified

__all__ = ["Fit", "choose"]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a pack fits.

    Attributes:
        pack: The pack.
        sure: Its share of the combined evidence for it and the runner-up, 0.5 to 1; 0 without any evidence.
        covered: Share of the comments with one of its words, 0 to 1.
    """

    pack: Pack
    sure: float
    covered: float


def choose(texts: Sequence[str], packs: Sequence[Pack]) -> Fit:
    """Choose the pack whose words the comments use.

    A word weighs less the more packs contain it: 质量 says little, 上菜 much. A comment counts a word once.

    Args:
        texts: Some hundreds of comments.
        packs: Candidates, at least one; the first wins a tie.

    Example:
        >>> from core.mine.aspects.pack import PACKS, shipped
        >>> choose(["上菜太慢,菜也凉了", "服务员很热情,味道好"], [shipped(name) for name in PACKS]).pack.title
        '餐饮'
    """
    texts = list(map(simplified, texts))
    shared = Counter(word for pack in packs for word in _words(pack))
    weights, covered = [], []
    for pack in packs:
        finder = matcher(pack)
        found = [{text[hit.start : hit.end].lower() for hit in finder.hits(text)} for text in texts]
        # three words of one trade are as strong evidence as ten
        weights.append(sum(min(3.0, sum(_weight(shared[word]) for word in words)) for words in found))
        covered.append(sum(map(bool, found)) / max(1, len(texts)))
    best = max(range(len(packs)), key=weights.__getitem__)
    both = weights[best] + max((weight for i, weight in enumerate(weights) if i != best), default=0.0)
    return Fit(packs[best], weights[best] / both if both else 0.0, covered[best])


def _weight(packs: int) -> float:
    # a word with a gap (等了…天) is not listed in the form it was found
    return 1.0 / max(1, packs) ** 2


def _words(pack: Pack) -> set[str]:
    return {
        simplified(word.lower()) for one in pack.aspects for words in (one.terms, one.good, one.bad) for word in words
    }
