"""From a mark of a chart (a point, a bar, a word) to the comments behind it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from core.analyse.compare import MONTH
from core.analyse.filters import Chosen, Selection, filter_of
from core.results import Episode, Trend
from core.schema import ORIGINAL_PREFIX, Col, Filter

__all__ = ["mark_of_bucket", "mark_of_episode", "mark_of_group", "narrow", "narrowed"]

#: Fields that ``narrow`` intersects; in the others, the mark's value replaces the filter's, as it lies within it.
_BOUNDS: Final = ("ratings", "confidence")
_LISTS: Final = {Col.SOURCE: "sources", Col.PRODUCT: "products", Col.FILE: "files"}


def narrow(chosen: Filter, mark: Filter) -> Filter:
    """Restrict a filter to the comments behind one mark of a chart drawn with it.

    Args:
        chosen: The filter of the chart.
        mark: The filter of the mark; fields with their default value have no effect.

    Example:
        >>> narrow(Filter(start="2026-03-04", keyword="退款"), Filter(start="2026-03-02", end="2026-03-08")).start
        '2026-03-04'
    """
    default = Filter()
    said = {f.name: getattr(mark, f.name) for f in fields(mark) if getattr(mark, f.name) != getattr(default, f.name)}
    for name in _BOUNDS:
        if name in said:
            said[name] = _within(said[name], getattr(chosen, name))
    if mark.columns:
        said["columns"] = tuple(dict.fromkeys((*chosen.columns, *mark.columns)))
    if mark.start is not None or mark.end is not None:
        said["start"] = max(filter(None, (chosen.start, mark.start)), default=None)
        said["end"] = min(filter(None, (chosen.end, mark.end)), default=None)
        said["undated"] = False
    return replace(chosen, **said)


def narrowed(chosen: Chosen, mark: Filter) -> Chosen:
    """Restrict a filter or selection to the comments behind one mark, see ``narrow``."""
    within = narrow(filter_of(chosen), mark)
    return Selection(within, chosen.rows) if isinstance(chosen, Selection) and not mark.term else within


def mark_of_bucket(result: Trend, start: str) -> Filter | None:
    """Return the filter for the days of the bucket that starts at ``start`` (ISO time); None if there is none.

    An hourly bucket gives its whole day: filters have a resolution of days.
    """
    try:
        wanted = datetime.fromisoformat(start)
    except ValueError:
        return None
    found = next((bucket for bucket in result.buckets if bucket.start == wanted), None)
    if found is None:
        return None
    return _days(found.start, found.end)


def mark_of_episode(episode: Episode) -> Filter:
    """Return the filter for the days of an abnormal stretch; hours give their whole days."""
    return _days(episode.start, episode.end)


def _days(start: datetime, end: datetime) -> Filter:
    last = max(start, end - timedelta(microseconds=1))
    return Filter(start=start.date().isoformat(), end=last.date().isoformat())


def mark_of_group(by: str, name: str) -> Filter | None:
    """Return the filter for a group of a comparison; None if no filter can express it (no month, no rating)."""
    if by in _LISTS:
        values: dict[str, Any] = {_LISTS[by]: (name,)}
        return Filter(**values)
    if by == MONTH and name:
        first = datetime.strptime(name, "%Y-%m").date()
        following = (first + timedelta(days=31)).replace(day=1)
        return Filter(start=first.isoformat(), end=(following - timedelta(days=1)).isoformat())
    if by == Col.RATING and name:
        return Filter(ratings=(float(name), float(name)))
    if by == Col.AUTHOR or by.startswith(ORIGINAL_PREFIX):
        return Filter(columns=((by, name),))
    return None


def _within(inner: tuple[float, float], outer: tuple[float, float] | None) -> tuple[float, float]:
    if outer is None:
        return inner
    return max(inner[0], outer[0]), min(inner[1], outer[1])
