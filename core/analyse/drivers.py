"""The words that a set of comments holds more often than another set, all of whose days, let expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from core.analyse.fightin import count_words
from core.analyse.frames import rows_of
from core.analyse.statistics import binomial_tail, holm
from core.analyse.word_scatter import Heard, surplus
from core.results import CLEAR
from core.schema import Col, Table

__all__ = ["Sets", "drivers"]

#: Fewest comments of a term that explains an abnormal stretch.
_LEAST: Final = 5
#: Most frequent words whose days tell how words scatter; more of them tell no more.
_TELLING: Final = 200
_SIDES: Final = (0, 2)


@dataclass(frozen=True, slots=True)
class Sets:
    """Two sets of comments, cut into steps of time; the rows are those that hold the words, such as the negative ones.

    Attributes:
        rows: A query for the columns ``row``, ``terms``, ``side``: 0 = the set looked at, 2 = the other one, ``own``,
            which is ``copies.OWN_TEXT``, and ``step``, when it was written: comments of one step are like each other.
        every: A query for ``row``, ``side``, ``own`` and ``step`` of all comments that the rows were picked out of.
        parameters: Of each of the two.
        sizes: Comments that the rows of either set were picked out of; > 0. Less than ``every`` gives where the rows
            are a sample.
        once: The same when copies of a text count once.
    """

    rows: str
    every: str
    parameters: Sequence[object]
    sizes: tuple[float, float]
    once: tuple[float, float]


def drivers(table: Table, sets: Sets) -> pd.DataFrame:
    """Rank terms by how many more comments of one set hold them than the other set lets expect.

    Not by a z-score: that puts four comments where half a comment was to be expected before eighteen where nine were.

    Returns:
        Columns term, l0 (comments of the set), l2 (of the other one), expected (of the set, at the other one's rate),
        once (of the set when copies of a text count once; l0 where not even all of them make it clear) and p
        (one-sided, corrected for all terms of five comments or more; what looks clear is asked again with copies as
        one voice and with the scatter of the steps). Clear ones first, then by falling excess l0 - expected; only terms
        of five comments of the set or more that have one.

    Source:
        Given the sum of two Poisson counts, one of them is binomial: Przyborowski & Wilenski (1940), Biometrika
        31:313-323. With the scatter of the steps: ``word_scatter.surplus``.
    """
    counted = count_words(table, sets.rows, sets.parameters, support=_LEAST)
    expected = counted["l2"] * (sets.sizes[0] / sets.sizes[1])
    p = np.array(holm([_surplus(int(row.l0), int(row.l2), sets.sizes) for row in rows_of(counted)]))
    ranked = counted.assign(expected=expected, once=counted["l0"], p=p, excess=counted["l0"] - expected)
    if (p < CLEAR).any():
        ranked = _again(table, sets, ranked)
    kept = ranked[(ranked["l0"] >= _LEAST) & (ranked["excess"] > 0)]
    kept = kept.assign(unclear=kept["p"] >= CLEAR)
    kept = kept.sort_values(["unclear", "excess", "l0", "term"], ascending=[True, False, False, True])
    return kept.drop(columns=["excess", "unclear"]).reset_index(drop=True)


def _again(table: Table, sets: Sets, ranked: pd.DataFrame) -> pd.DataFrame:
    """Ask again of what looks clear, with copies of a text as one voice and days that scatter."""
    clear = ranked.index[ranked["p"] < CLEAR]
    often = ranked.assign(n=ranked["l0"] + ranked["l2"]).sort_values(["n", "term"], ascending=[False, True])
    asked = clear.append(often.index[:_TELLING].difference(clear))
    first, other = _heard(table, sets, list(ranked.loc[asked, "term"]))
    found = pd.DataFrame({"once": first.held, "other": other.held, "p": surplus(first, other)}).head(len(clear))
    plain = [_surplus(int(row.once), int(row.other), sets.once) for row in rows_of(found)]
    worst = len(ranked) * np.maximum(found["p"].to_numpy(), plain)
    made = ranked.copy()
    made.loc[clear, "once"] = found["once"].to_numpy(np.int64)
    made.loc[clear, "p"] = np.maximum(ranked.loc[clear, "p"], np.minimum(1.0, worst))
    return made


def _heard(table: Table, sets: Sets, terms: list[str]) -> tuple[Heard, Heard]:
    """Count the voices of either set and those that hold each term, in all and in each step."""
    voice = f"coalesce(own, hash({Col.ROW})) AS voice"
    every = f"SELECT side, step, {voice} FROM ({sets.every})"
    spoken = table.query(f"SELECT side, step, count(DISTINCT voice) AS n FROM ({every}) GROUP BY ALL", sets.parameters)
    held = table.query(
        f"""SELECT side, step, term, count(DISTINCT voice) AS n
            FROM (SELECT side, step, unnest(list_distinct({Col.TERMS})) AS term, {voice} FROM ({sets.rows}))
            WHERE term IN (SELECT unnest(?::VARCHAR[])) GROUP BY GROUPING SETS ((side, term), (side, term, step))""",
        [*sets.parameters, terms],
    )
    first, other = (
        _side(spoken[spoken["side"] == side], held[held["side"] == side], terms, size)
        for side, size in zip(_SIDES, sets.once, strict=True)
    )
    return first, other


def _side(spoken: pd.DataFrame, held: pd.DataFrame, terms: list[str], size: float) -> Heard:
    steps, order = pd.Index(spoken["step"]), pd.Index(terms)
    n = spoken["n"].to_numpy(np.float64)
    inside, whole = held[held["step"].notna()], held[held["step"].isna()]
    words, total = np.zeros((len(steps), len(terms))), np.zeros(len(terms))
    words[steps.get_indexer(pd.Index(inside["step"])), order.get_indexer(pd.Index(inside["term"]))] = inside["n"]
    total[order.get_indexer(pd.Index(whole["term"]))] = whole["n"]
    # a sample of the rows is held against as large a part of the comments
    return Heard(n * (size / n.sum()), words, total)


def _surplus(count: int, other: int, sizes: tuple[float, float]) -> float:
    """Return how often chance puts so many of ``count + other`` into the first of two sets; 1 where it has no more."""
    if count * sizes[1] <= other * sizes[0]:
        return 1.0
    return binomial_tail(count, count + other, sizes[0] / sum(sizes))
