"""The words that distinguish negative from positive comments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from core.analyse.fightin import count_words, fightin_words, without_parts
from core.analyse.filters import Chosen, Selection, filter_of, where
from core.analyse.frames import LABEL_COUNTS, counts_of, rows_of
from core.analyse.sample import SAMPLE_ROWS, sampled_rows
from core.metrics import wilson
from core.results import Keyword, Keywords
from core.schema import NEGATIVE, POSITIVE, Col, Table

__all__ = ["any_label", "keywords", "least_support"]


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
    """Rank terms by how much more frequent they are in negative than in positive comments, and the reverse.

    Args:
        table: The labelled table.
        chosen: The filter or selection. Its labels are ignored: a contrast needs both sides, so the
            negative terms do not change when only negative comments are selected.
        limit: Most terms per side.
        minimum: Fewest comments with a term; None = 2, 3 from 200 comments, then one in 10,000.
        stop: The user's stop words, in addition to ours.
        sample_rows: Most comments counted.
        view: The derived table of words, which is faster and has phrases; None = the stored terms.

    Returns:
        Terms of both sides, without those that are redundant with a phrase of the view. Each comment counts a term
        once, however often it contains it. If all comments are on one side, there is no contrast: terms are ordered by
        number of comments and z is 0.

    Source:
        As ``fightin_words``; the prior is the terms' share over all comments of the selection, neutral ones included.
    """
    both = any_label(chosen)
    condition, parameters = where(both)
    in_all = totals = _totals(table, condition, parameters)
    share = min(1.0, sample_rows / max(1, sum(in_all)))
    if share < 1:
        condition += f" AND {sampled_rows(share)}"
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
    """Return the fewest of n comments that must contain a word for it to be listed."""
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
