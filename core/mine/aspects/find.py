"""Mentions: which piece of a comment expresses what about which aspect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from core.mine.aspects.match import Hit, Matcher, denied_from
from core.mine.aspects.simplify import simplified
from core.mine.clauses import Clause, Link, split
from core.schema import NEGATIVE, POSITIVE

__all__ = ["Mention", "mentions", "opinion_words"]

#: A clause without an opinion takes that of one of this many following clauses: 环境,服务,味道都不错.
_WAITS: Final = 2
#: Longest clause, in characters, that may wait for an opinion, and longest that may extend the clause before it.
_SHORT: Final = 12
_INHERITS: Final = 16
#: Longer clauses are unpunctuated: a mention is limited to this many characters before and after its word.
_LONG: Final = 40
_BEFORE, _AFTER = 10, 22
_ELSE: Final = re.compile("其他|其它|别的|其余")
_OTHERS: Final = re.compile(f"{_ELSE.pattern}|都|全|没有?(?:什么|啥|任何)|毛病|没[得的][挑说]|挑不出|无可挑剔|一无是处")
#: A wish for better implies that it was not good: 希望味道能好一点, 要是再快些就好了.
_WISH: Final = re.compile(
    "(?:希望|但愿|盼望?|要是|如果|若是|倘若|建议)[^,，。!！?？;；\n]{0,10}?(?:能够?|可以|再|更)[^,，。!！?？;；\n]{1,6}?"
    r"(?:一?点儿?|一?些)(?:就|$|[,，。!！?？;；~～…\s])"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A piece of a text about one aspect: ``text[start:end]``.

    Attributes:
        aspect: Index into ``Pack.aspects``.
        start: Start of the piece.
        end: End of the piece, exclusive.
        word: Start and end of the word that names the aspect.
        hint: Polarity of the pack's words, -1 to +1; 0 = none or both.
        judged: Whether the piece contains an opinion word.
        contrary: Contrasted with what follows: 除了价格,其他都好.
        barred: The label that its words exclude, index into ``LABELS``: 负面 for 价格不高, 正面 for 希望能快一点.
    """

    aspect: int
    start: int
    end: int
    word: tuple[int, int]
    hint: float
    judged: bool
    contrary: bool = False
    barred: int | None = None


def mentions(text: str, matcher: Matcher, hits: Sequence[Hit] | None = None) -> list[Mention]:
    """Find what a comment says about which aspects.

    A clause mentions the aspects whose words it contains. A clause that only names aspects takes the opinion of the
    next ones; one that only judges extends the aspect before it in its sentence, unless it starts with 但是 or such.

    Args:
        text: A comment as written.
        matcher: The matcher of a pack.
        hits: Aspect words found already, in reading order; None = find them here.

    Returns:
        Mentions in reading order.

    Example:
        >>> from core.mine.aspects.match import matcher
        >>> from core.mine.aspects.pack import shipped
        >>> pack, comment = shipped("餐饮"), "环境、服务都不错,就是有点贵"
        >>> [(pack.aspects[m.aspect].name, comment[m.start : m.end]) for m in mentions(comment, matcher(pack))]
        [('环境', '环境、服务都不错'), ('服务态度', '环境、服务都不错'), ('价格', '就是有点贵')]
    """
    hits = matcher.hits(text) if hits is None else hits
    if not hits:
        return []
    reader = _Reader(text, matcher, hits)
    found: list[Mention] = []
    for i, clause in enumerate(reader.clauses):
        inside = reader.inside(clause)
        if inside:
            found += reader.of_clause(i, inside)
        else:
            _inherit(found, i, reader)
    return found


def opinion_words(text: str, mention: Mention, matcher: Matcher) -> list[str]:
    """Return the distinct opinion words of a mention, each with its negation.

    Words specific to this aspect take precedence over general ones; the latter are left out when there are any of
    the former.

    Args:
        text: The comment.
        mention: One of ``mentions(text, matcher)``.
        matcher: The same matcher.

    Example:
        >>> from core.mine.aspects.match import matcher
        >>> from core.mine.aspects.pack import shipped
        >>> finder, comment = matcher(shipped("餐饮")), "上菜不快,价格很贵"
        >>> [opinion_words(comment, one, finder) for one in mentions(comment, finder)]
        [['不快'], ['很贵']]
    """
    piece = text[mention.start : mention.end]
    own = [(hit.start, hit.end) for hit in matcher.hits(piece) if hit.aspect == mention.aspect and hit.sign]
    found = own or [(start, end) for start, end, _ in matcher.beside(mention.aspect, piece)]
    found = found or [(start, end) for start, end, _ in matcher.opinions(piece)]
    plain = simplified(piece)
    return list(dict.fromkeys(piece[denied_from(plain, start) : end] for start, end in found))


def _inherit(found: list[Mention], i: int, reader: _Reader) -> None:
    """Extend the mentions that end where a clause without aspect words begins, if it only judges.

    A statement about all the rest extends only a mention that it contrasts with: 除了价格,其他都好, not 除了停车难.
    """
    clause = reader.clauses[i]
    if (
        clause.link is not Link.ON
        or clause.end - clause.start > _INHERITS
        or not reader.judges(clause.start, clause.end)
    ):
        return
    before = reader.clauses[i - 1].end if i else -1
    last = [m for m in found if m.end == before]
    if reader.is_of_the_rest(i) and not all(m.contrary for m in last):
        return
    if len({m.aspect for m in last}) == 1:  # with two aspects, it is ambiguous
        (place,) = [k for k, m in enumerate(found) if m is last[-1]]
        one = found[place]
        found[place] = replace(
            one,
            end=clause.end,
            hint=reader.hint(one.aspect, one.start, clause.end),
            judged=True,
            barred=reader.barred(one.aspect, one.start, clause.end),
        )


