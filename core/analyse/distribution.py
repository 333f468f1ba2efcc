"""The distribution of the model's confidence, and its labels by the ratings that people gave."""

from __future__ import annotations

from typing import Any, Final

from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import LABEL_COUNTS, RATED, counts_of, rows_of
from core.results import Bin, Distribution
from core.schema import Col, Table

__all__ = ["distribution"]

_CONFIDENCE_BINS: Final = 20
_RATING_BINS: Final = 10
#: Up to this many distinct ratings, each gets its own bar.
_RATING_VALUES: Final = 20


def distribution(table: Table, chosen: Chosen) -> Distribution:
    """Count labels per confidence bin and per rating.

    Args:
        table: The labelled table.
        chosen: The filter or selection.

    Returns:
        Both histograms; empty confidence bins are included, ratings that nobody gave are not.
    """
    confidence, ratings = _confidence(table, chosen), _ratings(table, chosen)
    return Distribution(
        filter_of(chosen),
        confidence,
        ratings,
        n=sum(sum(b.counts) for b in confidence),
        rated=sum(sum(b.counts) for b in ratings),
    )


def _confidence(table: Table, chosen: Chosen) -> tuple[Bin, ...]:
    condition, parameters = where(chosen)
    found = table.query(
        f"""SELECT greatest(0, least({_CONFIDENCE_BINS - 1}, floor({Col.CONFIDENCE} * {_CONFIDENCE_BINS})))::INTEGER
                   AS bin, {LABEL_COUNTS}
            FROM comments WHERE {condition} GROUP BY 1""",
        parameters,
    )
    counted = {int(row.bin): counts_of(row) for row in rows_of(found)}
    edges = [i / _CONFIDENCE_BINS for i in range(_CONFIDENCE_BINS + 1)]
    return tuple(Bin(edges[i], edges[i + 1], counted.get(i, (0, 0, 0))) for i in range(_CONFIDENCE_BINS))


def _ratings(table: Table, chosen: Chosen) -> tuple[Bin, ...]:
    condition, parameters = where(chosen)
    found = table.query(
        f"""SELECT {Col.RATING}::DOUBLE AS rating, {LABEL_COUNTS} FROM comments
            WHERE {condition} AND {RATED} GROUP BY 1 ORDER BY 1""",
        parameters,
    )
    if len(found) <= _RATING_VALUES:
        return tuple(Bin(float(row.rating), float(row.rating), counts_of(row)) for row in rows_of(found))
    return _binned(found)


def _binned(found: Any) -> tuple[Bin, ...]:
    low, high = float(found["rating"].iloc[0]), float(found["rating"].iloc[-1])
    width = (high - low) / _RATING_BINS
    position = ((found["rating"] - low) / width).astype(int).clip(upper=_RATING_BINS - 1)
    sums = found.groupby(position)[["l0", "l1", "l2"]].sum()
    return tuple(
        Bin(low + int(row.Index) * width, low + (int(row.Index) + 1) * width, counts_of(row))
        for row in sums.itertuples()
    )
