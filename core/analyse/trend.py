"""The number of comments and their negative share over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import LABEL_COUNTS, as_time, counts_of, rows_of
from core.metrics import wilson
from core.results import Bucket, Frequency, Totals, Trend
from core.schema import NEGATIVE, Col, Table

__all__ = ["MAX_BUCKETS", "finer_frequency", "trend"]

#: Most buckets: beyond that, a trend is unreadable, so the frequency is made coarser.
MAX_BUCKETS: Final = 4000
#: Most buckets a chart shows well, and the fewest that still show a trend.
_COMFORTABLE: Final = 120
_FEW: Final = 8
#: Most days watched day by day: over longer spans, few days have enough comments if weeks or months show more.
_WATCHED_DAYS: Final = 366
#: Comments per bucket wanted on average: with 30, a share of one half is known to about ±17 points.
_TELLING: Final = 30
_SECONDS: Final = {
    Frequency.HOUR: 3600,
    Frequency.DAY: 86_400,
    Frequency.WEEK: 7 * 86_400,
    Frequency.MONTH: 30 * 86_400,
    Frequency.YEAR: 365 * 86_400,
}


def trend(table: Table, chosen: Chosen, frequency: Frequency | None = None, *, totals: Totals | None = None) -> Trend:
    """Count the comments of each hour, day, week (from Monday), month or year.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        frequency: Bucket length; None = the finest with at most 120 buckets and on average at least 30 comments each,
            or, if there are too few comments, the coarsest with at least 8 buckets.
        totals: Result of ``overview`` for the same selection, if known; it saves one pass over the table.

    Returns:
        Contiguous buckets from the first to the last dated row; none when no row is dated.
    """
    first, last, dated, undated = _span(table, chosen) if totals is None else _known(totals)
    if first is None or last is None:
        return Trend(filter_of(chosen), frequency or Frequency.DAY, frequency, (), 0, undated)
    used = _asked(first, last, frequency) if frequency else _automatic(first, last, dated)
    buckets = tuple(_buckets(table, chosen, used, first, last))
    return Trend(filter_of(chosen), used, frequency, buckets, sum(b.n for b in buckets), undated, first, last)


def finer_frequency(shown: Trend) -> Frequency | None:
    """Return a frequency that detects abnormal buckets sooner: weeks and months need a long history first.

    Args:
        shown: A trend whose frequency was chosen automatically.

    Returns:
        Day, if the trend has weeks or months and spans at most a year; None = keep its frequency.
    """
    if shown.frequency not in (Frequency.WEEK, Frequency.MONTH) or not shown.buckets:
        return None
    days = (shown.buckets[-1].end - shown.buckets[0].start).days
    return Frequency.DAY if days <= _WATCHED_DAYS else None


_Span = tuple[datetime | None, datetime | None, int, int]


def _span(table: Table, chosen: Chosen) -> _Span:
    """Return the first and the last time, and the numbers of rows with and without one."""
    condition, parameters = where(chosen)
    span = table.query(
        f"""SELECT count(*) - count({Col.TIME}) AS undated, count({Col.TIME}) AS dated,
                   min({Col.TIME}) AS first, max({Col.TIME}) AS last
            FROM comments WHERE {condition}""",
        parameters,
    ).iloc[0]
    return as_time(span["first"]), as_time(span["last"]), int(span["dated"]), int(span["undated"])


def _known(totals: Totals) -> _Span:
    return totals.first, totals.last, totals.n - totals.undated.count, totals.undated.count


def _asked(first: datetime, last: datetime, asked: Frequency) -> Frequency:
    """Return the requested frequency, or a coarser one if it gave too many buckets."""
    order = list(Frequency)
    fitting = (f for f in order[order.index(asked) :] if _spans(first, last, f) < MAX_BUCKETS)
    return next(fitting, Frequency.YEAR)


def _automatic(first: datetime, last: datetime, dated: int) -> Frequency:
    """Return the most informative frequency: fine, but not so fine that every bucket is noise."""
    fitting = [f for f in Frequency if _spans(first, last, f) < _COMFORTABLE] or [Frequency.YEAR]
    telling = [f for f in fitting if dated >= _TELLING * _spans(first, last, f)]
    long_enough = [f for f in fitting if _spans(first, last, f) >= _FEW]
    if telling and (telling[0] in long_enough or not long_enough):
        return telling[0]
    return long_enough[-1] if long_enough else fitting[0]


def _spans(first: datetime, last: datetime, frequency: Frequency) -> float:
    return (last - first).total_seconds() / _SECONDS[frequency]


def _buckets(table: Table, chosen: Chosen, used: Frequency, first: datetime, last: datetime) -> Iterator[Bucket]:
    condition, parameters = where(chosen)
    found = table.query(
        f"""SELECT date_trunc('{used.value}', {Col.TIME})::TIMESTAMP AS start, {LABEL_COUNTS}
            FROM comments WHERE {condition} AND {Col.TIME} IS NOT NULL GROUP BY 1""",
        parameters,
    )
    counted = {as_time(row.start): counts_of(row) for row in rows_of(found)}
    start = _floor(first, used)
    while True:
        end = _next(start, used)
        counts = counted.get(start, (0, 0, 0))
        yield Bucket(start, end, counts, wilson(counts[NEGATIVE], sum(counts)))
        if end > last:
            return
        start = end


def _floor(time: datetime, frequency: Frequency) -> datetime:
    hour = time.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    match frequency:
        case Frequency.HOUR:
            return hour
        case Frequency.DAY:
            return day
        case Frequency.WEEK:
            return day - timedelta(days=day.weekday())
        case Frequency.MONTH:
            return day.replace(day=1)
        case Frequency.YEAR:
            return day.replace(month=1, day=1)


def _next(start: datetime, frequency: Frequency) -> datetime:
    try:
        match frequency:
            case Frequency.MONTH:
                return _floor(start + timedelta(days=31), frequency)
            case Frequency.YEAR:
                return start.replace(year=start.year + 1)
            case _:
                return start + timedelta(seconds=_SECONDS[frequency])
    except (OverflowError, ValueError):  # the calendar ends with the year 9999
        return datetime.max
