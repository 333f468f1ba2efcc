"""Discover aspects that are in no pack: nouns, noun phrases and new words that people judge."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, Protocol

from core.mine.aspects.match import Matcher, general
from core.mine.aspects.pack import Aspect

__all__ = ["discover"]

_NOUN: Final = re.compile(r"n(?!r|s|t)|vn|an|l$|j$|eng$")
_LONGEST: Final = 8
_STOPS: Final = frozenset("。!！?？;；,，")
_WORD: Final = re.compile(r"[\u4e00-\u9fff]{2,8}|[A-Za-z][A-Za-z0-9]{1,11}")
#: A noun is judged by an adjective or opinion word at most this many words after it, or right before it with 的.
_REACH: Final = 4
#: Thresholds of an aspect: the share of its comments that judge it, its share of all comments, and its comments.
_JUDGED: Final = 0.3
_SUPPORT: Final = 0.004
_LEAST: Final = 4
#: Two words are joined if they co-occur e^3 times as often as by chance, with this entropy on both sides.
_PMI: Final = 3.0
_ENTROPY: Final = 0.6
#: Synonyms: words whose contexts are this similar and that share a hanzi, or whose contexts are more similar still.
_ALIKE: Final = 0.45
_VERY_ALIKE: Final = 0.8
_CONTEXT: Final = 3


#: A word and its part of speech.
Tagged = tuple[str, str]


class Tagger(Protocol):
    """The part of rjieba's interface that is used."""

    def tag(self, sentence: str) -> list[Tagged]:
        """Segment a text into words with their parts of speech."""
        ...


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many comments contain a word, how many judge it, and the words around it."""

    comments: int
    judged: int
    around: Counter[str]


def discover(
    texts: Sequence[str], matcher: Matcher, *, user_words: Sequence[str] = (), most: int = 12
) -> tuple[Aspect, ...]:
    """Find further aspects that people judge in some comments.

    Args:
        texts: Comments; some thousands are enough.
        matcher: Matcher of the pack whose words are already known.
        user_words: Words that are never split and always candidates.
        most: Most aspects.

    Returns:
        Aspects by falling number of comments that judge them; each is named after its most frequently judged word, and
        near-synonyms are its further terms.

    Source:
        Nouns next to opinion words: Hu and Liu 2004, KDD. New words by pointwise mutual information and the
        entropy of their neighbours. Synonyms by the Bhattacharyya coefficient of their neighbours, and shared hanzi.
    """
    tagger, own = _tagger(tuple(user_words)), frozenset(user_words)
    tagged = [_tag(text, tagger, own) for text in dict.fromkeys(texts)]
    joined = _joined(tagged)
    counted = _count((_join(words, joined) for words in tagged), own)
    least = max(_LEAST, math.ceil(_SUPPORT * len(tagged)))
    wanted = {
        word: one
        for word, one in counted.items()
        if one.comments >= least and one.judged >= _JUDGED * one.comments and not _is_known(word, matcher)
    }
    return _grouped(wanted, most)


def _tag(text: str, tagger: Tagger, own: frozenset[str]) -> list[Tagged]:
    return [(word, "n" if word in own else tag) for word, tag in tagger.tag(text)]


@lru_cache(maxsize=4)
def _tagger(user_words: tuple[str, ...]) -> Tagger:
    import rjieba  # a dictionary of 350,000 words: 0.15 s, 40 MB

    tagger = rjieba.Jieba()
    for word in user_words:
        tagger.add_word(word, None, "n")
    made: Tagger = tagger
    return made


def _joined(tagged: Sequence[Sequence[Tagged]]) -> frozenset[tuple[str, str]]:
    """Return adjacent words that form one: a noun phrase (售后电话), or a new word that was split."""
    alone: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    left: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    right: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for words in tagged:
        alone.update(word for word, _ in words)
        for i, (first, second) in enumerate(pairwise(words)):
            if _may_join(first, second):
                pair = (first[0], second[0])
                pairs[pair] += 1
                left[pair][words[i - 1][0] if i else ""] += 1
                right[pair][words[i + 2][0] if i + 2 < len(words) else ""] += 1
    total = max(1, sum(alone.values()))
    return frozenset(
        pair
        for pair, n in pairs.items()
        if n >= _LEAST
        and math.log(n * total / (alone[pair[0]] * alone[pair[1]])) >= _PMI
        and min(_entropy(left[pair]), _entropy(right[pair])) >= _ENTROPY
    )


def _may_join(first: Tagged, second: Tagged) -> bool:
    long = len(first[0]) + len(second[0]) <= _LONGEST and _WORD.fullmatch(first[0] + second[0]) is not None
    return long and all(_NOUN.match(tag) is not None for _, tag in (first, second))


def _entropy(counts: Counter[str]) -> float:
    total = sum(counts.values())
    return -sum(n / total * math.log(n / total) for n in counts.values())


def _join(words: Sequence[Tagged], joined: frozenset[tuple[str, str]]) -> list[Tagged]:
    result: list[Tagged] = []
    for word, tag in words:
        if result and (result[-1][0], word) in joined:
            result[-1] = (result[-1][0] + word, "n")
        else:
            result.append((word, tag))
    return result


def _count(tagged: Iterable[Sequence[Tagged]], own: frozenset[str]) -> dict[str, _Counted]:
    comments: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    around: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words in tagged:
        seen, praised = set(), set()
        for i, (word, tag) in enumerate(words):
            if word not in own and (not _NOUN.match(tag) or _WORD.fullmatch(word) is None):
                continue
            seen.add(word)
            near = [*words[max(0, i - _CONTEXT) : i], *words[i + 1 : i + 1 + _CONTEXT]]
            around[word].update(other for other, kind in near if kind not in ("x", "uj", "ul", "m"))
            if _is_judged(words, i):
                praised.add(word)
        comments.update(seen)
        judged.update(praised)
    return {word: _Counted(n, judged[word], around[word]) for word, n in comments.items()}


def _is_judged(words: Sequence[Tagged], i: int) -> bool:
    opinions = _opinions()
    if i + 1 < len(words) and _NOUN.match(words[i + 1][1]) and words[i + 1][0] not in opinions:
        return False  # only a modifier: 儿童 before 泳池很大
    for word, tag in words[i + 1 : i + 1 + _REACH]:
        if tag == "x" and word in _STOPS:
            break
        if tag.startswith("a") or tag == "z" or word in opinions:
            return True
    before = words[max(0, i - 2) : i]
    return len(before) == 2 and before[1][0] == "的" and (before[0][1].startswith("a") or before[0][0] in opinions)


@lru_cache(maxsize=1)
def _opinions() -> frozenset[str]:
    return frozenset((*general()["good"], *general()["bad"]))


def _is_known(word: str, matcher: Matcher) -> bool:
    """Tell whether a word is in the pack, or is listed as no aspect."""
    nothing = general()["nothing"]
    if word in _opinions() or word.endswith("的") or any(word.startswith(one) or word.endswith(one) for one in nothing):
        return True
    return any(True for _ in matcher.hits(word)) or any(word in one.excepted for one in matcher.pack.aspects)


def _grouped(wanted: dict[str, _Counted], most: int) -> tuple[Aspect, ...]:
    """Group synonyms, the most judged word first."""
    ranked = [word for _, word in sorted((-one.judged, word) for word, one in wanted.items())]
    groups: list[list[str]] = []
    for word in ranked:
        home = next((group for group in groups if _same(word, group[0], wanted)), None)
        if home is not None:
            home.append(word)
        elif len(groups) < most:
            groups.append([word])
    return tuple(Aspect(group[0], tuple(group)) for group in groups)


def _same(a: str, b: str, wanted: dict[str, _Counted]) -> bool:
    alike = _bhattacharyya(wanted[a].around, wanted[b].around)
    return alike >= _VERY_ALIKE or (alike >= _ALIKE and bool(set(a) & set(b))) or (a in b or b in a)


def _bhattacharyya(a: Counter[str], b: Counter[str]) -> float:
    shared = sum(math.sqrt(n * b[word]) for word, n in a.items() if word in b)
    return shared / math.sqrt(sum(a.values()) * sum(b.values())) if a and b else 0.0