class _Reader:
    """A text with its clauses, aspect words and opinion words."""

    def __init__(self, text: str, matcher: Matcher, hits: Sequence[Hit]) -> None:
        self.text = text = simplified(text)
        self.clauses = split(text)
        self._matcher = matcher
        self._hits = hits
        self._opinions = matcher.opinions(text)
        self._beside: dict[int, list[tuple[int, int, int]]] = {}

    def inside(self, clause: Clause) -> list[Hit]:
        return [hit for hit in self._hits if clause.start <= hit.start < clause.end]

    def judges(self, start: int, end: int, aspect: int | None = None) -> bool:
        """Tell whether a span contains an opinion word, general or specific to an aspect."""
        signed = [(hit.start, hit.end, hit.sign) for hit in self._hits if hit.sign]
        return any(True for _ in _within([*signed, *self._opinions, *self._words(aspect)], start, end))

    def hint(self, aspect: int, start: int, end: int) -> float:
        said = self._said(aspect, start, end) or list(_within(self._opinions, start, end))
        return sum(sign for *_, sign in said) / len(said) if said else 0.0

    def barred(self, aspect: int, start: int, end: int) -> int | None:
        """Return the label that the words exclude; None = none."""
        if _WISH.search(self.text[start:end]):
            return POSITIVE
        said = self._said(aspect, start, end)
        if said and all(sign > 0 and denied_from(self.text, place) < place for place, _, sign in said):
            return NEGATIVE
        return None

    def _said(self, aspect: int, start: int, end: int) -> list[tuple[int, int, int]]:
        """Return the words that are good or bad by themselves for this aspect, else those that are beside its name."""
        own = [(hit.start, hit.end, hit.sign) for hit in self._hits if hit.aspect == aspect and hit.sign]
        return list(_within(own, start, end)) or list(_within(self._words(aspect), start, end))

    def of_clause(self, i: int, hits: Sequence[Hit]) -> list[Mention]:
        clause = self.clauses[i]
        found = []
        for hit, start, end in self._parts(clause, hits):
            stop = end
            waits = end == clause.end and end - start <= _SHORT and clause.link is not Link.EXCEPT
            if waits and not self.judges(start, end, hit.aspect):
                stop = self._waiting(i, hit.aspect, end)
            judged = self.judges(start, stop, hit.aspect)
            contrary = clause.link is Link.EXCEPT and not judged and self._others_follow(i)
            hint, barred = self.hint(hit.aspect, start, stop), self.barred(hit.aspect, start, stop)
            if clause.link is Link.EXCEPT and judged and hint:  # the model scores the praise of the rest
                barred = NEGATIVE if hint > 0 else POSITIVE
            found.append(Mention(hit.aspect, start, stop, (hit.start, hit.end), hint, judged, contrary, barred))
        return found

    def _words(self, aspect: int | None) -> list[tuple[int, int, int]]:
        if aspect is None:
            return []
        if aspect not in self._beside:
            self._beside[aspect] = self._matcher.beside(aspect, self.text)
        return self._beside[aspect]

    def _parts(self, clause: Clause, hits: Sequence[Hit]) -> Iterable[tuple[Hit, int, int]]:
        """Yield, for each aspect of a clause, one hit and the part of the clause that is about it.

        Aspects that each have an opinion of their own (环境好服务也好) split the clause; otherwise all get all of it.
        """
        first = {hit.aspect: hit for hit in sorted(hits, key=_cues_last, reverse=True)}
        ordered = sorted(first.values(), key=_start)
        cuts = [clause.start, *(hit.start for hit in ordered[1:]), clause.end]
        spans = list(pairwise(cuts))
        shared = len(ordered) > 1 and all(
            end > start and self.judges(start, end, hit.aspect)
            for hit, (start, end) in zip(ordered, spans, strict=True)
        )
        for hit, (start, end) in zip(ordered, spans, strict=True):
            low, high = (start, end) if shared else (clause.start, clause.end)
            if high - low > _LONG:
                low, high = max(low, hit.start - _BEFORE), min(high, hit.end + _AFTER)
            yield hit, low, high

    def _waiting(self, i: int, aspect: int, end: int) -> int:
        """Return the end of the opinion that a clause waits for; ``end`` if there is none."""
        for clause in self.clauses[i + 1 : i + 1 + _WAITS]:
            if clause.link is not Link.ON:
                break
            if self.judges(clause.start, clause.end, aspect):
                return clause.end
            if clause.end - clause.start > _SHORT:
                break
        return end

    def is_of_the_rest(self, i: int) -> bool:
        """Tell whether a clause may be about everything except what the clause before it excludes."""
        clause = self.clauses[i]
        return self.clauses[i - 1].link is Link.EXCEPT or bool(_ELSE.search(self.text, clause.start, clause.end))

    def _others_follow(self, i: int) -> bool:
        following = self.clauses[i + 1 : i + 2]
        return bool(following) and _OTHERS.search(self.text, following[0].start, following[0].end) is not None


def _within(words: Iterable[tuple[int, int, int]], start: int, end: int) -> Iterable[tuple[int, int, int]]:
    return (word for word in words if start <= word[0] and word[1] <= end)


def _start(hit: Hit) -> int:
    return hit.start


def _cues_last(hit: Hit) -> tuple[bool, int]:
    return hit.sign != 0, hit.start
