"""Key figures of a table whose figures are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from core.analyse import choices, corrected, overview, wilson
from core.results import Choice
from core.schema import LABELS, Filter, RunReport, Table

Maker = Callable[[list[dict[str, Any]]], Table]


def week(day: str, negative: int, positive: int) -> list[dict[str, Any]]:
    return [{"time": day, "label": 0}] * negative + [{"time": day, "label": 2}] * positive


def test_an_empty_table_has_no_share_and_no_period_before(table: Maker) -> None:
    result = overview(table([]), Filter(start="2026-03-01"))
    assert result.now.n == 0
    assert all(math.isnan(share.value) for share in result.now.shares)
    assert (result.now.first, result.previous) == (None, None)


def test_shares_add_up_and_carry_wilson_intervals(table: Maker) -> None:
    result = overview(
        table([{"label": 0}] * 3 + [{"label": 1}] * 2 + [{"label": 2}] * 5 + [{"label": -1}] * 9), Filter()
    )
    assert result.now.shares == (wilson(3, 10), wilson(2, 10), wilson(5, 10))


def test_a_report_takes_over_the_labels_people_set_right_and_nothing_else(table: Maker) -> None:
    rows = [{"label": 0}] * 3 + [{"label": 1, "needs_review": True}] + [{"label": 2}] * 5
    counts = dict.fromkeys(
        ("blank", "duplicates", "rejected", "undated", "truncated", "cut", "ragged", "cache_hits"), 0
    )
    before = RunReport(
        rows_in=9, scored=9, needs_review=2, labels=dict(zip(LABELS, (5, 1, 3), strict=True)), reasons={}, problems=(),
        backend="builtin", model_version="1", seconds={}, settings={}, **counts,
    )  # fmt: skip
    after = corrected(before, overview(table(rows), Filter()).now)
    assert after == replace(before, needs_review=1, labels=dict(zip(LABELS, (3, 1, 5), strict=True)))


def test_the_mean_rating_is_over_rated_rows_only(table: Maker) -> None:
    result = overview(table([{"rating": 1}, {"rating": 4}, {}]), Filter())
    assert (result.now.rating.n, result.now.rating.value) == (2, 2.5)


def test_the_mean_rating_has_an_interval_on_the_scale_of_the_table(table: Maker) -> None:
    rows = [{"rating": 5, "source": "微博"}] * 20 + [{"rating": 4, "source": "微博"}, {"rating": 9, "source": "京东"}]
    rating = overview(table(rows), Filter(sources=("微博",))).now.rating
    assert 4.2 < rating.low < rating.value < rating.high
    assert 5 < rating.high < 10  # the table's ratings reach 10, so that a 10 may still come
    alike = overview(table([{"rating": 5}] * 20), Filter()).now.rating
    assert (alike.value, alike.high) == (5.0, 5.0)
    assert 4.5 < alike.low < 5
    assert math.isnan(overview(table([{"rating": 3}]), Filter()).now.rating.low)
    assert overview(table([{}]), Filter()).now.rating.n == 0


def test_copies_count_as_rows_but_as_one_text(table: Maker) -> None:
    result = overview(table([{"text_key": "a"}] * 4 + [{"text_key": "b"}]), Filter())
    assert result.now.n == 5


def test_review_undated_and_span_are_told(table: Maker) -> None:
    result = overview(table([{"time": "2026-03-01 08:00"}, {"time": "2026-03-05", "needs_review": True}, {}]), Filter())
    assert (result.now.needs_review, result.now.undated) == (wilson(1, 3), wilson(1, 3))
    assert (result.now.first, result.now.last) == (datetime(2026, 3, 1, 8), datetime(2026, 3, 5))


def test_the_period_before_is_as_long_and_ends_the_day_before(table: Maker) -> None:
    rows = week("2026-02-22", 1, 4) + week("2026-02-28", 0, 5) + week("2026-03-03", 6, 4) + week("2026-02-21", 50, 0)
    result = overview(table(rows), Filter(start="2026-03-01", end="2026-03-07"))
    assert result.previous is not None
    assert (result.previous.n, result.previous.first, result.previous.last) == (
        10,
        datetime(2026, 2, 22),
        datetime(2026, 2, 28),
    )
    assert result.changes is not None
    assert result.changes[0].value == pytest.approx(0.5)
    assert result.changes[0].low > 0


def test_undated_rows_are_not_in_the_period_before(table: Maker) -> None:
    rows = [*week("2026-02-25", 1, 1), *week("2026-03-03", 1, 1), {}]
    result = overview(table(rows), Filter(start="2026-03-01", end="2026-03-07", undated=True))
    assert result.previous is not None
    assert (result.now.n, result.previous.n) == (3, 2)


@pytest.mark.parametrize("chosen", [Filter(), Filter(start="0001-01-01", end="2026-03-07")])
def test_without_room_before_there_is_no_period_before(table: Maker, chosen: Filter) -> None:
    assert overview(table(week("2026-03-03", 1, 1)), chosen).previous is None


def test_choices_list_what_there_is_by_count(table: Maker) -> None:
    rows = [{"source": "微博", "rating": 1, "time": "2026-03-01"}, {"source": "京东", "rating": 5}, {"source": "京东"}]
    result = choices(table([*rows, {"label": -1, "source": "贴吧"}]))
    assert result.sources == (Choice("京东", 2), Choice("微博", 1))
    assert (result.n, result.undated, result.ratings) == (3, 2, (1.0, 5.0))
    assert (result.first_day, result.last_day) == ("2026-03-01", "2026-03-01")
    assert result.labels[1] == Choice("中性", 3)


def test_choices_are_cut_at_the_most_frequent_and_say_so(table: Maker) -> None:
    rows = [{"product": f"商品{i}"} for i in range(250)] + [{"product": "常见"}] * 2
    result = choices(table(rows))
    assert (len(result.products), result.distinct["products"], result.products[0].value) == (200, 251, "常见")


def test_choices_of_an_empty_table_are_empty(table: Maker) -> None:
    result = choices(table([]))
    assert (result.n, result.sources, result.ratings, result.first_day) == (0, (), None, None)
