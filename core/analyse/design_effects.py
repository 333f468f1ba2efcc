"""Trend buckets in which texts were posted repeatedly, and their design effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from core.analyse.copies import COPY_KEY, copies
from core.analyse.filters import Chosen, where
from core.results import Bucket, Frequency
from core.schema import Col, Table

__all__ = ["DesignEffects", "design_effects"]

#: Maps buckets of one frequency to their design effects: 1 = no text occurs twice.
DesignEffects = Callable[[Frequency, Sequence[Bucket]], Sequence[float]]


def design_effects(table: Table, chosen: Chosen) -> DesignEffects:
    """Return the design-effect function for ``anomalies``; it reads only the comments of the buckets it is given.

    Args:
        table: The labelled table.
        chosen: The filter or selection that the trend was built with.
    """
    return partial(_effects, table, chosen)


def _effects(table: Table, chosen: Chosen, frequency: Frequency, buckets: Sequence[Bucket]) -> list[float]:
    condition, parameters = where(chosen)
    start = f"date_trunc('{frequency.value}', {Col.TIME})::TIMESTAMP"
    # the bounds let whole files be skipped; the list selects the buckets
    rows = f"""SELECT {start}::VARCHAR AS cell, {COPY_KEY} AS own FROM comments
               WHERE {condition} AND {Col.TIME} >= ?::TIMESTAMP AND {Col.TIME} < ?::TIMESTAMP
                 AND {start} IN (SELECT unnest(?::TIMESTAMP[]))"""
    starts = [bucket.start for bucket in buckets]
    ends = [min(starts).isoformat(), max(bucket.end for bucket in buckets).isoformat()]
    found = copies(table, rows, [*parameters, *ends, [start.isoformat() for start in starts]])
    return [found[str(start)].effect if str(start) in found else 1.0 for start in starts]
