"""The distribution of the model's confidence, and its labels by the ratings that people gave."""

from __future__ import annotations

import math
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
    width = _round_width((high - low) / _RATING_BINS)
    start = math.floor(round(low / width, 6)) * width
    last = max(0, math.ceil(round((high - start) / width, 6)) - 1)
    # 4.8 is kept as a float that lies a little beside it
    position = ((found["rating"] - start) / width).round(6).astype(int).clip(upper=last)
    sums = found.groupby(position)[["l0", "l1", "l2"]].sum()
    return tuple(
        Bin(round(start + int(row.Index) * width, 6), round(start + (int(row.Index) + 1) * width, 6), counts_of(row))
        for row in sums.itertuples()
    )


def _round_width(least: float) -> float:
    """Return the smallest of … .1 .2 .5 1 2 5 … that is at least this.

    Example:
        >>> _round_width(0.35), _round_width(10.0)
        (0.5, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= least * (1 - 1e-9))
