"""Compare sources, products, files, ratings, months or the values of any column."""

from __future__ import annotations

import math
from typing import Any, Final

from core.analyse.copies import COPY_KEY, Copied, copies
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import LABEL_COUNTS, RATED, as_float, counts_of, quote, rows_of
from core.analyse.statistics import difference, holm
from core.errors import InputError
from core.metrics import wilson
from core.results import Comparison, Difference, Group
from core.schema import LABELS, NEGATIVE, ORIGINAL_PREFIX, Col, Share, Table, original_names

__all__ = ["MONTH", "compare", "grouping"]

#: Value of ``by`` for calendar months.
MONTH: Final = "month"
_EXPRESSIONS: Final = {
    Col.SOURCE: Col.SOURCE,
    Col.PRODUCT: Col.PRODUCT,
    Col.FILE: Col.FILE,
    Col.AUTHOR: Col.AUTHOR,
    Col.RATING: f"CASE WHEN {RATED} THEN regexp_replace({Col.RATING}::VARCHAR, '\\.0$', '') END",
    MONTH: f"strftime({Col.TIME}, '%Y-%m')",
}
#: Sort key of these groupings; the others are sorted by size.
_ORDERS: Final = {Col.RATING: "TRY_CAST(name AS DOUBLE)", MONTH: "name"}


def compare(
    table: Table,
    chosen: Chosen,
    by: str,
    *,
    label: int = NEGATIVE,
    limit: int = 30,
    reference: str | None = None,
    unnamed: bool = True,
) -> Comparison:
    """Compare the share of one label between groups of rows.

    Copies of a text are not independent observations: their design effect widens the groups' intervals and raises the
    p-values.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        by: ``Col.SOURCE``, ``PRODUCT``, ``FILE``, ``AUTHOR`` or ``RATING``, ``MONTH``, or a column of the file
            under its ``original`` name.
        label: Index into ``LABELS``.
        limit: Most groups: the largest ones; for months, the latest.
        reference: Name of the group that the others are compared with; None = each against all other rows. A name that
            is not listed counts as None.
        unnamed: Whether rows without a value form a group and belong to the rows that a group is compared with.

    Returns:
        The groups, each against the reference or all other rows of the selection, with Holm-adjusted p-values.
        Groups are selected by size, never by share, so the correction over the listed groups is valid.

    Raises:
        InputError: N03 no such column.
    """
    expression = f"coalesce({grouping(table, by)}, '')"
    condition, parameters = where(chosen)
    if not unnamed:
        condition += f" AND trim({expression}) <> ''"
    named = f"SELECT *, {expression} AS name FROM comments WHERE {condition}"
    rows = list(rows_of(table.query(_grouped(named, by, limit), parameters)))
    copied = copies(table, f"SELECT name AS cell, {COPY_KEY} AS own FROM ({named})", parameters)
    total = wilson(*_total(rows, label))
    shares = {str(row.name): _share(row, label, copied[str(row.name)].effect) for row in rows}
    held = reference if reference in shares else None
    tests = [_test(name, shares, total, held, copied) for name in shares]
    adjusted = holm([test.p for test in tests])
    groups = tuple(
        _group(row, copied[str(row.name)], test, p, total.n) for row, test, p in zip(rows, tests, adjusted, strict=True)
    )
    return Comparison(filter_of(chosen), by, label, groups, total, int(rows[0].groups) if rows else 0, held)


_NO_TEST: Final = Difference(math.nan, math.nan, math.nan, math.nan)


def _share(row: Any, label: int, effect: float) -> Share:
    counts = counts_of(row)
    return wilson(counts[label], sum(counts), effect)


def _group(row: Any, copied: Copied, test: Difference, p: float, n: int) -> Group:
    shares = tuple(_share(row, label, copied.effect) for label in range(len(LABELS)))
    return Group(str(row.name), int(row.n), shares, test, p, as_float(row.rating), wilson(int(row.n), n), copied.once)


def _test(
    name: str, shares: dict[str, Share], total: Share, reference: str | None, copied: dict[str, Copied]
) -> Difference:
    share, effect = shares[name], copied[name].effect
    if name == reference:
        return _NO_TEST
    if reference is not None:
        return difference(share, shares[reference], (effect, copied[reference].effect))
    rest = wilson(total.count - share.count, total.n - share.n, copied[name].rest)
    return difference(share, rest, (effect, copied[name].rest))


def grouping(table: Table, by: str) -> str:
    """Return the DuckDB expression that rows are grouped by.

    Raises:
        InputError: N03 no such column.
    """
    if by in _EXPRESSIONS:
        return _EXPRESSIONS[by]
    if by.startswith(ORIGINAL_PREFIX) and by.removeprefix(ORIGINAL_PREFIX) in table.original_columns:
        return f"{quote(by)}::VARCHAR"
    known = "、".join((*_EXPRESSIONS, *original_names([by]), *table.original_columns))
    raise InputError("N03", f"不能按 {by!r} 分组,没有这一列。", f"可选:{known}。")


def _grouped(named: str, by: str, limit: int) -> str:
    """Return the query for the groups; ``named`` is one for rows with the column ``name``."""
    pick = "(name = ''), name DESC" if by == MONTH else "n DESC, name"
    show = f"(name = ''), {_ORDERS[by]}, name" if by in _ORDERS else pick
    return f"""SELECT * FROM (
            SELECT *, count(*) OVER () AS groups,
                   {", ".join(f"sum(l{i}) OVER () AS t{i}" for i in range(len(LABELS)))}
            FROM (SELECT name, count(*) AS n, {LABEL_COUNTS}, avg({Col.RATING}) FILTER ({RATED}) AS rating
                  FROM ({named}) GROUP BY 1)
            ORDER BY {pick} LIMIT {int(limit)})
        ORDER BY {show}"""


def _total(rows: list[Any], label: int) -> tuple[int, int]:
    if not rows:
        return 0, 0
    totals = [int(getattr(rows[0], f"t{i}")) for i in range(len(LABELS))]
    return totals[label], sum(totals)
