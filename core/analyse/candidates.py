"""Candidates for findings: comments with significantly more negative ones than their baseline predicts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from statistics import NormalDist
from typing import Final, NamedTuple

from core.analyse.anomalies import anomalies
from core.analyse.aspects import mark_of_aspect
from core.analyse.compare import compare
from core.analyse.copies import COPY_KEY, copies
from core.analyse.design_effects import design_effects
from core.analyse.facets import Facet, facets, is_known
from core.analyse.filters import Chosen, where
from core.analyse.frames import rows_of
from core.analyse.keywords import any_label, keywords
from core.analyse.marks import mark_of_episode, mark_of_group, narrowed
from core.analyse.misreading import misreading_p
from core.analyse.stars import MANY, scale_of
from core.analyse.statistics import difference, holm, surplus_p
from core.analyse.stretches import joined, stretch_p
from core.analyse.trend import finer_frequency, trend
from core.analyse.word_lists import word_list
from core.metrics import wilson
from core.results import MISREAD, Anomalies, Difference, Episode, Finding, FindingKind, Frequency, Trend
from core.schema import LABELS, NEGATIVE, Col, Filter, Share, Table, original

__all__ = ["candidates", "evaluations", "negative_share"]

#: Family-wise error rate of the page: without a real effect it stays empty in at least 19 of 20 cases. It is divided
#: among the kinds of candidates that a table has, and among all candidates within a kind.
LEVEL: Final = 0.05
#: Minimum number of comments of a word or aspect; rarer ones are irrelevant.
LEAST: Final = 10
#: Minimum excess of negative comments at the lower end of the interval.
LEAST_EXCESS: Final = 1.0
#: More words than any table has.
_ALL: Final = 10_000_000
#: A word begins with a letter or hanzi; emoji and [怒] are purely evaluative.
_NAMES_SOMETHING: Final = re.compile(r"[^\W\d_]")

#: Candidates of one kind with p-values corrected within the kind; None if the table has none to test.
_Kind = list[tuple[float, Finding]] | None


def candidates(table: Table, chosen: Chosen, mentions: str, mentions_share: float = 1.0) -> list[Finding]:
    """Return the candidates that are significant after correction over all of them and have a certain excess.

    Args:
        table: The labelled table.
        chosen: The filter or selection, without restriction on labels.
        mentions: View of the derived table of aspect mentions; "" = there is none.
        mentions_share: Share of the comments that the view covers.

    Source:
        Within a kind Holm (1979), Scandinavian Journal of Statistics 6:65-70, or for stretches of time Bonferroni's
        bound over buckets; Bonferroni's bound over the file's own columns and over the kinds.
    """
    kinds = [
        _rises(table, chosen),
        _groups(table, chosen, FindingKind.SOURCE, Col.SOURCE),
        _groups(table, chosen, FindingKind.PRODUCT, Col.PRODUCT),
        _facets(table, chosen),
        _words(table, chosen),
        _stars(table, chosen),
        _aspects(table, chosen, mentions, mentions_share) if mentions else None,
    ]
    tested = [kind for kind in kinds if kind is not None]
    level = LEVEL / max(1, len(tested))
    return [one for kind in tested for p, one in kind if p < level and one.excess_low >= LEAST_EXCESS]


@lru_cache(maxsize=1)
def evaluations() -> frozenset[str]:
    """Return words without content of their own: that comments with 太差 or 多次 are negative is not a finding.

    Example:
        >>> "太差" in evaluations(), "退货" in evaluations()
        (True, False)
    """
    return word_list("evaluations.txt")


def _rises(table: Table, chosen: Chosen) -> _Kind:
    watched = [anomalies(one, design_effects(table, chosen)) for one in _watched(table, chosen)]
    judged = sum(verdict.bucket.n > 0 for found in watched for verdict in found.verdicts)
    kind = [one for found in watched for one in _rises_of(found, judged, len(watched))]
    return None if all(math.isnan(found.overdispersion) for found in watched) else kind


def _rises_of(found: Anomalies, judged: int, trends: int) -> Iterator[tuple[float, Finding]]:
    buckets = [verdict.bucket for verdict in found.verdicts]
    for episode in (*found.episodes, *joined(found)):
        if episode.direction > 0:
            # half a false alarm per hundred quiet days is fine next to a trend, but too many on this page
            foreseen = judged * (1 - NormalDist().cdf(episode.z)) if episode in found.episodes else 1.0
            looking_back = trends * stretch_p(episode, buckets)
            # two tests of one period; min() never picks NaN here
            yield 2 * min(foreseen, looking_back), _rise(episode, hourly=found.frequency is Frequency.HOUR)


def _watched(table: Table, chosen: Chosen) -> Iterator[Trend]:
    """Yield the trends to search for anomalies: as displayed, and a finer one if that has too little history."""
    shown = trend(table, chosen)
    yield shown
    if step := finer_frequency(shown):
        yield trend(table, chosen, step)


def _rise(episode: Episode, *, hourly: bool) -> Finding:
    mark = mark_of_episode(episode)
    one = replace(_finding(FindingKind.RISE, _when(mark), episode.share, episode.expected, mark), episode=episode)
    hours = (episode.start, episode.end)
    return replace(one, subject=_hours(*hours), during=hours) if hourly else one


def _when(mark: Filter) -> str:
    return f"{mark.start} 至 {mark.end}" if mark.start != mark.end else str(mark.start)


def _hours(start: datetime, end: datetime) -> str:
    return f"{start:%Y-%m-%d %H:00} 至 " + (f"{end:%H:00}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:00}")


def _facets(table: Table, chosen: Chosen) -> _Kind:
    found = facets(table, chosen)
    standing_out = [one for one in found if _stands_out(one) and not is_known(table, chosen, one.name)]
    # rows of files without this column have no value to compare with
    kinds = [_groups(table, chosen, FindingKind.FACET, original(one.name), unnamed=False) or [] for one in standing_out]
    return [(p * len(found), one) for kind in kinds for p, one in kind] if found else None


def _stands_out(facet: Facet) -> bool:
    """Return whether any value could be a finding if copies are ignored: a cheap screen that rejects most columns."""
    tests = holm([surplus_p(share, _rest(share, facet.total)) for share in facet.shares.values()])
    return min(tests) < LEVEL


def _groups(table: Table, chosen: Chosen, kind: FindingKind, by: str, *, unnamed: bool = True) -> _Kind:
    compared = compare(table, chosen, by, unnamed=unnamed)
    tested = [group for group in compared.groups if not math.isnan(group.p_adjusted)]
    # only worse groups are candidates, so the two-sided p-value is halved
    found = [
        (group.p_adjusted / 2, _against_rest(kind, group.name, group.shares[NEGATIVE], group.difference, mark))
        for group in tested
        if group.name and group.difference.value > 0 and (mark := mark_of_group(by, group.name)) is not None
    ]
    return found if tested else None


def _words(table: Table, chosen: Chosen) -> _Kind:
    told = keywords(table, chosen, stop=evaluations(), limit=_ALL)
    scale = (told.sampled_from or told.n) / told.n if told.n else 1.0
    total = wilson(told.totals[NEGATIVE], told.n)
    counted = {
        term.term: term.negative for term in (*told.negative, *told.positive) if _NAMES_SOMETHING.match(term.term)
    }
    condition, parameters = where(chosen)
    of = f"FROM comments WHERE {condition}"
    said = _Said(f"SELECT unnest(list_distinct({Col.TERMS})) AS cell, {COPY_KEY} AS own {of}", parameters)
    whole = _Said(f"SELECT '' AS cell, {COPY_KEY} AS own {of}", parameters)
    found = []
    for word, share, change, p in _telling(table, counted, total, (said, whole), scale):
        one = _against_rest(FindingKind.WORD, word, share, change, Filter(term=word))
        found.append((p, _scaled(one, scale)))
    return found if _large(counted) else None


def _stars(table: Table, chosen: Chosen) -> _Kind:
    scale, best = scale_of(table)
    if not best >= MANY * scale:  # NaN where nothing is rated
        return None
    mark = Filter(ratings=(best, best), labels=(LABELS[NEGATIVE],))
    rated = any_label(narrowed(chosen, mark))
    found = negative_share(table, rated)
    if not found.n:
        return None
    condition, parameters = where(rated)
    rows = f"SELECT '' AS cell, {COPY_KEY} AS own FROM comments WHERE {condition}"
    effect = copies(table, rows, parameters)[""].effect
    found = wilson(found.count, found.n, effect)
    value = found.value - MISREAD.value
    low = value - math.hypot(found.value - found.low, MISREAD.high - MISREAD.value)
    change = Difference(value, low, math.nan, misreading_p(found, effect))
    return [(change.p, _against_rest(FindingKind.STARS, f"{best:g}", found, change, mark))]


def _aspects(table: Table, chosen: Chosen, view: str, sampled: float) -> _Kind:
    condition, parameters = where(chosen)
    found = table.query(
        f"""SELECT aspect, count(*) FILTER (verdict = {NEGATIVE}) AS bad, count(*) AS n FROM {view}
            WHERE "first" AND {Col.ROW} IN (SELECT {Col.ROW} FROM comments WHERE {condition}) GROUP BY 1""",
        parameters,
    )
    counted = {str(row.aspect): wilson(int(row.bad), int(row.n)) for row in rows_of(found)}
    total = wilson(sum(share.count for share in counted.values()), sum(share.n for share in counted.values()))
    joined = f"""(SELECT {Col.ROW}, aspect FROM {view} WHERE "first")
                 JOIN (SELECT {Col.ROW}, {COPY_KEY} AS own FROM comments WHERE {condition}) USING ({Col.ROW})"""
    said = _Said(f"SELECT aspect::VARCHAR AS cell, own FROM {joined}", parameters)
    whole = _Said(
        f"SELECT '' AS cell, CASE WHEN own IS NOT NULL THEN hash(own, aspect) END AS own FROM {joined}", parameters
    )
    kind = []
    for aspect, share, change, p in _telling(table, counted, total, (said, whole)):
        mark = mark_of_aspect(view, aspect, NEGATIVE)
        kind.append((p, _scaled(_against_rest(FindingKind.ASPECT, aspect, share, change, mark), 1 / sampled)))
    return kind if _large(counted) else None


def _scaled(one: Finding, scale: float) -> Finding:
    """Return a finding on a sample with its excess extrapolated to all comments."""
    return replace(one, excess=one.excess * scale, excess_low=one.excess_low * scale)


def _large(counted: Mapping[str, Share]) -> dict[str, Share]:
    return {name: share for name, share in counted.items() if share.n >= LEAST}


class _Said(NamedTuple):
    """A query for the columns ``cell`` and ``own`` (see ``copies``) with its parameters."""

    sql: str
    parameters: list[object]


def _telling(
    table: Table, counted: Mapping[str, Share], total: Share, said: tuple[_Said, _Said], scale: float = 1.0
) -> Iterator[tuple[str, Share, Difference, float]]:
    """Yield the cells that are more negative than the rest, with the difference and its p-value (Holm over all cells).

    Significant cells are retested with design effects for copied texts. ``said`` holds queries for the rows of each
    cell and for all rows; ``counted`` may come from a sample 1/``scale`` of their size.
    """
    large = _large(counted)
    adjusted = holm([surplus_p(share, _rest(share, total)) for share in large.values()])
    telling = {name: p for name, p in zip(large, adjusted, strict=True) if p < LEVEL}
    if not telling:
        return
    (sql, parameters), (whole, of_whole) = said
    among = f"SELECT * FROM ({sql}) WHERE cell IN (SELECT unnest(?::VARCHAR[]))"
    copied = copies(table, among, [*parameters, list(telling)])
    every = (copies(table, whole, of_whole)[""].effect - 1) / scale * total.n
    for name, raw in telling.items():
        count, n = large[name].count, large[name].n
        effect = 1 + (copied[name].effect - 1) / scale
        # equal texts contain equal words and aspects, so copies of one cell do not occur outside it
        rest = max(1.0, 1 + (every - (effect - 1) * n) / max(1, total.n - n))
        share = wilson(count, n, effect)
        change = difference(share, wilson(total.count - count, total.n - n, rest), (effect, rest))
        again = 1.0 if math.isnan(change.p) else min(1.0, len(large) * change.p / 2)
        yield name, share, change, max(raw, again) if max(effect, rest) > 1 else raw


def negative_share(table: Table, chosen: Chosen) -> Share:
    """Return the negative share of a selection."""
    condition, parameters = where(chosen)
    counted = f"SELECT count(*) FILTER ({Col.LABEL} = {NEGATIVE}) AS bad, count(*) AS n FROM comments WHERE {condition}"
    row = table.query(counted, parameters).iloc[0]
    return wilson(int(row["bad"]), int(row["n"]))


def _rest(share: Share, total: Share) -> Share:
    return wilson(total.count - share.count, total.n - share.n)


def _finding(kind: FindingKind, subject: str, share: Share, expected: float, mark: Filter) -> Finding:
    excess, low = ((value - expected) * share.n for value in (share.value, share.low))
    return Finding(kind, subject, share, expected, excess, low, mark)


def _against_rest(kind: FindingKind, subject: str, share: Share, change: Difference, mark: Filter) -> Finding:
    expected = share.value - change.value
    return Finding(kind, subject, share, expected, change.value * share.n, change.low * share.n, mark)
