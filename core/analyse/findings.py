"""The findings that matter most: whatever holds more negative comments than it should, in one currency.

Every candidate, be it a week, a product or a word, is measured by the same number: its negative comments beyond those
that its own yardstick lets expect. So a rise of one day and a bad product can be put in one order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from core.analyse.anomalies import anomalies
from core.analyse.aspects import mark_of_aspect
from core.analyse.compare import compare
from core.analyse.filters import Chosen, Selection, filter_of, where
from core.analyse.frames import rows_of
from core.analyse.keywords import keywords
from core.analyse.marks import mark_of_episode, mark_of_group, narrow
from core.analyse.quotes import quotes_of
from core.analyse.stars import MANY, scale_of
from core.analyse.statistics import difference, holm, surplus_p
from core.analyse.trend import trend
from core.analyse.word_lists import word_list
from core.metrics import wilson
from core.results import Difference, Finding, FindingKind, Findings, Frequency, Quote
from core.schema import LABELS, NEGATIVE, Col, Filter, Share, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["evaluations", "findings"]

#: A candidate counts where chance explains it in fewer cases than this, all candidates of its kind taken together.
#: There are five kinds, so that a page on which nothing is the matter stays empty in 19 of 20 cases.
LEVEL: Final = 0.02
#: Comments that a word or an aspect must have: a smaller one moves nobody.
LEAST: Final = 10
#: A finding has at least so many negative comments more than expected, at the low end of its interval.
LEAST_EXCESS: Final = 1.0
#: Praise that the built-in model takes for negative: docs/model_card.md, "Praise taken for blame".
MISTAKEN: Final = wilson(147, 2652)
#: Candidates of a kind whose comments are looked at, and the common share of negative comments that makes two one.
LOOKED_AT, ALIKE = 5, 0.5
#: Findings of one kind at most: a page full of words says one thing in five ways.
OF_ONE_KIND: Final = 2
_QUOTES: Final = 2
#: More words than any table has.
_ALL: Final = 10_000_000
#: A word begins with a letter or hanzi; emoji and [怒] only judge.
_NAMES_SOMETHING: Final = re.compile(r"[^\W\d_]")
_QUOTE_CHARS: Final = (8, 200)


def findings(table: Table, chosen: Chosen, *, mentions: str = "", limit: int = 5) -> Findings:
    """Find what most of the surplus of negative comments belongs to.

    Candidates are abnormal stretches of time, sources, products, words and aspects (where they have been looked for),
    each against all other comments, and negative comments under the highest rating, against the model's errors. One
    counts when chance does not explain it, all candidates of its kind taken together, and when even the low end of its
    95 % interval leaves a surplus.

    Args:
        table: The labelled table.
        chosen: The filter or selection; its labels are set aside.
        mentions: View of the derived table of aspect mentions; "" = there is none.
        limit: Most findings.

    Returns:
        The findings by falling surplus, at most two of a kind, none that shares half its negative comments with a
        larger one.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6:65-70; for stretches of time Bonferroni's bound over buckets.
    """
    every = _any_label(chosen)
    total = _share(table, every)
    found = [f for f in _candidates(table, every, mentions) if f.excess_low >= LEAST_EXCESS]
    ranked = sorted(found, key=_by_excess)
    kept, alike = _distinct(table, every, ranked, limit)
    quoted = tuple(replace(f, quotes=_quotes(table, every, f), behind=_behind(table, every, f)) for f in kept)
    return Findings(filter_of(every), total, quoted, len(found), alike)


@lru_cache(maxsize=1)
def evaluations() -> frozenset[str]:
    """Return words that only judge: that comments with 太差 are negative tells nobody anything.

    Example:
        >>> "太差" in evaluations(), "退货" in evaluations()
        (True, False)
    """
    return word_list("evaluations.txt")


def _any_label(chosen: Chosen) -> Chosen:
    if isinstance(chosen, Selection):
        return replace(chosen, filter=replace(chosen.filter, labels=()))
    return replace(chosen, labels=())


def _by_excess(finding: Finding) -> tuple[float, str]:
    return -finding.excess, finding.subject


def _share(table: Table, chosen: Chosen) -> Share:
    condition, parameters = where(chosen)
    counted = f"SELECT count(*) FILTER ({Col.LABEL} = {NEGATIVE}) AS bad, count(*) AS n FROM comments WHERE {condition}"
    row = table.query(counted, parameters).iloc[0]
    return wilson(int(row["bad"]), int(row["n"]))


def _candidates(table: Table, chosen: Chosen, mentions: str) -> Iterator[Finding]:
    yield from _rises(table, chosen)
    yield from _groups(table, chosen, FindingKind.SOURCE, Col.SOURCE)
    yield from _groups(table, chosen, FindingKind.PRODUCT, Col.PRODUCT)
    yield from _words(table, chosen)
    yield from _stars(table, chosen)
    if mentions:
        yield from _aspects(table, chosen, mentions)


def _rises(table: Table, chosen: Chosen) -> Iterator[Finding]:
    found = anomalies(trend(table, chosen))
    judged = sum(verdict.bucket.n > 0 for verdict in found.verdicts)
    for episode in found.episodes:
        # of a hundred quiet days one half is called abnormal: fine beside a trend, too much on this page
        if episode.direction > 0 and judged * (1 - NormalDist().cdf(episode.z)) < LEVEL:
            mark = mark_of_episode(episode)
            one = _finding(FindingKind.RISE, _when(mark), episode.share, episode.expected, mark)
            hours = (episode.start, episode.end) if found.frequency is Frequency.HOUR else None
            yield replace(one, subject=_hours(*hours), during=hours) if hours else one


def _when(mark: Filter) -> str:
    return f"{mark.start} 至 {mark.end}" if mark.start != mark.end else str(mark.start)


def _hours(start: datetime, end: datetime) -> str:
    return f"{start:%Y-%m-%d %H:00} 至 " + (f"{end:%H:00}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:00}")


def _groups(table: Table, chosen: Chosen, kind: FindingKind, by: str) -> Iterator[Finding]:
    for group in compare(table, chosen, by).groups:
        mark = mark_of_group(by, group.name)
        if group.name and mark is not None and group.p_adjusted < LEVEL:
            yield _against_rest(kind, group.name, group.shares[NEGATIVE], group.difference, mark)


def _words(table: Table, chosen: Chosen) -> Iterator[Finding]:
    told = keywords(table, chosen, stop=evaluations(), limit=_ALL)
    scale = (told.sampled_from or told.n) / told.n if told.n else 1.0
    total = wilson(told.totals[NEGATIVE], told.n)
    counted = {term.term: term.negative for term in (*told.negative, *told.positive)}
    for word, share in _telling(counted, total):
        if _NAMES_SOMETHING.match(word):
            one = _against_rest(
                FindingKind.WORD, word, share, difference(share, _rest(share, total)), Filter(term=word)
            )
            yield replace(one, excess=one.excess * scale, excess_low=one.excess_low * scale)


def _stars(table: Table, chosen: Chosen) -> Iterator[Finding]:
    scale, best = scale_of(table)
    if not best >= MANY * scale:  # NaN where nothing is rated
        return
    mark = Filter(ratings=(best, best), labels=(LABELS[NEGATIVE],))
    found = _share(table, _any_label(_narrowed(chosen, mark)))
    if found.n and surplus_p(found, MISTAKEN) < LEVEL:
        yield _finding(FindingKind.STARS, f"{best:g}", found, MISTAKEN.value, mark)


def _aspects(table: Table, chosen: Chosen, view: str) -> Iterator[Finding]:
    condition, parameters = where(chosen)
    found = table.query(
        f"""SELECT aspect, count(*) FILTER (verdict = {NEGATIVE}) AS bad, count(*) AS n FROM {view}
            WHERE "first" AND {Col.ROW} IN (SELECT {Col.ROW} FROM comments WHERE {condition}) GROUP BY 1""",
        parameters,
    )
    counted = {str(row.aspect): wilson(int(row.bad), int(row.n)) for row in rows_of(found)}
    total = wilson(sum(share.count for share in counted.values()), sum(share.n for share in counted.values()))
    for aspect, share in _telling(counted, total):
        mark = mark_of_aspect(view, aspect, NEGATIVE)
        yield _against_rest(FindingKind.ASPECT, aspect, share, difference(share, _rest(share, total)), mark)


def _telling(counted: Mapping[str, Share], total: Share) -> Iterator[tuple[str, Share]]:
    """Yield what is more negative than the rest beyond chance, by Holm's method over all that were counted."""
    large = {name: share for name, share in counted.items() if share.n >= LEAST}
    adjusted = holm([surplus_p(share, _rest(share, total)) for share in large.values()])
    for (name, share), p in zip(large.items(), adjusted, strict=True):
        if p < LEVEL:
            yield name, share


