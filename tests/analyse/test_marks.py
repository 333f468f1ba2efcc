"""From a mark of a chart to the comments behind it."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.analyse import MONTH, mark_of_bucket, mark_of_episode, mark_of_group, narrow, trend, wilson
from core.results import Episode, Frequency
from core.schema import Col, Filter

EVERYTHING = Filter()


def test_no_mark_leaves_the_filter_as_it_is() -> None:
    chosen = Filter(start="2026-03-01", labels=("负面",), ratings=(1.0, 2.0))
    assert narrow(chosen, Filter()) == chosen


def test_a_week_that_reaches_beyond_the_filter_is_cut_to_it() -> None:
    chosen = Filter(start="2026-03-04", end="2026-03-31", undated=True)
    found = narrow(chosen, Filter(start="2026-03-02", end="2026-03-08"))
    assert (found.start, found.end, found.undated) == ("2026-03-04", "2026-03-08", False)


def test_ratings_of_filter_and_mark_are_both_kept() -> None:
    assert narrow(Filter(ratings=(1, 3)), Filter(ratings=(2, 5))).ratings == (2, 3)


def test_a_word_is_added_to_what_is_filtered() -> None:
    found = narrow(Filter(sources=("微博",), keyword="耳机"), Filter(term="断连"))
    assert (found.sources, found.keyword, found.term) == (("微博",), "耳机", "断连")


@pytest.mark.parametrize(
    ("frequency", "start", "first", "last"),
    [
        (Frequency.DAY, "2026-03-02T00:00:00", "2026-03-02", "2026-03-02"),
        (Frequency.WEEK, "2026-03-02T00:00:00", "2026-03-02", "2026-03-08"),
        (Frequency.MONTH, "2026-03-01T00:00:00", "2026-03-01", "2026-03-31"),
        (Frequency.HOUR, "2026-03-02T10:00:00", "2026-03-02", "2026-03-02"),
    ],
)
def test_a_bucket_stands_for_its_days(table, frequency: Frequency, start: str, first: str, last: str) -> None:  # type: ignore[no-untyped-def]
    result = trend(table([{Col.TIME: datetime(2026, 3, 2, 10, 30)}]), EVERYTHING, frequency)
    mark = mark_of_bucket(result, start)
    assert mark == Filter(start=first, end=last)


@pytest.mark.parametrize("start", ["2026-03-03T00:00:00", "gestern", ""])
def test_a_bucket_that_is_not_there_is_no_mark(table, start: str) -> None:  # type: ignore[no-untyped-def]
    result = trend(table([{Col.TIME: datetime(2026, 3, 2)}]), EVERYTHING, Frequency.DAY)
    assert mark_of_bucket(result, start) is None


def test_a_column_of_the_file_narrows_beside_another_one() -> None:
    chosen, mark = Filter(columns=(("src:省份", "广东"),)), Filter(columns=(("src:版本", "2"),))
    assert narrow(chosen, mark).columns == (("src:省份", "广东"), ("src:版本", "2"))


def test_groups_become_filters_where_a_filter_can_say_it() -> None:
    assert mark_of_group(Col.SOURCE, "") == Filter(sources=("",))
    assert mark_of_group(MONTH, "2026-02") == Filter(start="2026-02-01", end="2026-02-28")
    assert mark_of_group(Col.RATING, "4.5") == Filter(ratings=(4.5, 4.5))
    assert mark_of_group(Col.AUTHOR, "某人") == Filter(columns=((Col.AUTHOR, "某人"),))
    assert mark_of_group(MONTH, "") is None


def test_an_abnormal_stretch_stands_for_its_days() -> None:
    days = Episode(datetime(2026, 3, 1), datetime(2026, 3, 4), (), 1, wilson(1, 1), 0.1, ())
    assert mark_of_episode(days) == Filter(start="2026-03-01", end="2026-03-03")
    hours = Episode(datetime(2026, 3, 1, 22), datetime(2026, 3, 2), (), 1, wilson(1, 1), 0.1, ())
    assert mark_of_episode(hours) == Filter(start="2026-03-01", end="2026-03-01")
    late = Episode(datetime(2026, 3, 1, 22), datetime(2026, 3, 2, 1), (), 1, wilson(1, 1), 0.1, ())
    assert mark_of_episode(late) == Filter(start="2026-03-01", end="2026-03-02")
