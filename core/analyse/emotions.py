"""The emotions that comments show."""

from __future__ import annotations

from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import rows_of
from core.metrics import wilson
from core.results import EmotionCount, EmotionCounts
from core.schema import EMOTIONS, Col, Table

__all__ = ["OFFENSIVE_FROM", "emotions"]

#: A comment counts as offensive at or above this probability.
OFFENSIVE_FROM = 0.5


def emotions(table: Table, chosen: Chosen) -> EmotionCounts:
    """Count the comments of each emotion, and the offensive ones.

    Args:
        table: The labelled table of a job with emotions enabled.
        chosen: The filter or selection.

    Returns:
        Every emotion, in the order of ``EMOTIONS``, including those with no comment; n is 0 without emotion columns.
    """
    condition, parameters = where(chosen)
    found = table.query(
        f"""SELECT {Col.EMOTION}::INTEGER AS emotion, count(*) AS n, avg({Col.P_EMOTION}) AS p,
                   count(*) FILTER ({Col.P_OFFENSIVE} >= {OFFENSIVE_FROM}) AS offensive,
                   count({Col.P_OFFENSIVE}) FILTER (NOT isnan({Col.P_OFFENSIVE})) AS judged
            FROM comments WHERE {condition} AND {Col.EMOTION} >= 0 GROUP BY 1""",
        parameters,
    )
    by_index = {int(row.emotion): row for row in rows_of(found)}
    n = int(found["n"].sum())
    counts = tuple(
        EmotionCount(name, wilson(int(by_index[i].n) if i in by_index else 0, n), _mean(by_index.get(i)))
        for i, name in enumerate(EMOTIONS)
    )
    offensive = wilson(int(found["offensive"].sum()), int(found["judged"].sum()))
    return EmotionCounts(filter_of(chosen), counts, offensive, n)


def _mean(row: object) -> float:
    return float("nan") if row is None else float(getattr(row, "p"))  # noqa: B009 - a named tuple of DuckDB's answer