def _rest(share: Share, total: Share) -> Share:
    return wilson(total.count - share.count, total.n - share.n)


def _finding(kind: FindingKind, subject: str, share: Share, expected: float, mark: Filter) -> Finding:
    excess, low = ((value - expected) * share.n for value in (share.value, share.low))
    return Finding(kind, subject, share, expected, excess, low, mark)


def _against_rest(kind: FindingKind, subject: str, share: Share, change: Difference, mark: Filter) -> Finding:
    expected = share.value - change.value
    return Finding(kind, subject, share, expected, change.value * share.n, change.low * share.n, mark)


def _distinct(table: Table, chosen: Chosen, ranked: Sequence[Finding], limit: int) -> tuple[list[Finding], int]:
    """Keep the largest findings that are not about the same comments; returns them and how many were left out so."""
    kept: list[Finding] = []
    seen: list[tuple[FindingKind, NDArray[np.int64]]] = []
    looked: Counter[FindingKind] = Counter()
    alike = 0
    for finding in ranked:
        looked[finding.kind] += 1
        if looked[finding.kind] > LOOKED_AT or sum(f.kind is finding.kind for f in kept) >= OF_ONE_KIND:
            continue
        rows = _negative_rows(table, chosen, finding)
        # a word inside a product says what is the matter there, a word inside a word says the same
        if any(_overlap(rows, other, within=kind is finding.kind) >= ALIKE for kind, other in seen):
            alike += 1
            continue
        kept.append(finding)
        seen.append((finding.kind, rows))
        if len(kept) == limit:
            break
    return kept, alike


