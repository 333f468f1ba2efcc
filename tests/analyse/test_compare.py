"""Groups side by side."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from core.analyse import MONTH, compare, difference, wilson
from core.errors import InputError
from core.schema import POSITIVE, Col, Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]


def group(negative: int, positive: int, **same: Any) -> list[dict[str, Any]]:
    return [{"label": 0, **same}] * negative + [{"label": 2, **same}] * positive


def test_a_group_is_held_against_all_the_others(table: Maker) -> None:
    rows = group(30, 10, source="微博") + group(10, 40, source="京东") + group(5, 5, source="")
    result = compare(table(rows), Filter(), Col.SOURCE)
    assert [(g.name, g.n) for g in result.groups] == [("京东", 50), ("微博", 40), ("", 10)]
    assert result.groups[1].difference == difference(wilson(30, 40), wilson(15, 60))
    assert result.total == wilson(45, 100)


def test_p_values_are_corrected_over_the_listed_groups(table: Maker) -> None:
    rows = group(30, 10, source="微博") + group(10, 40, source="京东") + group(5, 5, source="贴吧")
    by_name = {g.name: g for g in compare(table(rows), Filter(), Col.SOURCE).groups}
    assert by_name["京东"].p_adjusted == pytest.approx(3 * by_name["京东"].difference.p)
    assert by_name["贴吧"].p_adjusted == pytest.approx(by_name["贴吧"].difference.p)


def test_the_other_label_can_be_compared(table: Maker) -> None:
    result = compare(table(group(1, 3, source="微博")), Filter(), Col.SOURCE, label=POSITIVE)
    assert result.total == wilson(3, 4)


def test_a_single_group_has_nothing_to_be_compared_with(table: Maker) -> None:
    (only,) = compare(table(group(3, 3, file="甲.csv")), Filter(), Col.FILE).groups
    assert math.isnan(only.difference.value)
    assert math.isnan(only.p_adjusted)


def test_ratings_go_by_value_and_months_by_time(table: Maker) -> None:
    rows = [{"rating": 10, "time": "2026-03-01"}, {"rating": 9.5, "time": "2025-12-01"}, {"rating": 2}, {}]
    made = table(rows)
    assert [g.name for g in compare(made, Filter(), Col.RATING).groups] == ["2", "9.5", "10", ""]
    assert [g.name for g in compare(made, Filter(), MONTH).groups] == ["2025-12", "2026-03", ""]


def test_of_many_months_the_latest_are_listed(table: Maker) -> None:
    rows = [{"time": f"20{year}-01-15"} for year in range(10, 30)]
    result = compare(table(rows), Filter(), MONTH, limit=3)
    assert [g.name for g in result.groups] == ["2027-01", "2028-01", "2029-01"]
    assert result.groups_in_all == 20


def test_of_many_groups_the_largest_are_listed_and_the_total_is_over_all(table: Maker) -> None:
    rows = [row for i in range(1, 41) for row in group(i, 0, product=f"商品{i}")]
    result = compare(table(rows), Filter(), Col.PRODUCT, limit=5)
    assert [g.name for g in result.groups] == [f"商品{i}" for i in range(40, 35, -1)]
    assert (result.groups_in_all, result.total.n) == (40, 820)


@pytest.mark.parametrize("name", ["省份", 'a"b', "a; DROP VIEW comments", "列 1", "label"])
def test_any_column_of_the_file_can_be_compared(table: Maker, name: str) -> None:
    made = table([{f"src:{name}": "广东"}, {f"src:{name}": None}, {f"src:{name}": "广东"}])
    assert [(g.name, g.n) for g in compare(made, Filter(), f"src:{name}").groups] == [("广东", 2), ("", 1)]


@pytest.mark.parametrize("by", ["src:不存在", "text", "1) --", ""])
def test_what_is_no_column_is_refused(table: Maker, by: str) -> None:
    with pytest.raises(InputError, match="N03"):
        compare(table([{"src:省份": "广东"}]), Filter(), by)


def test_nothing_to_compare_is_an_empty_result(table: Maker) -> None:
    result = compare(table([]), Filter(), Col.SOURCE)
    assert (result.groups, result.total.n, result.groups_in_all) == ((), 0, 0)


def test_the_mean_rating_stands_beside_the_share(table: Maker) -> None:
    (only,) = compare(table([{"rating": 2}, {"rating": 3}, {}]), Filter(), Col.SOURCE).groups
    assert only.mean_rating == 2.5
