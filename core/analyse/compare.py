"""Sources, products, files, ratings, months or any column of the file, side by side."""

from __future__ import annotations

from typing import Any, Final

from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import LABEL_COUNTS, RATED, as_float, counts_of, quote, rows_of, shares_of
from core.analyse.statistics import difference, holm
from core.errors import InputError
from core.metrics import wilson
from core.results import Comparison, Group
from core.schema import LABELS, NEGATIVE, ORIGINAL_PREFIX, Col, Table, original_names

__all__ = ["MONTH", "compare"]

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


def compare(table: Table, chosen: Chosen, by: str, *, label: int = NEGATIVE, limit: int = 30) -> Comparison:
    """Compare the share of one label between groups of rows.

    The p-values take every row for an independent voice; copies of one text make them too small.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        by: ``Col.SOURCE``, ``PRODUCT``, ``FILE``, ``AUTHOR`` or ``RATING``, ``MONTH``, or a column of the file
            under its ``original`` name.
        label: Index into ``LABELS``.
        limit: Most groups: the largest ones, of months the latest.

    Returns:
        The groups, each against all other rows of the selection, with p-values by Holm's method. The groups are
        picked by size, never by their share, so that the correction over the listed ones holds.

    Raises:
        InputError: N03 no such column.
    """
    found = _grouped(table, chosen, _expression(table, by), by, limit)
    total = wilson(*_total(found, label))
    shares = [wilson(counts_of(row)[label], sum(counts_of(row))) for row in rows_of(found)]
    tests = [difference(s, wilson(total.count - s.count, total.n - s.n)) for s in shares]
    groups = [
        Group(str(row.name), test_share.n, shares_of(counts_of(row)), test, p, as_float(row.rating))
        for row, test_share, test, p in zip(rows_of(found), shares, tests, holm([t.p for t in tests]), strict=True)
    ]
    in_all = int(found["groups"].iloc[0]) if len(found) else 0
    return Comparison(filter_of(chosen), by, label, tuple(groups), total, in_all)


def _expression(table: Table, by: str) -> str:
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


def _total(found: Any, label: int) -> tuple[int, int]:
    if not len(found):
        return 0, 0
    totals = [int(found[f"t{i}"].iloc[0]) for i in range(len(LABELS))]
    return totals[label], sum(totals)
