"""The words that set negative comments apart from positive ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from core.analyse.fightin import count_words, fightin_words, without_parts
from core.analyse.filters import Chosen, Selection, filter_of, where
from core.analyse.frames import LABEL_COUNTS, counts_of, rows_of
from core.analyse.sample import PLACE, SAMPLE_ROWS, bound_of
from core.analyse.statistics import binomial_tail, holm
from core.metrics import wilson
from core.results import CLEAR, Keyword, Keywords
from core.schema import NEGATIVE, POSITIVE, Col, Table

__all__ = ["any_label", "drivers", "keywords", "least_support"]

#: Fewest comments of a term that explains an abnormal stretch.
_LEAST: Final = 5


def keywords(
    table: Table,
    chosen: Chosen,
    *,
    limit: int = 60,
    minimum: int | None = None,
    stop: Iterable[str] = (),
    sample_rows: int = SAMPLE_ROWS,
    view: str | None = None,
) -> Keywords:
    """Rank terms by how much more often they stand in negative than in positive comments, and the reverse.

    Args:
        table: The labelled table.
        chosen: The filter or selection. Its labels are set aside: a contrast needs both sides, so the
            negative terms stay the same when only negative comments are looked at.
        limit: Most terms a side.
        minimum: Fewest comments a term must stand in; None = 2, 3 from 200 comments, then one in 10,000.
        stop: The user's stop words, beside ours.
        sample_rows: Comments counted at most.
        view: The derived table of words, which is faster and has phrases; None = the stored terms.

    Returns:
        Terms of both sides, without those that say no more than a phrase of the view. Each comment counts a term
        once, however often it says it. When all comments are on one side there is no contrast: its terms go by the
        number of comments and z is 0.

    Source:
        As ``fightin_words``; the prior is the terms' share of all comments of the selection, neutral ones included.
    """
    both = any_label(chosen)
    condition, parameters = where(both)
    in_all = totals = _totals(table, condition, parameters)
    share = min(1.0, sample_rows / max(1, sum(in_all)))
    if share < 1:
        condition += f" AND {PLACE} < {bound_of(share)}"
        totals = _totals(table, condition, parameters)
    n = sum(totals)
    support = minimum if minimum is not None else least_support(n)
    rows = f"SELECT {Col.ROW}, {Col.TERMS}, {Col.LABEL} AS side FROM comments WHERE {condition}"
    counted = count_words(table, rows, parameters, support=support, stop=stop, view=view, share=share)
    z, log_odds = fightin_words(counted, totals)
    ranked = without_parts(counted.assign(z=z, log_odds=log_odds))
    return Keywords(
        filter_of(both),
        negative=_top(ranked, NEGATIVE, limit),
        positive=_top(ranked, POSITIVE, limit),
        n=n,
        totals=totals,
        sampled_from=sum(in_all) if sum(in_all) > n else None,
        minimum=support,
    )


def least_support(n: int) -> int:
    """Return the fewest comments of n that a listed word must stand in."""
    return 2 if n < 200 else max(3, n // 10_000)


def any_label(chosen: Chosen) -> Chosen:
    """Return a filter or selection without its labels."""
    if isinstance(chosen, Selection):
        return replace(chosen, filter=replace(chosen.filter, labels=()))
    return replace(chosen, labels=())


def _totals(table: Table, condition: str, parameters: Sequence[object]) -> tuple[int, int, int]:
    return counts_of(table.query(f"SELECT {LABEL_COUNTS} FROM comments WHERE {condition}", parameters).iloc[0])


def _top(ranked: pd.DataFrame, label: int, limit: int) -> tuple[Keyword, ...]:
    signed = ranked["z"] if label == NEGATIVE else -ranked["z"]
    contrast = bool(ranked["z"].any())
    side = ranked.assign(strength=signed if contrast else ranked[f"l{label}"])
    side = side[side["strength"] > 0].sort_values(["strength", "term"], ascending=[False, True])
    return tuple(
        Keyword(row.term, counts, float(row.z), float(row.log_odds), wilson(counts[NEGATIVE], sum(counts)))
        for row in rows_of(side.head(limit))
        for counts in [counts_of(row)]
    )


def drivers(
    table: Table, rows: str, parameters: Sequence[object], sizes: tuple[float, float], once: tuple[float, float]
) -> pd.DataFrame:
    """Rank terms by how many more comments of one set hold them than the other set lets expect.

    Not by a z-score: that puts four comments where half a comment was to be expected before eighteen where nine were.

    Args:
        table: The labelled table.
        rows: A query for the columns ``row``, ``terms``, ``side``: 0 = the set looked at, 2 = the other one, and
            ``own``, which is ``copies.OWN_TEXT``.
        parameters: Of the query.
        sizes: Comments that the rows of either set were picked out of, such as all comments where the rows are the
            negative ones; > 0.
        once: The same when copies of a text count once.

    Returns:
        Columns term, l0 (comments of the set), l2 (of the other one), expected (of the set, at the other one's rate),
        once (of the set when copies of a text count once; l0 where not even all of them make it clear) and p
        (one-sided, corrected for all terms of five comments or more; what copies make look sure is asked again with
        copies as one voice). Clear ones first, then by falling excess l0 - expected; only terms of five comments of the
        set or more that have one.

    Source:
        Given the sum of two Poisson counts, one of them is binomial: Przyborowski & Wilenski (1940), Biometrika
        31:313-323.
    """
    counted = count_words(table, rows, parameters, support=_LEAST)
    expected = counted["l2"] * (sizes[0] / sizes[1])
    p = np.array(holm([_surplus(int(row.l0), int(row.l2), sizes) for row in rows_of(counted)]))
    ranked = counted.assign(expected=expected, once=counted["l0"], p=p, excess=counted["l0"] - expected)
    ranked = _once(table, rows, parameters, once, ranked)
    kept = ranked[(ranked["l0"] >= _LEAST) & (ranked["excess"] > 0)]
    kept = kept.assign(unclear=kept["p"] >= CLEAR)
    kept = kept.sort_values(["unclear", "excess", "l0", "term"], ascending=[True, False, False, True])
    return kept.drop(columns=["excess", "unclear"]).reset_index(drop=True)


def _once(
    table: Table, rows: str, parameters: Sequence[object], sizes: tuple[float, float], ranked: pd.DataFrame
) -> pd.DataFrame:
    """Ask again of what looks clear, with copies of a text as one voice."""
    clear = ranked[ranked["p"] < CLEAR]
    if clear.empty:
        return ranked
    voices = ", ".join(f"count(DISTINCT voice) FILTER (side = {side}) AS l{side}" for side in (0, 2))
    found = table.query(
        f"""SELECT term, {voices}
            FROM (SELECT side, unnest(list_distinct({Col.TERMS})) AS term, coalesce(own, hash({Col.ROW})) AS voice
                  FROM ({rows}))
            WHERE term IN (SELECT unnest(?::VARCHAR[])) GROUP BY term""",
        [*parameters, list(clear["term"])],
    )
    found = found.set_index("term").loc[clear["term"]]
    again = [min(1.0, len(ranked) * _surplus(int(row.l0), int(row.l2), sizes)) for row in rows_of(found)]
    asked = ranked.copy()
    asked.loc[clear.index, "once"] = found["l0"].to_numpy()
    asked.loc[clear.index, "p"] = np.maximum(clear["p"], again)
    return asked


def _surplus(count: int, other: int, sizes: tuple[float, float]) -> float:
    """Return how often chance puts so many of ``count + other`` into the first of two sets; 1 where it has no more."""
    if count * sizes[1] <= other * sizes[0]:
        return 1.0
    return binomial_tail(count, count + other, sizes[0] / sum(sizes))
