"""Topics of a derived table, under a filter: size, trend, typical comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from core.analyse.filters import Chosen, filter_of, where
from core.analyse.frames import as_time, rows_of
from core.analyse.quotes import quotes_by
from core.analyse.trend import trend
from core.metrics import wilson
from core.results import Quote, Topic, Topics, TopicStep, Trend
from core.schema import Col, Filter, Share, Table, Within

__all__ = ["mark_of_topic", "topics"]

_QUOTES: Final = 3
_TERMS: Final = 12
#: Number of comments of a topic that quotes are chosen from, the nearest to its centre.
_NEAREST: Final = 60
#: A typical comment is long enough to say something and short enough to be read.
_READABLE: Final = (12, 160)


def topics(
    table: Table,
    chosen: Chosen,
    view: str,
    facts: Mapping[str, Any],
    *,
    names: Mapping[int, str] | None = None,
    merged: Sequence[Sequence[int]] = (),
    quotes: int = _QUOTES,
) -> Topics:
    """Count and describe the topics of a selection.

    Args:
        table: The labelled table.
        chosen: The filter or selection.
        view: Derived table with the columns row, topic and fit.
        facts: The facts that ``core.derive`` recorded for the topics, before any merge.
        names: Numbers and the names that people gave.
        merged: Groups of numbers that ``view`` has merged under the lowest of each.
        quotes: Most quotes per topic, the most typical comments.

    Returns:
        The topics with comments in the selection.
    """
    sizes, n = _sizes(table, chosen, view)
    over_time = trend(table, chosen)
    steps = _steps(table, chosen, view, over_time) if over_time.buckets else {}
    typical = _typical(table, chosen, view, quotes) if quotes else {}
    known = {int(one["topic"]): one for one in facts.get("topics", ())}
    made = [
        replace(
            _topic([known[part] for part in _parts(number, merged)], wilson(count, n), (names or {}).get(number, "")),
            steps=steps.get(number, ()),
            quotes=typical.get(number, ()),
        )
        for number, count in sizes.items()
        if number in known
    ]
    return Topics(
        filter_of(chosen),
        view,
        tuple(sorted(made, key=_by_size)),
        wilson(sizes.get(0, 0), n),
        n,
        tuple(facts.get("labels", ())),
        int(facts.get("learnt", 0)),
        int(facts.get("comments", 0)),
        over_time.frequency if over_time.buckets else None,
    )


def mark_of_topic(view: str, number: int) -> Filter:
    """Return the filter for a topic's comments; 0 = the comments without a topic."""
    return Filter(within=Within(view, (("topic", str(number)),)))


def _by_size(topic: Topic) -> tuple[int, int]:
    return -topic.share.count, topic.number


def _parts(number: int, merged: Sequence[Sequence[int]]) -> Sequence[int]:
    return next((group for group in merged if number == group[0]), (number,))


def _topic(parts: Sequence[Mapping[str, Any]], share: Share, name: str) -> Topic:
    """Describe one topic, or several that were merged."""
    words = [term for part in parts for term in part["name"][: max(1, 4 // len(parts))]]
    terms = [term for rank in range(_TERMS) for part in parts for term in part["terms"][rank : rank + 1]]
    numbers = tuple(int(part["topic"]) for part in parts)
    return Topic(
        numbers[0],
        name or "、".join(words) or f"话题 {numbers[0]}",
        tuple(dict.fromkeys(terms)),
        share,
        min(float(part["stable"]) for part in parts),
        merged=numbers if len(numbers) > 1 else (),
    )


def _scope(chosen: Chosen, view: str) -> tuple[str, list[object]]:
    """Return the query for the comments of the selection that the view contains."""
    condition, parameters = where(chosen)
    return f"(SELECT {Col.ROW}, {Col.TIME} FROM comments WHERE {condition}) JOIN {view} USING ({Col.ROW})", parameters


def _sizes(table: Table, chosen: Chosen, view: str) -> tuple[dict[int, int], int]:
    scope, parameters = _scope(chosen, view)
    found = table.query(f"SELECT topic, count(*) AS n FROM {scope} GROUP BY topic ORDER BY topic", parameters)
    sizes = {int(row.topic): int(row.n) for row in rows_of(found)}
    return sizes, sum(sizes.values())


def _steps(table: Table, chosen: Chosen, view: str, course: Trend) -> dict[int, tuple[TopicStep, ...]]:
    scope, parameters = _scope(chosen, view)
    found = table.query(
        f"""SELECT topic, date_trunc('{course.frequency.value}', {Col.TIME})::TIMESTAMP AS start, count(*) AS n
            FROM {scope} WHERE {Col.TIME} IS NOT NULL GROUP BY 1, 2""",
        parameters,
    )
    counted: dict[int, dict[datetime | None, int]] = {}
    for row in rows_of(found):
        counted.setdefault(int(row.topic), {})[as_time(row.start)] = int(row.n)
    return {
        number: tuple(TopicStep(b.start, wilson(by_start.get(b.start, 0), b.n)) for b in course.buckets)
        for number, by_start in counted.items()
    }


def _typical(table: Table, chosen: Chosen, view: str, most: int) -> dict[int, tuple[Quote, ...]]:
    """Return the comments nearest to the centre of each topic, with distinct texts of readable length."""
    scope, parameters = _scope(chosen, view)
    # narrow columns first: the texts of a million comments would take longer than the rest of the page
    near = table.query(
        f"""SELECT topic, {Col.ROW}, fit FROM {scope} WHERE topic > 0
            QUALIFY row_number() OVER (PARTITION BY topic ORDER BY fit DESC, {Col.ROW}) <= {_NEAREST}""",
        parameters,
    )
    listed = ", ".join(map(str, near[Col.ROW])) or "NULL"
    low, high = _READABLE
    looks = table.query(
        f"""SELECT {Col.ROW}, {Col.TEXT_KEY}, length({Col.CLEAN_TEXT}) NOT BETWEEN {low} AND {high} AS unread
            FROM comments WHERE {Col.ROW} IN ({listed})"""
    )
    ranked = near.merge(looks, on=Col.ROW).sort_values(
        ["topic", "unread", "fit", Col.ROW], ascending=[True, True, False, True]
    )
    picked = ranked.drop_duplicates(["topic", Col.TEXT_KEY]).groupby("topic").head(most)
    return quotes_by(table, picked, "topic")
