"""Aspects by groups: which product, source or other group is criticised for what."""

from __future__ import annotations

from typing import Any, Final

from core.analyse.compare import grouping
from core.analyse.copies import COPY_KEY, copies
from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import rows_of
from core.analyse.statistics import difference, holm
from core.metrics import wilson
from core.results import Heat, HeatCell
from core.schema import NEGATIVE, Col, Share, Table

__all__ = ["heat"]

#: Cells of fewer comments are not tested.
_LEAST: Final = 5
#: SQL for the key of a cell; no aspect ends with the separator.
_CELL: Final = "concat(aspect, chr(31), name)"


def heat(table: Table, chosen: Chosen, by: str, view: str, *, aspects: int = 14, groups: int = 12) -> Heat:
    """Count the comments that are negative about each aspect in each group.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        by: As in ``compare``.
        view: The derived table of mentions, with the columns ``row``, ``aspect``, ``verdict`` (of all that a comment
            says of the aspect) and ``first``.
        aspects: Most aspects, those with the most comments.
        groups: Most groups, likewise.

    Returns:
        Non-empty cells, each against the same aspect in all other groups; p-values are Holm-adjusted over the cells
        of five or more comments. Copies of a text are not independent observations, as in ``compare``.

    Raises:
        InputError: N03 no such column.
    """
    given, parameters = _given(chosen, grouping(table, by), view)
    rows = list(rows_of(_counted(table, given, parameters)))
    of_aspect, of_group = _sums(rows, "aspect"), _sums(rows, "name")
    listed = (_largest(of_aspect, aspects), _largest(of_group, groups))
    kept = [row for row in rows if row.aspect in listed[0] and row.name in listed[1]]
    copied = copies(table, f"SELECT {_CELL} AS cell, aspect, own FROM ({given})", parameters, part="aspect")
    found = [copied[str(row.cell)] for row in kept]
    shares = [wilson(int(row.k), int(row.n), one.effect) for row, one in zip(kept, found, strict=True)]
    tests = [
        difference(share, _rest(of_aspect[row.aspect], share, one.rest), (one.effect, one.rest))
        for row, share, one in zip(kept, shares, found, strict=True)
    ]
    tested = [test.p if share.n >= _LEAST else float("nan") for test, share in zip(tests, shares, strict=True)]
    cells = tuple(
        HeatCell(row.aspect, row.name, share, test, p)
        for row, share, test, p in zip(kept, shares, tests, holm(tested), strict=True)
    )
    n = sum(share.n for share in shares)
    return Heat(filter_of(chosen), by, view, listed[0], listed[1], cells, n, sum(one.n - one.once for one in found))


def _rest(of_aspect: tuple[int, int], share: Share, effect: float) -> Share:
    n, k = of_aspect
    return wilson(k - share.count, n - share.n, effect)


def _given(chosen: Chosen, by: str, view: str) -> tuple[str, list[object]]:
    """Return a query for aspect, group, verdict and copy key of the comments that mention an aspect."""
    condition, parameters = where(chosen)
    sql = f"""SELECT aspect, name, verdict, own
              FROM (SELECT {Col.ROW}, aspect, verdict FROM {view} WHERE "first")
              JOIN (SELECT {Col.ROW}, coalesce({by}, '') AS name, {COPY_KEY} AS own FROM comments WHERE {condition})
              USING ({Col.ROW})"""
    return sql, parameters


def _counted(table: Table, given: str, parameters: list[object]) -> Any:
    return table.query(
        f"""SELECT aspect, name, {_CELL} AS cell, count(*) AS n, count(*) FILTER (verdict = {NEGATIVE}) AS k
            FROM ({given}) GROUP BY aspect, name ORDER BY aspect, name""",
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
