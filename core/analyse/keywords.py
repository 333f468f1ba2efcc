"""The words that set negative comments apart from positive ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import pandas as pd

from core.analyse.filters import Chosen, Selection, filter_of, where
from core.analyse.frames import LABEL_COUNTS, counts_of, rows_of
from core.metrics import wilson
from core.results import Keyword, Keywords
from core.schema import NEGATIVE, POSITIVE, Col, Table

__all__ = ["SAMPLE_ROWS", "contrast", "keywords", "sampled_rows", "stop_words"]

#: Comments counted at most; a larger selection is sampled, and the result says of how many.
SAMPLE_ROWS: Final = 60_000
#: Pseudo-counts of the prior for each count of the term in all comments.
PRIOR_WEIGHT: Final = 0.1
#: A term needs a letter, a hanzi or a picture; numbers and punctuation say nothing by themselves.
_SAYS_SOMETHING: Final = re.compile(r"[^\W\d_]|[\u2600-\u27bf\U0001f000-\U0001faff]")
#: Knuth's multiplicative hash: spreads the sample evenly over the table, the same rows on every machine.
_SPREAD, _CIRCLE = 2_654_435_761, 2**32


def keywords(
    table: Table,
    chosen: Chosen,
    *,
    limit: int = 60,
    minimum: int | None = None,
    stop: Iterable[str] = (),
    sample_rows: int = SAMPLE_ROWS,
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

    Returns:
        Terms of both sides. Each comment counts a term once, however often it says it. When all comments are on
        one side there is no contrast: its terms go by the number of comments and z is 0.

    Source:
        Monroe, Colaresi & Quinn (2008), Fightin' Words, Political Analysis 16:372-403, equations 16 and 22; the
        prior is the terms' frequency over all comments of the selection, neutral ones included.
    """
    both = _any_label(chosen)
    condition, parameters, totals, in_all = _sampled(table, both, sample_rows)
    n = sum(totals)
    support = minimum if minimum is not None else (2 if n < 200 else max(3, n // 10_000))
    counted = _count(table, condition, parameters, support, stop_words() | set(stop))
    z, log_odds = _fightin_words(counted)
    ranked = counted.assign(z=z, log_odds=log_odds)
    return Keywords(
        filter_of(both),
        negative=_top(ranked, NEGATIVE, limit),
        positive=_top(ranked, POSITIVE, limit),
        n=n,
        totals=totals,
        sampled_from=in_all if in_all > n else None,
        minimum=support,
    )


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return our stop words: words that are frequent everywhere and say nothing about a product.

    Example:
        >>> "的" in stop_words(), "差" in stop_words()
        (True, False)
    """
    text = files("core.analyse").joinpath("data/stopwords.txt").read_text(encoding="utf-8")
    lines = (line.split("#")[0] for line in text.splitlines())
    return frozenset(word for line in lines for word in line.split())


def _any_label(chosen: Chosen) -> Chosen:
    if isinstance(chosen, Selection):
        return replace(chosen, filter=replace(chosen.filter, labels=()))
    return replace(chosen, labels=())


def _sampled(table: Table, chosen: Chosen, sample_rows: int) -> tuple[str, list[object], tuple[int, int, int], int]:
    """Condition and parameters of the comments to count, their number per label, and the number in the selection."""
    condition, parameters = where(chosen)
    totals = _totals(table, condition, parameters)
    in_all = sum(totals)
    if in_all <= sample_rows:
        return condition, parameters, totals, in_all
    condition += f" AND ({Col.ROW} * {_SPREAD}) % {_CIRCLE} < ?"
    parameters = [*parameters, sample_rows * _CIRCLE // in_all]
    return condition, parameters, _totals(table, condition, parameters), in_all


def _totals(table: Table, condition: str, parameters: Sequence[object]) -> tuple[int, int, int]:
    return counts_of(table.query(f"SELECT {LABEL_COUNTS} FROM comments WHERE {condition}", parameters).iloc[0])


def _count(
    table: Table, condition: str, parameters: Sequence[object], support: int, stop: Iterable[str]
) -> pd.DataFrame:
    """Comments per term and label: columns term, l0, l1, l2."""
    found = table.query(
        f"""SELECT term, {LABEL_COUNTS}
            FROM (SELECT {Col.LABEL}, unnest(list_distinct({Col.TERMS})) AS term FROM comments WHERE {condition})
            WHERE term NOT IN (SELECT unnest(?::VARCHAR[])) GROUP BY term HAVING count(*) >= ?""",
        [*parameters, sorted(stop), support],
    )
    return found[found["term"].map(_says_something).astype(bool)]


def _says_something(term: str) -> bool:
    return _SAYS_SOMETHING.search(term) is not None


def _fightin_words(counted: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """z-scores and log-odds ratios, shape (terms,); positive = negative comments."""
    negative, positive = (counted[f"l{i}"].to_numpy(np.float64) for i in (NEGATIVE, POSITIVE))
    if len(counted) < 2 or not negative.any() or not positive.any():
        return np.zeros(len(counted)), np.zeros(len(counted))
    prior = PRIOR_WEIGHT * counted[["l0", "l1", "l2"]].to_numpy(np.float64).sum(axis=1)
    a, b = negative + prior, positive + prior
    log_odds = np.log(a / (a.sum() - a)) - np.log(b / (b.sum() - b))
    return log_odds / np.sqrt(1 / a + 1 / b), log_odds


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


def contrast(table: Table, rows: str, parameters: Sequence[object], *, stop: Iterable[str] = ()) -> pd.DataFrame:
    """Rank terms by how much more often one set of comments holds them than another one.

    Args:
        table: The labelled table.
        rows: A query for the columns ``terms`` and ``side``: 1 = the set looked at, 0 = the other one.
        parameters: Of the query.
        stop: The user's stop words, beside ours.

    Returns:
        Columns term, l0 (comments of the set), l2 (of the other one), z; falling z, only z > 0 and only terms of three
        comments of the set or more.

    Source:
        As ``keywords``; the prior is the terms' frequency over both sets.
    """
    found = table.query(
        f"""SELECT term, count(*) FILTER (side = 1) AS l0, 0 AS l1, count(*) FILTER (side = 0) AS l2
            FROM (SELECT side, unnest(list_distinct({Col.TERMS})) AS term FROM ({rows}))
            WHERE term NOT IN (SELECT unnest(?::VARCHAR[])) GROUP BY term HAVING count(*) >= 2""",
        [*parameters, sorted(stop_words() | set(stop))],
    )
    counted = found[found["term"].map(_says_something).astype(bool)]
    ranked = counted.assign(z=_fightin_words(counted)[0])
    kept = ranked[(ranked["z"] > 0) & (ranked["l0"] >= 3)]
    return kept.sort_values(["z", "term"], ascending=[False, True]).reset_index(drop=True)


def sampled_rows(share: float) -> str:
    """Return a DuckDB condition that keeps about this share of the rows, the same ones on every machine.

    Example:
        >>> sampled_rows(0.5)
        '(row * 2654435761) % 4294967296 < 2147483648'
    """
    return f"({Col.ROW} * {_SPREAD}) % {_CIRCLE} < {round(share * _CIRCLE)}"