def _overlap(first: NDArray[np.int64], second: NDArray[np.int64], *, within: bool) -> float:
    """Return the common part of two sets of rows as a share of the smaller one (``within``) or of both together."""
    common = len(np.intersect1d(first, second, assume_unique=True))
    whole = min(len(first), len(second)) if within else len(first) + len(second) - common
    return common / max(1, whole)


def _narrowed(chosen: Chosen, mark: Filter) -> Chosen:
    narrowed = narrow(filter_of(chosen), mark)
    return Selection(narrowed, chosen.rows) if isinstance(chosen, Selection) and not mark.term else narrowed


def _marked(chosen: Chosen, finding: Finding) -> tuple[str, list[object]]:
    """Return the condition of a finding's negative comments."""
    condition, parameters = where(_narrowed(chosen, replace(finding.mark, labels=(LABELS[NEGATIVE],))))
    if finding.during is None:
        return condition, parameters
    bounds = [time.isoformat() for time in finding.during]
    return f"{condition} AND {Col.TIME} >= ?::TIMESTAMP AND {Col.TIME} < ?::TIMESTAMP", [*parameters, *bounds]


def _behind(table: Table, chosen: Chosen, finding: Finding) -> int:
    return _share(table, _narrowed(chosen, finding.mark)).n if finding.during else 0


def _negative_rows(table: Table, chosen: Chosen, finding: Finding) -> NDArray[np.int64]:
    condition, parameters = _marked(chosen, finding)
    found = table.query(f"SELECT {Col.ROW} FROM comments WHERE {condition}", parameters)
    return found[Col.ROW].to_numpy(np.int64)


def _quotes(table: Table, chosen: Chosen, finding: Finding) -> tuple[Quote, ...]:
    """Return the surest negative comments, none twice; those of a sensible length before all others."""
    condition, parameters = _marked(chosen, finding)
    found = table.query(
        f"""SELECT {Col.ROW} FROM comments WHERE {condition}
            QUALIFY row_number() OVER (PARTITION BY {Col.TEXT_KEY} ORDER BY {Col.ROW}) = 1
            ORDER BY (length({Col.TEXT}) BETWEEN ? AND ?) DESC, {Col.P_NEGATIVE} DESC, {Col.ROW} LIMIT {_QUOTES}""",
        [*parameters, *_QUOTE_CHARS],
    )
    rows = found[Col.ROW].tolist()
    quotes = quotes_of(table, rows)
    return tuple(quotes[row] for row in rows)
