"""Ratings against texts: comments that contradict their own rating, and how much ratings flatter."""

from __future__ import annotations

import math
from typing import Any, Final

from core.analyse.compare import grouping
from core.analyse.copies import COPY_KEY, Copied, copies
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import RATED, as_float, rows_of
from core.analyse.statistics import holm, paired_difference
from core.metrics import wilson
from core.results import Clash, Flattery, Stars
from core.schema import LABELS, NEGATIVE, POSITIVE, Col, Filter, Table

__all__ = ["MANY", "scale_of", "stars"]

#: Scales by their highest rating; "many stars" is at least 4 of 5, "few" at most 2 of 5.
_SCALES: Final = (5.0, 10.0, 50.0, 100.0)
MANY, _FEW = 0.8, 0.4
_NO_COPIES: Final = Copied(0, 0, 1.0, 1.0, 1.0)


def stars(table: Table, chosen: Chosen, by: str, *, limit: int = 20) -> Stars:
    """Compare ratings with the sentiment of the texts, over all rated comments and by group.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        by: As in ``compare``.
        limit: Most groups, the largest ones.

    Returns:
        Without ratings, ``many`` is NaN and every n is 0. The scale (5, 10, 50 or 100) is the smallest that contains
        all ratings of the table, filtered or not. A neutral text counts as not positive. Copies of a text are
        not independent observations, as in ``compare``.

    Raises:
        InputError: N03 no such column.

    Source:
        Newcombe (1998), Statistics in Medicine 17:2635-2650, method 10 (paired proportions).
    """
    scale, _ = scale_of(table)
    many, few = MANY * scale, _FEW * scale
    column = grouping(table, by)
    rows = list(rows_of(_counted(table, chosen, column, (many, few), limit)))
    copied, in_all = (_copies(table, chosen, one) for one in (column, "''"))
    groups = [_flattery(row, str(row.name), copied[str(row.name)]) for row in rows]
    adjusted = holm([group.difference.p for group in groups])
    totals = _counted(table, chosen, "''", (many, few), 1)
    total = next(rows_of(totals), None)
    return Stars(
        filter_of(chosen),
        by,
        many,
        few,
        scale,
        _clashes(total, many, few, scale),
        _flattery(total, "", in_all.get("", _NO_COPIES)),
        tuple(Flattery(g.name, g.stars, g.texts, g.difference, p) for g, p in zip(groups, adjusted, strict=True)),
        int(rows[0].groups) if rows else 0,
        sum(one.n - one.once for one in in_all.values()),
    )


def scale_of(table: Table) -> tuple[float, float]:
    """Return the scale of a table's ratings, filtered or not, and the highest of them; NaN without ratings."""
    top = table.query(f"SELECT max({Col.RATING}) AS top FROM comments WHERE {RATED}")
    highest = as_float(top["top"].iloc[0])
    return next((scale for scale in _SCALES if highest <= scale), highest), highest


def _counted(table: Table, chosen: Chosen, by: str, bounds: tuple[float, float], limit: int) -> Any:
    """Count rated comments per group: both = many stars and a positive text, and so on."""
    many, few = bounds
    condition, parameters = where(chosen)
    if math.isnan(many):
        condition += " AND false"
        many = few = 0.0
    is_many, is_few = f"{Col.RATING} >= {many!r}::FLOAT", f"{Col.RATING} <= {few!r}::FLOAT"
    good, bad = f"{Col.LABEL} = {POSITIVE}", f"{Col.LABEL} = {NEGATIVE}"
    counts = {
        "n": "true",
        "both": f"{is_many} AND {good}",
        "many": is_many,
        "good": good,
        "few": is_few,
        "many_bad": f"{is_many} AND {bad}",
        "few_good": f"{is_few} AND {good}",
    }
    counted = ", ".join(f"count(*) FILTER ({what}) AS {name}" for name, what in counts.items())
    return table.query(
        f"""SELECT *, count(*) OVER () AS groups FROM (
                SELECT coalesce({by}, '') AS name, {counted} FROM comments
                WHERE {condition} AND {RATED} GROUP BY 1)
            ORDER BY n DESC, name LIMIT {int(limit)}""",
        parameters,
    )


def _copies(table: Table, chosen: Chosen, by: str) -> dict[str, Copied]:
    condition, parameters = where(chosen)
    rows = f"SELECT coalesce({by}, '') AS cell, {COPY_KEY} AS own FROM comments WHERE {condition} AND {RATED}"
    return copies(table, rows, parameters)


def _flattery(row: Any, name: str, copied: Copied) -> Flattery:
    if row is None:
        nothing = wilson(0, 0)
        return Flattery(name, nothing, nothing, paired_difference(0, 0, 0, 0), math.nan)
    n, both, many, good = int(row.n), int(row.both), int(row.many), int(row.good)
    difference = paired_difference(both, many - both, good - both, n - many - good + both, copied.effect)
    starred, praising = (wilson(k, n, copied.effect) for k in (many, good))
    return Flattery(name, starred, praising, difference, difference.p)


def _clashes(total: Any, many: float, few: float, scale: float) -> tuple[Clash, Clash]:
    many_bad, n_many, few_good, n_few = (
        (0, 0, 0, 0) if total is None else (int(total.many_bad), int(total.many), int(total.few_good), int(total.few))
    )
    return (
        Clash(Filter(ratings=(many, scale), labels=(LABELS[NEGATIVE],)), wilson(many_bad, n_many)),
        Clash(Filter(ratings=(0.0, few), labels=(LABELS[POSITIVE],)), wilson(few_good, n_few)),
    )
