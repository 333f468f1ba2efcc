"""Comments over time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.analyse import overview, trend, wilson
from core.results import Frequency
from core.schema import Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]


def at(*times: str, label: int = 0) -> list[dict[str, Any]]:
    return [{"time": time, "label": label} for time in times]


def test_no_dated_row_gives_no_bucket_and_counts_the_undated(table: Maker) -> None:
    result = trend(table([{}, {}]), Filter())
    assert (result.buckets, result.n, result.undated) == ((), 0, 2)


def test_buckets_hold_their_counts_and_the_negative_share(table: Maker) -> None:
    rows = at("2026-03-01 00:00", "2026-03-01 23:59:59") + at("2026-03-01 12:00", label=2)
    (bucket,) = trend(table(rows), Filter(), Frequency.DAY).buckets
    assert bucket.counts == (2, 0, 1)
    assert bucket.negative == wilson(2, 3)


def test_days_without_a_comment_are_there_and_empty(table: Maker) -> None:
    result = trend(table(at("2026-02-27", "2026-03-02")), Filter(), Frequency.DAY)
    assert [bucket.n for bucket in result.buckets] == [1, 0, 0, 1]


def test_weeks_start_on_monday(table: Maker) -> None:
    result = trend(table(at("2026-03-01 23:00", "2026-03-02 00:00")), Filter(), Frequency.WEEK)
    assert [bucket.start for bucket in result.buckets] == [datetime(2026, 2, 23), datetime(2026, 3, 2)]
    assert [bucket.n for bucket in result.buckets] == [1, 1]


@pytest.mark.parametrize(
    ("frequency", "starts"),
    [
        (Frequency.HOUR, [datetime(2025, 12, 31, 23), datetime(2026, 1, 1, 0)]),
        (Frequency.MONTH, [datetime(2025, 12, 1), datetime(2026, 1, 1)]),
        (Frequency.YEAR, [datetime(2025, 1, 1), datetime(2026, 1, 1)]),
    ],
)
def test_buckets_follow_the_calendar(table: Maker, frequency: Frequency, starts: list[datetime]) -> None:
    result = trend(table(at("2025-12-31 23:59", "2026-01-01 00:00")), Filter(), frequency)
    assert [bucket.start for bucket in result.buckets] == starts
    assert result.buckets[0].end == starts[1]


@pytest.mark.parametrize(
    ("last", "comments", "frequency"),
    [
        ("2026-01-03", 48 * 30, Frequency.HOUR),
        ("2026-03-01", 59 * 30, Frequency.DAY),
        ("2026-03-01", 58 * 30, Frequency.WEEK),  # a day would hold fewer than 30
        ("2027-01-01", 53 * 30, Frequency.WEEK),
        ("2033-01-01", 86 * 30, Frequency.MONTH),
        ("2060-01-01", 2000, Frequency.YEAR),
    ],
)
def test_the_automatic_frequency_is_the_finest_that_is_not_noise(
    table: Maker, last: str, comments: int, frequency: Frequency
) -> None:
    rows = at(*["2026-01-01"] * (comments - 1), last)
    assert trend(table(rows), Filter()).frequency is frequency


def test_few_comments_are_shown_over_at_least_eight_buckets(table: Maker) -> None:
    assert trend(table(at("2026-01-01", "2026-04-15")), Filter()).frequency is Frequency.WEEK
    assert trend(table(at("2026-01-01 08:00", "2026-01-01 20:00")), Filter()).frequency is Frequency.HOUR


def test_one_wrong_year_does_not_make_a_hundred_thousand_buckets(table: Maker) -> None:
    result = trend(table(at("1970-01-01", "2026-03-01")), Filter(), Frequency.HOUR)
    assert (result.frequency, result.asked) == (Frequency.WEEK, Frequency.HOUR)
    assert result.n == 2


def test_the_last_day_of_the_calendar_is_no_trap(table: Maker) -> None:
    assert trend(table(at("9999-12-31 23:30")), Filter(), Frequency.MONTH).n == 1


def test_all_rows_stand_in_a_bucket_or_are_undated(table: Maker) -> None:
    rows = at("2026-03-01", "2026-03-09", label=2) + [{}] * 3 + at("2026-03-04")
    result = trend(table(rows), Filter(), Frequency.WEEK)
    assert sum(bucket.n for bucket in result.buckets) + result.undated == len(rows)


@pytest.mark.parametrize("frequency", [None, Frequency.DAY, Frequency.WEEK])
def test_known_totals_change_nothing(table: Maker, frequency: Frequency | None) -> None:
    rows = table([*at("2026-02-27 10:00", "2026-03-02", "2026-03-09 23:00", label=2), *at("2026-03-05"), {}])
    for chosen in (Filter(), Filter(labels=("负面",)), Filter(start="2026-03-03"), Filter(keyword="没有这个词")):
        totals = overview(rows, chosen).now
        assert trend(rows, chosen, frequency, totals=totals) == trend(rows, chosen, frequency)
