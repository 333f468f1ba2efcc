"""The words that are over-represented in one set of comments, given another set and how its time steps scatter."""

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
from core.metrics import SIGNIFICANCE_LEVEL
from core.schema import Col, Table

__all__ = ["Sets", "drivers"]

#: Fewest comments with a term that can explain an abnormal stretch.
_LEAST: Final = 5
#: Number of most frequent words used to estimate the scatter between steps; more of them add nothing.
_TELLING: Final = 200
_SIDES: Final = (0, 2)


@dataclass(frozen=True, slots=True)
class Sets:
    """Two sets of comments, divided into time steps; the rows are those whose words count, such as the negative ones.

    Attributes:
        rows: A query for the columns ``row``, ``terms``, ``side``: 0 = the set of interest, 2 = the other, ``own``,
            which is ``copies.COPY_KEY``, and ``step``, the time step: comments of one step resemble each other.
        every: A query for ``row``, ``side``, ``own`` and ``step`` of all comments that the rows were selected from.
        parameters: Parameters of each of the two queries.
        sizes: Comments that the rows of either set were selected from; > 0. Less than ``every`` yields if the rows
            are a sample.
        once: The same, counting copies of a text once.
    """

    rows: str
    every: str
    parameters: Sequence[object]
    sizes: tuple[float, float]
    once: tuple[float, float]


def drivers(table: Table, sets: Sets) -> pd.DataFrame:
    """Rank terms by how far their count in one set exceeds the expectation from the other set.

    Not by z-score, which would rank four comments where half a one was expected above eighteen where nine were.

    Returns:
        Columns term, l0 (comments of the set), l2 (of the other one), expected (of the set, at the other one's rate),
        once (of the set, counting copies of a text once; l0 if not significant even with copies) and p
        (one-sided, corrected for all terms of five comments or more; significant ones are tested again, counting copies
        once and with the scatter between steps). Significant terms come first, then by falling excess l0 - expected;
        only terms with a positive excess and five or more comments of the set.

    Source:
        Conditional on the sum of two Poisson counts, one of them is binomial: Przyborowski & Wilenski (1940),
        Biometrika 31:313-323. With the scatter between steps: ``word_scatter.surplus``.
    """
    counted = count_words(table, sets.rows, sets.parameters, support=_LEAST)
    expected = counted["l2"] * (sets.sizes[0] / sets.sizes[1])
    p = np.array(holm([_surplus(int(row.l0), int(row.l2), sets.sizes) for row in rows_of(counted)]))
    ranked = counted.assign(expected=expected, once=counted["l0"], p=p, excess=counted["l0"] - expected)
    if (p < SIGNIFICANCE_LEVEL).any():
        ranked = _again(table, sets, ranked)
    kept = ranked[(ranked["l0"] >= _LEAST) & (ranked["excess"] > 0)]
    kept = kept.assign(unclear=kept["p"] >= SIGNIFICANCE_LEVEL)
    kept = kept.sort_values(["unclear", "excess", "l0", "term"], ascending=[True, False, False, True])
    return kept.drop(columns=["excess", "unclear"]).reset_index(drop=True)


def _again(table: Table, sets: Sets, ranked: pd.DataFrame) -> pd.DataFrame:
    """Test the significant terms again, counting copies of a text once and allowing for scatter between steps."""
    clear = ranked.index[ranked["p"] < SIGNIFICANCE_LEVEL]
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
    """Count the comments of either set, copies once, and those with each term, in total and per step."""
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
    # if the rows are a sample, scale the comments by the same fraction
    return Heard(n * (size / n.sum()), words, total)


def _surplus(count: int, other: int, sizes: tuple[float, float]) -> float:
    """Return the one-sided p-value of ``count`` in the first set, given the sum; 1 unless the first rate is higher."""
    if count * sizes[1] <= other * sizes[0]:
        return 1.0
    return binomial_tail(count, count + other, sizes[0] / sum(sizes))
