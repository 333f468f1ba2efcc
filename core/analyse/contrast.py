"""The words that distinguish any two sets of comments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from core.analyse.fightin import count_sides, count_words, fightin_words, without_parts
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import rows_of
from core.analyse.keywords import any_label, least_support
from core.analyse.sample import PLACE, SAMPLE_ROWS, bound_of
from core.metrics import wilson
from core.results import Contrast, ContrastWord, Side
from core.schema import LABELS, NEGATIVE, POSITIVE, Col, Filter, Table

__all__ = ["BY_LABEL", "contrast"]

#: The default sides: negative and positive comments.
BY_LABEL: Final = (Filter(labels=(LABELS[NEGATIVE],)), Filter(labels=(LABELS[POSITIVE],)))


def contrast(
    table: Table,
    chosen: Chosen,
    first: Filter,
    second: Filter | None,
    *,
    view: str | None = None,
    stop: Iterable[str] = (),
    limit: int = 200,
    sample_rows: int = SAMPLE_ROWS,
) -> Contrast:
    """Rank words by how much more frequent they are in one set of comments than in the other.

    Args:
        table: The labelled table.
        chosen: The filter or selection that contains both sides. Its labels are ignored when the sides differ by
            label.
        first: Which of its comments form the first side.
        second: Which form the second; None = all others. Comments that match both belong to neither.
        view: The derived table of words, which has phrases and synonyms; None = the stored terms.
        stop: The user's stop words, in addition to ours.
        limit: Most words per side.
        sample_rows: Most comments counted, half of them from each side.

    Returns:
        The words of both sides by falling z; each comment counts a word once. If one side is empty,
        all z are 0.

    Source:
        As ``fightin_words``. The prior is the words' share over both sides; between negative and positive comments,
        it includes the neutral ones.
    """
    asked = any_label(chosen) if first.labels or (second and second.labels) else chosen
    rows = _rows(asked, first, second)
    neutral = (first, second) == BY_LABEL
    sizes = count_sides(table, rows.sql, rows.parameters)
    # comments of neither side are not counted, except the neutral ones
    sizes = (sizes[0], sizes[1] if neutral else 0, sizes[2])
    shares = _sample(sizes, sample_rows, together=neutral)
    rows.sample(shares, middle=neutral)
    counted_of = count_sides(table, rows.sql, rows.parameters) if min(shares) < 1 else sizes
    support = least_support(sum(counted_of))
    counted = count_words(
        table, rows.sql, rows.parameters, support=support, stop=stop, view=view, share=max(shares[0], shares[2])
    )
    words = _words(counted, counted_of, limit)
    sides = tuple(Side(side, counted_of[i], sizes[i]) for i, side in ((0, first), (2, second)))
    return Contrast(filter_of(asked), (sides[0], sides[1]), words, support, view is not None)


@dataclass(slots=True)
class _Rows:
    """A query for the columns row, terms and side: 0 = the first side, 2 = the second, 1 = neither."""

    sql: str
    parameters: list[object]

    def sample(self, shares: tuple[float, float, float], *, middle: bool) -> None:
        """Sample a share of each side, and of the comments of neither side only if ``middle``."""
        bounds = " ".join(f"WHEN {side} THEN {bound_of(share)}" for side, share in enumerate(shares))
        wanted = "" if middle else " AND side <> 1"
        self.sql = f"SELECT * FROM ({self.sql}) WHERE {PLACE} < CASE side {bounds} END{wanted}"


def _rows(chosen: Chosen, first: Filter, second: Filter | None) -> _Rows:
    inside, parameters = where(chosen)
    is_first, of_first = where(first, scored_only=False)
    is_second, of_second = where(second, scored_only=False) if second else ("true", [])
    # "all others" means those not in the first side; two named sides may overlap
    both = f"WHEN ({is_first}) AND ({is_second}) THEN 1 " if second else ""
    sql = f"""SELECT {Col.ROW}, {Col.TERMS},
                     CASE {both}WHEN {is_first} THEN 0 WHEN {is_second} THEN 2 ELSE 1 END AS side
              FROM comments WHERE {inside}"""
    shared = [*of_first, *of_second] if second else []
    return _Rows(sql, [*shared, *of_first, *of_second, *parameters])


def _sample(sizes: tuple[int, int, int], most: int, *, together: bool) -> tuple[float, float, float]:
    """Return the sampling fraction of each side."""
    if together:
        share = min(1.0, most / max(1, sum(sizes)))
        return share, share, share
    first, second = sizes[0], sizes[2]
    half = most // 2
    # what a small side leaves unused goes to the other one
    room = (max(half, most - second), max(half, most - first))
    return min(1.0, room[0] / max(1, first)), 1.0, min(1.0, room[1] / max(1, second))


def _words(counted: pd.DataFrame, sizes: tuple[int, int, int], limit: int) -> tuple[ContrastWord, ...]:
    z, log_odds = fightin_words(counted, sizes)
    told = without_parts(counted.assign(z=z, log_odds=log_odds))
    ranked = told.sort_values(["z", "l0", "term"], ascending=[False, False, True])
    kept = pd.concat([ranked.head(limit), ranked.iloc[max(limit, len(ranked) - limit) :]])
    return tuple(_word(row, sizes) for row in rows_of(kept))


def _word(row: Any, sizes: tuple[int, int, int]) -> ContrastWord:
    first, second = wilson(int(row.l0), sizes[0]), wilson(int(row.l2), sizes[2])
    return ContrastWord(str(row.term), first, second, float(row.z), float(row.log_odds))
