"""Aspects by groups: which product, source or other group is criticised for what."""

from __future__ import annotations

from typing import Any, Final

from core.analyse.compare import grouping
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import rows_of
from core.analyse.statistics import difference, holm
from core.metrics import wilson
from core.results import Heat, HeatCell
from core.schema import NEGATIVE, Col, Table

__all__ = ["heat"]

#: Cells of fewer comments are not tested.
_LEAST: Final = 5


def heat(table: Table, chosen: Chosen, by: str, view: str, *, aspects: int = 14, groups: int = 12) -> Heat:
    """Count the comments that speak badly of each aspect in each group.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        by: As in ``compare``.
        view: The derived table of mentions, with the columns ``row``, ``aspect``, ``verdict`` (of all that a comment
            says of the aspect) and ``first``.
        aspects: Most aspects, those of the most comments.
        groups: Most groups, alike.

    Returns:
        Cells with a comment, each against the same aspect in all other groups; p-values by Holm's method over the cells
        of five comments and more.

    Raises:
        InputError: N03 no such column.
    """
    rows = list(rows_of(_counted(table, chosen, grouping(table, by), view)))
    of_aspect, of_group = _sums(rows, "aspect"), _sums(rows, "name")
    listed = (_largest(of_aspect, aspects), _largest(of_group, groups))
    kept = [row for row in rows if row.aspect in listed[0] and row.name in listed[1]]
    shares = [wilson(int(row.k), int(row.n)) for row in kept]
    tests = [
        difference(share, wilson(of_aspect[row.aspect][1] - share.count, of_aspect[row.aspect][0] - share.n))
        for row, share in zip(kept, shares, strict=True)
    ]
    tested = [test.p if share.n >= _LEAST else float("nan") for test, share in zip(tests, shares, strict=True)]
    cells = tuple(
        HeatCell(row.aspect, row.name, share, test, p)
        for row, share, test, p in zip(kept, shares, tests, holm(tested), strict=True)
    )
    n = sum(share.n for share in shares)
    return Heat(filter_of(chosen), by, view, listed[0], listed[1], cells, n)


def _counted(table: Table, chosen: Chosen, by: str, view: str) -> Any:
    condition, parameters = where(chosen)
    return table.query(
        f"""SELECT m.aspect AS aspect, c.name AS name, count(*) AS n, count(*) FILTER (m.verdict = {NEGATIVE}) AS k
            FROM (SELECT {Col.ROW}, aspect, verdict FROM {view} WHERE "first") m
            JOIN (SELECT {Col.ROW}, coalesce({by}, '') AS name FROM comments WHERE {condition}) c
            USING ({Col.ROW}) GROUP BY 1, 2 ORDER BY 1, 2""",
        parameters,
    )


def _sums(rows: list[Any], key: str) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        n, k = sums.get(getattr(row, key), (0, 0))
        sums[getattr(row, key)] = (n + int(row.n), k + int(row.k))
    return sums


def _largest(sums: dict[str, tuple[int, int]], most: int) -> tuple[str, ...]:
    ordered = sorted((-n, name) for name, (n, _) in sums.items())
    return tuple(name for _, name in ordered[:most])
