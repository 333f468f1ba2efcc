"""Suspicious groups in a derived table, under a filter, and the figures without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from core.analyse.filters import Chosen, Selection, filter_of, where
from core.analyse.frames import LABEL_COUNTS, as_float, as_time, counts_of, rows_of
from core.analyse.quotes import quotes_by
from core.analyse.statistics import difference
from core.metrics import wilson
from core.results import Flood, Floods, Quote, Without
from core.schema import NEGATIVE, Col, Filter, Table, Within

__all__ = ["floods", "mark_of_flood", "without"]

_QUOTES: Final = 3
#: Comments that quotes are chosen from, at either end of the similarity ranking.
_NEAR, _WAYS = 20, ("ASC", "DESC")
#: Kind of a group that does not consist of copies.
_FAST: Final = "fast"


def floods(
    table: Table,
    chosen: Chosen,
    view: str,
    facts: Mapping[str, Any],
    *,
    limit: int = 50,
    known: dict[int, tuple[Quote, ...]] | None = None,
) -> Floods:
    """List the suspicious groups of a selection.

    Args:
        table: The labelled table.
        chosen: The filter or selection. A condition that excludes such groups is ignored: they are what is listed.
        view: Derived table of ``core.derive.Floods``.
        facts: The facts recorded with it.
        limit: Most groups, the largest of the selection.
        known: Quotes of groups of this view that were read before; those read now are added. They do not depend on
            the selection, and finding them takes longer than counting.
    """
    asked = _with_all(chosen)
    found = _groups(table, asked, view, limit)
    listed = [row for row in rows_of(found) if row.flood][:limit]
    numbers = [int(row.flood) for row in listed]
    quotes = {} if known is None else known
    quotes.update(_quotes(table, view, [number for number in numbers if number not in quotes]))
    return Floods(
        filter_of(asked),
        view,
        tuple(_flood(row, quotes.get(int(row.flood), ())) for row in listed),
        int(found["groups"].iloc[0]) if len(found) else 0,
        _without(found),
        int(facts.get("texts", 0)),
        int(facts.get("compared", 0)),
        bool(facts.get("authors")),
        bool(facts.get("to_the_minute")),
    )


def _groups(table: Table, chosen: Chosen, view: str, limit: int) -> pd.DataFrame:
    """Return the comments of no group (if any, as flood 0), then the largest groups, in one pass; ``groups``
    is the number of groups, and ``named0`` to ``named2`` are the comments of all groups by label."""
    condition, parameters = where(chosen)
    sums = ", ".join(f"(SELECT coalesce(sum(l{i}), 0) FROM grouped WHERE flood > 0) AS named{i}" for i in range(3))
    told = ("what", "copies", "accounts", "by_one", "busiest", "texts", "rating", "rules")  # the same in each row
    return table.query(
        f"""WITH grouped AS MATERIALIZED (
                SELECT coalesce(flood, 0) AS flood, {LABEL_COUNTS}, avg(likeness) AS likeness, count(*) AS n,
                       min({Col.TIME}) AS first, max({Col.TIME}) AS last
                FROM (SELECT {Col.ROW}, {Col.TIME}, {Col.LABEL} FROM comments WHERE {condition})
                     LEFT JOIN (SELECT {Col.ROW}, flood, likeness FROM {view}) USING ({Col.ROW})
                GROUP BY ALL),
            listed AS MATERIALIZED (
                SELECT *, (SELECT count(*) FROM grouped WHERE flood > 0) AS groups, {sums}
                FROM grouped ORDER BY flood > 0, n DESC, flood LIMIT {int(limit) + 1})
            SELECT * FROM listed LEFT JOIN (
                SELECT flood, {", ".join(f"any_value({name}) AS {name}" for name in told)} FROM {view}
                WHERE flood IN (SELECT flood FROM listed) GROUP BY flood) USING (flood)
            ORDER BY flood > 0, n DESC, flood""",
        parameters,
    )


def _without(found: pd.DataFrame) -> Without:
    """Derive the result of ``without`` from the groups."""
    named, rest = (0, 0, 0), (0, 0, 0)
    for row in rows_of(found.head(1)):
        named = int(row.named0), int(row.named1), int(row.named2)
        rest = rest if row.flood else counts_of(row)
    return _compared(named, rest)


def without(table: Table, chosen: Chosen, view: str) -> Without:
    """Compute the negative share of a selection with and without the rows of a derived table.

    Args:
        table: The labelled table.
        chosen: The filter or selection; a condition that excludes such rows is ignored.
        view: The derived table.
    """
    condition, parameters = where(_with_all(chosen))
    found = table.query(
        f"""SELECT {Col.ROW} IN (SELECT {Col.ROW} FROM {view}) AS named, {LABEL_COUNTS}
            FROM comments WHERE {condition} GROUP BY 1""",
        parameters,
    )
    counts = {bool(row.named): counts_of(row) for row in rows_of(found)}
    return _compared(counts.get(True, (0, 0, 0)), counts.get(False, (0, 0, 0)))


def _compared(named: tuple[int, int, int], rest: tuple[int, int, int]) -> Without:
    of_named, of_rest = wilson(named[NEGATIVE], sum(named)), wilson(rest[NEGATIVE], sum(rest))
    n = sum(named) + sum(rest)
    whole = wilson(named[NEGATIVE] + rest[NEGATIVE], n)
    return Without(wilson(sum(named), n), whole, of_rest, difference(of_rest, of_named))


def mark_of_flood(view: str, number: int) -> Filter:
    """Return the filter for a group's comments."""
    return Filter(within=Within(view, (("flood", str(number)),)))


def _with_all(chosen: Chosen) -> Chosen:
    if isinstance(chosen, Selection):
        return replace(chosen, filter=replace(chosen.filter, outside=None))
    return replace(chosen, outside=None)


def _flood(row: Any, quotes: tuple[Quote, ...]) -> Flood:
    return Flood(
        int(row.flood),
        row.what == _FAST,
        counts_of(row),
        int(row.copies),
        int(row.accounts),
        int(row.by_one),
        int(row.busiest),
        int(row.texts),
        as_float(row.likeness),
        as_float(row.rating),
        as_time(row.first),
        as_time(row.last),
        tuple(str(row.rules).split("+")),
        quotes,
    )


def _quotes(table: Table, view: str, numbers: list[int]) -> dict[int, tuple[Quote, ...]]:
    """Return, for each group, the first of the most similar texts, then the least similar ones, each text once."""
    if not numbers:
        return {}
    listed = ", ".join(map(str, numbers))
    ends = [f"row_number() OVER (PARTITION BY flood ORDER BY likeness {way}, {Col.ROW}) <= {_NEAR}" for way in _WAYS]
    rows = table.query(
        f"SELECT flood, {Col.ROW}, likeness FROM {view} WHERE flood IN ({listed}) QUALIFY {' OR '.join(ends)}"
    )
    keys = table.query(
        f"""SELECT {Col.ROW}, {Col.TEXT_KEY} FROM comments
            WHERE {Col.ROW} IN ({", ".join(map(str, rows[Col.ROW])) or "NULL"})"""
    )
    rows = rows.merge(keys, on=Col.ROW).sort_values(["flood", Col.ROW]).drop_duplicates(["flood", Col.TEXT_KEY])
    rows = rows.assign(other=rows["likeness"] < 1).sort_values(["flood", "other", "likeness", Col.ROW])
    return quotes_by(table, rows.groupby("flood").head(_QUOTES), "flood")
