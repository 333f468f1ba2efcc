"""Aspects by polarity, the opinion words used of them, and the trend of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.analyse.filters import Chosen, checked_view, filter_of, keeps_all, where
from core.analyse.frames import rows_of
from core.analyse.sample import sampled_rows
from core.analyse.trend import trend
from core.metrics import wilson
from core.results import AspectCount, Aspects, Frequency, OpinionWord, Trend
from core.schema import LABELS, NEGATIVE, Col, Filter, Table, Within

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aspect_trend", "aspects", "mark_of_aspect", "pieces"]

#: Opinion words listed per aspect and label, and names listed per aspect.
_OPINIONS: Final = 8
_NAMES: Final = 6


def aspects(
    table: Table, chosen: Chosen, view: str, *, pack: str = "", share: float = 1.0, found: Collection[str] = ()
) -> Aspects:
    """Count what comments say of each aspect; a comment counts once per aspect, however often it mentions it.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        view: Derived table of mentions, with the columns of ``core.derive.mentions.COLUMNS``.
        pack: Title of the aspect pack.
        share: Share of the comments that the view was built from; below 1 for a sample.
        found: Aspects that are not in the pack.

    Returns:
        Aspects by falling number of comments that are negative about them, each share with its Wilson interval.
    """
    condition, parameters = where(chosen)
    total = _number(table, condition, parameters)
    sampled = share < 1
    looked = f"{condition} AND {sampled_rows(share)}" if sampled else condition
    n = _number(table, looked, parameters) if sampled else total
    counted = _counted(table, view, "" if keeps_all(table, chosen) else condition, parameters)
    listed = [
        AspectCount(
            name,
            tuple(wilson(counts.get(label, 0), sum(counts.values())) for label in range(len(LABELS))),
            tuple(counted.names.get(name, ())),
            tuple(counted.opinions.get(name, ())),
            name in found,
        )
        for name, counts in counted.said.items()
    ]
    mentioning = wilson(min(counted.comments, n), n)
    ordered = tuple(sorted(listed, key=_badness))
    return Aspects(filter_of(chosen), view, pack, ordered, n, mentioning, total if sampled else None)


def aspect_trend(table: Table, chosen: Filter, view: str, aspect: str, frequency: Frequency | None = None) -> Trend:
    """Count the comments that mention one aspect over time, by their verdict on it instead of their own label.

    Args:
        table: The labelled table.
        chosen: The filter.
        view: Derived table of mentions.
        aspect: One of its aspects.
        frequency: Bucket length; None = automatic.
    """
    return trend(_Spoken(table, view, aspect), chosen, frequency)


def mark_of_aspect(view: str, aspect: str, label: int | None = None) -> Filter:
    """Return the filter for comments that mention an aspect, optionally with one verdict.

    Example:
        >>> mark_of_aspect("mentions_0123456789", "价格", 0).within.equal
        (('aspect', '价格'), ('verdict', '0'))
    """
    said = (("aspect", aspect),) if label is None else (("aspect", aspect), ("verdict", str(label)))
    return Filter(within=Within(view, said))


def pieces(table: Table, within: Within, rows: Sequence[int]) -> list[str]:
    """Return the distinct pieces of some comments that match a filter on mentions.

    For a comment kept because it is negative about an aspect, these are the negative pieces.

    Args:
        table: The labelled table.
        within: Filter on a derived table of mentions.
        rows: ``Col.ROW`` of the comments.

    Raises:
        InputError: N06 an invalid name of a derived table.
    """
    wanted = dict(within.equal)
    said = {"aspect": wanted.get("aspect"), "label": wanted.get("verdict")}
    asked = {column: value for column, value in said.items() if value is not None}
    parts = [f"{Col.ROW} IN (SELECT unnest(?::BIGINT[]))", *(f"{column}::VARCHAR = ?" for column in asked)]
    sql = f"SELECT DISTINCT piece FROM {checked_view(within.view)} WHERE {' AND '.join(parts)} ORDER BY 1"
    found = table.query(sql, [list(rows), *asked.values()])
    return [str(piece) for piece in found["piece"].tolist()]


class _Spoken:
    """A labelled table where a comment's label is its verdict on one aspect; comments without one are left out."""

    def __init__(self, table: Table, view: str, aspect: str) -> None:
        self._table = table
        said = aspect.replace("'", "''")
        self._comments = (
            f"(SELECT c.* REPLACE (m.verdict AS {Col.LABEL}) FROM comments c JOIN (SELECT {Col.ROW}, verdict "
            f"FROM {view} WHERE \"first\" AND aspect = '{said}') m USING ({Col.ROW})) AS spoken"
        )

    @property
    def original_columns(self) -> tuple[str, ...]:
        """See ``Table``."""
        return self._table.original_columns

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """See ``Table``."""
        return self._table.query(sql.replace("FROM comments", f"FROM {self._comments}"), parameters)


