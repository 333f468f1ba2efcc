"""Sources, products, files, ratings, months or any column of the file, side by side."""

from __future__ import annotations

import math
from typing import Any, Final

from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import LABEL_COUNTS, RATED, as_float, counts_of, quote, rows_of, shares_of
from core.analyse.statistics import difference, holm
from core.errors import InputError
from core.metrics import wilson
from core.results import Comparison, Difference, Group
from core.schema import LABELS, NEGATIVE, ORIGINAL_PREFIX, Col, Share, Table, original_names

__all__ = ["MONTH", "compare", "grouping"]

#: What to pass as ``by`` for calendar months.
MONTH: Final = "month"
_EXPRESSIONS: Final = {
    Col.SOURCE: Col.SOURCE,
    Col.PRODUCT: Col.PRODUCT,
    Col.FILE: Col.FILE,
    Col.AUTHOR: Col.AUTHOR,
    Col.RATING: f"CASE WHEN {RATED} THEN regexp_replace({Col.RATING}::VARCHAR, '\\.0$', '') END",
    MONTH: f"strftime({Col.TIME}, '%Y-%m')",
}
#: How these are put in order; the others go by size.
_ORDERS: Final = {Col.RATING: "TRY_CAST(name AS DOUBLE)", MONTH: "name"}


def compare(
    table: Table,
    chosen: Chosen,
    by: str,
    *,
    label: int = NEGATIVE,
    limit: int = 30,
    reference: str | None = None,
) -> Comparison:
    """Compare the share of one label between groups of rows.

    The p-values take every row for an independent voice; copies of one text make them too small.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        by: ``Col.SOURCE``, ``PRODUCT``, ``FILE``, ``AUTHOR`` or ``RATING``, ``MONTH``, or a column of the file
            under its ``original`` name.
        label: Index into ``LABELS``.
        limit: Most groups: the largest ones, of months the latest.
        reference: Name of a group that the others are held against; None = each against all other rows. A name that
            is not listed is none.

    Returns:
        The groups, each against all other rows of the selection or the reference, with p-values by Holm's method.
        The groups are picked by size, never by their share, so that the correction over the listed ones holds.

    Raises:
        InputError: N03 no such column.
    """
    rows = list(rows_of(_grouped(table, chosen, grouping(table, by), by, limit)))
    total = wilson(*_total(rows, label))
    shares = {str(row.name): wilson(counts_of(row)[label], sum(counts_of(row))) for row in rows}
    held = reference if reference in shares else None
    tests = [_test(share, total, None if held is None else shares[held]) for share in shares.values()]
    if held is not None:
        tests[list(shares).index(held)] = _NO_TEST
    adjusted = holm([test.p for test in tests])
    groups = tuple(_group(row, test, p, total.n) for row, test, p in zip(rows, tests, adjusted, strict=True))
    return Comparison(filter_of(chosen), by, label, groups, total, int(rows[0].groups) if rows else 0, held)


_NO_TEST: Final = Difference(math.nan, math.nan, math.nan, math.nan)


def _group(row: Any, test: Difference, p: float, n: int) -> Group:
    counts, rating = counts_of(row), as_float(row.rating)
    return Group(str(row.name), int(row.n), shares_of(counts), test, p, rating, wilson(int(row.n), n))


def _test(share: Share, total: Share, reference: Share | None) -> Difference:
    return difference(share, reference or wilson(total.count - share.count, total.n - share.n))


def grouping(table: Table, by: str) -> str:
    """Return the DuckDB expression of what rows are grouped by.

    Raises:
        InputError: N03 no such column.
    """
    if by in _EXPRESSIONS:
        return _EXPRESSIONS[by]
    if by.startswith(ORIGINAL_PREFIX) and by.removeprefix(ORIGINAL_PREFIX) in table.original_columns:
        return f"{quote(by)}::VARCHAR"
    known = "、".join((*_EXPRESSIONS, *original_names([by]), *table.original_columns))
    raise InputError("N03", f"不能按 {by!r} 分组,没有这一列。", f"可选:{known}。")


def _grouped(table: Table, chosen: Chosen, expression: str, by: str, limit: int) -> Any:
    condition, parameters = where(chosen)
    pick = "(name = ''), name DESC" if by == MONTH else "n DESC, name"
    show = f"(name = ''), {_ORDERS[by]}, name" if by in _ORDERS else pick
    return table.query(
        f"""SELECT * FROM (
                SELECT *, count(*) OVER () AS groups,
                       {", ".join(f"sum(l{i}) OVER () AS t{i}" for i in range(len(LABELS)))}
                FROM (SELECT coalesce({expression}, '') AS name, count(*) AS n, {LABEL_COUNTS},
                             avg({Col.RATING}) FILTER ({RATED}) AS rating
                      FROM comments WHERE {condition} GROUP BY 1)
                ORDER BY {pick} LIMIT {int(limit)})
            ORDER BY {show}""",
        parameters,
    )


def _total(rows: list[Any], label: int) -> tuple[int, int]:
    if not rows:
        return 0, 0
    totals = [int(getattr(rows[0], f"t{i}")) for i in range(len(LABELS))]
    return totals[label], sum(totals)
