"""The findings that matter most: whatever holds more negative comments than it should, in one currency.

Every candidate, be it a week, a product or a word, is measured by the same number: its negative comments beyond those
that its own yardstick lets expect. So a rise of one day and a bad product can be put in one order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from core.analyse.anomalies import anomalies
from core.analyse.compare import compare
from core.analyse.filters import Chosen, Selection, filter_of, where
from core.analyse.frames import counts_of, rows_of
from core.analyse.keywords import keywords
from core.analyse.marks import mark_of_episode, mark_of_group, narrow
from core.analyse.quotes import quotes_of
from core.analyse.trend import trend
from core.analyse.word_lists import word_list
from core.metrics import wilson
from core.results import Difference, Finding, FindingKind, Findings, Quote
from core.schema import LABELS, NEGATIVE, Col, Filter, Share, Table, Within

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["evaluations", "findings"]

#: A group is compared further only where chance explains it in fewer cases than this, all groups taken together.
LEVEL: Final = 0.05
#: Candidates of a kind whose comments are looked at, and the common share of negative comments that makes two one.
LOOKED_AT, ALIKE = 5, 0.5
#: Findings of one kind at most: a page full of words says one thing in five ways.
OF_ONE_KIND: Final = 2
#: Comments below the highest rating that are negative count as a finding from so many on.
FEWEST: Final = 5
_QUOTES: Final = 2
#: A word begins with a letter or hanzi; emoji and [怒] only judge.
_NAMES_SOMETHING: Final = re.compile(r"[^\W\d_]")
_QUOTE_CHARS: Final = (8, 200)


def findings(table: Table, chosen: Chosen, *, mentions: str = "", limit: int = 5) -> Findings:
    """Find what most of the surplus of negative comments belongs to.

    Candidates are abnormal stretches of time, sources and products (each against all other comments, by Holm's
    method), telling words, aspects (where they have been looked for) and negative comments under the highest rating.
    One counts when even the low end of its 95 % interval leaves a surplus.

    Args:
        table: The labelled table.
        chosen: The filter or selection; its labels are set aside.
        mentions: View of the derived table of aspect mentions; "" = there is none.
        limit: Most findings.

    Returns:
        The findings by falling surplus, at most two of a kind, none that shares half its negative comments with a
        larger one.
    """
    every = _any_label(chosen)
    total = _share(table, every)
    found = [f for f in _candidates(table, every, total, mentions) if f.excess_low > 0]
    ranked = sorted(found, key=_by_excess)
    kept, alike = _distinct(table, every, ranked, limit)
    quoted = tuple(replace(f, quotes=_quotes(table, every, f)) for f in kept)
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


def _candidates(table: Table, chosen: Chosen, total: Share, mentions: str) -> Iterator[Finding]:
    yield from _rises(table, chosen)
    yield from _groups(table, chosen, FindingKind.SOURCE, Col.SOURCE)
    yield from _groups(table, chosen, FindingKind.PRODUCT, Col.PRODUCT)
    yield from _words(table, chosen, total)
    yield from _stars(table, chosen)
    if mentions:
        yield from _aspects(table, chosen, mentions)


def _rises(table: Table, chosen: Chosen) -> Iterator[Finding]:
    for episode in anomalies(trend(table, chosen)).episodes:
        if episode.direction > 0:
            mark = mark_of_episode(episode)
            subject = f"{mark.start} 至 {mark.end}" if mark.start != mark.end else str(mark.start)
            yield _finding(FindingKind.RISE, subject, episode.share, episode.expected, mark)


def _groups(table: Table, chosen: Chosen, kind: FindingKind, by: str) -> Iterator[Finding]:
    for group in compare(table, chosen, by).groups:
        mark = mark_of_group(by, group.name)
        if group.name and mark is not None and group.p_adjusted < LEVEL:
            yield _against_rest(kind, group.name, group.shares[NEGATIVE], group.difference, mark)


def _words(table: Table, chosen: Chosen, total: Share) -> Iterator[Finding]:
    told = keywords(table, chosen, stop=evaluations())
    scale = (told.sampled_from or told.n) / told.n if told.n else 1.0
    for term in told.negative:
        if not _NAMES_SOMETHING.match(term.term):
            continue
        one = _finding(FindingKind.WORD, term.term, term.negative, total.value, Filter(term=term.term))
        yield replace(one, excess=one.excess * scale, excess_low=one.excess_low * scale)


def _stars(table: Table, chosen: Chosen) -> Iterator[Finding]:
    rated = compare(table, chosen, Col.RATING).groups
    numbers = [float(group.name) for group in rated if group.name]
    if len(numbers) < 2:
        return
    group = next(g for g in rated if g.name and float(g.name) == max(numbers))
    share = group.shares[NEGATIVE]
    if share.count >= FEWEST:
        mark = Filter(ratings=(max(numbers), max(numbers)), labels=(LABELS[NEGATIVE],))
        yield _finding(FindingKind.STARS, f"{max(numbers):g}", share, 0.0, mark)


def _aspects(table: Table, chosen: Chosen, view: str) -> Iterator[Finding]:
    condition, parameters = where(chosen)
    counted = ", ".join(f"count(*) FILTER (m.{Col.LABEL} = {i}) AS l{i}" for i in range(len(LABELS)))
    found = table.query(
        f"""SELECT m.aspect AS aspect, {counted} FROM {view} m
            WHERE m.{Col.ROW} IN (SELECT {Col.ROW} FROM comments WHERE {condition}) GROUP BY 1""",
        parameters,
    )
    counts = {str(row.aspect): counts_of(row) for row in rows_of(found)}
    bad, n = sum(c[NEGATIVE] for c in counts.values()), sum(sum(c) for c in counts.values())
    for aspect, own in counts.items():
        rest = wilson(bad - own[NEGATIVE], n - sum(own))
        mark = Filter(within=Within(view, (("aspect", aspect), (Col.LABEL, str(NEGATIVE)))))
        if rest.n:
            yield _finding(FindingKind.ASPECT, aspect, wilson(own[NEGATIVE], sum(own)), rest.value, mark)


def _finding(kind: FindingKind, subject: str, share: Share, expected: float, mark: Filter) -> Finding:
    excess, low = ((value - expected) * share.n for value in (share.value, share.low))
    return Finding(kind, subject, share, expected, excess, low, mark)


def _against_rest(kind: FindingKind, subject: str, share: Share, change: Difference, mark: Filter) -> Finding:
    expected = share.value - change.value
    return Finding(kind, subject, share, expected, change.value * share.n, change.low * share.n, mark)


def _distinct(table: Table, chosen: Chosen, ranked: Sequence[Finding], limit: int) -> tuple[list[Finding], int]:
    """Keep the largest findings that are not about the same comments; returns them and how many were left out so."""
    kept: list[Finding] = []
    seen: list[NDArray[np.int64]] = []
    looked: Counter[FindingKind] = Counter()
    alike = 0
    for finding in ranked:
        looked[finding.kind] += 1
        if looked[finding.kind] > LOOKED_AT or sum(f.kind is finding.kind for f in kept) >= OF_ONE_KIND:
            continue
        rows = _negative_rows(table, chosen, finding)
        if any(_overlap(rows, other) >= ALIKE for other in seen):
            alike += 1
            continue
        kept.append(finding)
        seen.append(rows)
        if len(kept) == limit:
            break
    return kept, alike


def _overlap(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the common part of two sets of rows as a share of both together."""
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / max(1, len(first) + len(second) - common)


def _marked(chosen: Chosen, finding: Finding) -> tuple[str, list[object]]:
    """Return the condition of a finding's negative comments."""
    marked = replace(narrow(filter_of(chosen), finding.mark), labels=(LABELS[NEGATIVE],))
    return where(Selection(marked, chosen.rows) if isinstance(chosen, Selection) and not finding.mark.term else marked)


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