def _badness(one: AspectCount) -> tuple[int, int, str]:
    return -one.shares[NEGATIVE].count, -one.n, one.name


def _number(table: Table, condition: str, parameters: Sequence[object]) -> int:
    return int(table.query(f"SELECT count(*) AS n FROM comments WHERE {condition}", parameters)["n"].iloc[0])


@dataclass
class _Counted:
    """Comments per aspect and verdict, names and opinion words per aspect, and comments that mention any aspect."""

    said: defaultdict[str, dict[int, int]]
    names: defaultdict[str, list[str]]
    opinions: defaultdict[str, list[OpinionWord]]
    comments: int = 0


def _counted(table: Table, view: str, condition: str, parameters: Sequence[object]) -> _Counted:
    """Count in one pass; without a condition, skip the join with the comments."""
    join = f"SEMI JOIN (SELECT {Col.ROW} FROM comments WHERE {condition}) c USING ({Col.ROW})" if condition else ""
    found = _Counted(defaultdict(dict), defaultdict(list), defaultdict(list))
    sql = _SQL.format(view=view, join=join, opinions=_OPINIONS, names=_NAMES)
    for row in rows_of(table.query(sql, parameters if condition else ())):
        name, label, word, n = str(row.aspect), int(row.label), str(row.word), int(row.n)
        if row.kind == "said":
            found.said[name][label] = n
        elif row.kind == "opinion":
            found.opinions[name].append(OpinionWord(word, label, n))
        elif row.kind == "name":
            found.names[name].append(word)
        else:
            found.comments = n
    return found


#: Identical mentions are aggregated first: millions become some thousands.
_SQL: Final = """
WITH m AS MATERIALIZED (
    SELECT aspect, label, verdict, "first", opens, opinions, word, count(*) AS n FROM {view} {join} GROUP BY ALL
), opinion AS (
    SELECT aspect, label, unnest(string_split(opinions, ' ')) AS word, n FROM m WHERE opinions <> ''
), opinions AS (
    SELECT aspect, label, word, sum(n) AS n FROM opinion GROUP BY 1, 2, 3
    QUALIFY row_number() OVER (PARTITION BY aspect, label ORDER BY sum(n) DESC, word) <= {opinions}
), names AS (
    SELECT aspect, word, sum(n) AS n FROM m GROUP BY 1, 2
    QUALIFY row_number() OVER (PARTITION BY aspect ORDER BY sum(n) DESC, word) <= {names}
)
SELECT 'said' AS kind, aspect, verdict AS label, '' AS word, sum(n) AS n FROM m WHERE "first" GROUP BY 2, 3
UNION ALL SELECT 'opinion', aspect, label, word, n FROM opinions
UNION ALL SELECT 'name', aspect, 0, word, n FROM names
UNION ALL SELECT 'comments', '', 0, '', coalesce(sum(n), 0) FROM m WHERE opens
ORDER BY kind, aspect, label, n DESC, word"""
