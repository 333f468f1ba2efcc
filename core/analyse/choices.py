"""Values that the filters of a page can offer for a table."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from core.analyse.filters import LISTS, where
from core.analyse.frames import LABEL_COUNTS, RATED, as_time, counts_of, rows_of
from core.results import Choice, Choices
from core.schema import LABELS, Col, Filter, Table

__all__ = ["CHOICES_KEPT", "choices"]

#: Most values offered per column, the most frequent ones.
CHOICES_KEPT: Final = 200


def choices(table: Table) -> Choices:
    """List the values to filter by, over all labelled rows.

    Args:
        table: The labelled table.

    Returns:
        The choices; each list holds at most ``CHOICES_KEPT`` values, and ``distinct`` gives the true number.
    """
    condition, parameters = where(Filter())
    found = table.query(
        f"""SELECT count(*) AS n, count(*) - count({Col.TIME}) AS undated,
                   min({Col.TIME}) AS first, max({Col.TIME}) AS last, {LABEL_COUNTS},
                   min({Col.RATING}) FILTER {_only(RATED)} AS low, max({Col.RATING}) FILTER {_only(RATED)} AS high
            FROM comments WHERE {condition}""",
        parameters,
    ).iloc[0]
    first, last = as_time(found["first"]), as_time(found["last"])
    values = {name: _values(table, column) for name, column in LISTS.items()}
    return Choices(
        n=int(found["n"]),
        reexported=_again(table),
        undated=int(found["undated"]),
        first_day=_day(first),
        last_day=_day(last),
        ratings=(float(found["low"]), float(found["high"])) if found["low"] == found["low"] else None,
        labels=tuple(Choice(label, n) for label, n in zip(LABELS, counts_of(found), strict=True)),
        sources=values["sources"][0],
        products=values["products"][0],
        files=values["files"][0],
        distinct={name: n for name, (_, n) in values.items()},
    )


def _again(table: Table) -> int:
    found = table.query(f"SELECT count(*) AS n FROM comments WHERE {Col.LABEL} >= 0 AND {Col.REEXPORTED}")
    return int(found["n"].iloc[0])


def _day(time: datetime | None) -> str | None:
    return None if time is None else time.date().isoformat()


def _only(condition: str) -> str:
    return f"(WHERE {condition})"


def _values(table: Table, column: str) -> tuple[tuple[Choice, ...], int]:
    condition, parameters = where(Filter())
    found = table.query(
        f"""SELECT coalesce({column}, '') AS value, count(*) AS n, count(*) OVER () AS distinct_values
            FROM comments WHERE {condition} GROUP BY 1 ORDER BY n DESC, value LIMIT {CHOICES_KEPT}""",
        parameters,
    )
    rows = list(rows_of(found))
    return tuple(Choice(str(row.value), int(row.n)) for row in rows), int(rows[0].distinct_values) if rows else 0
