"""Groups side by side."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.analyse import MONTH, compare, difference, ranks, wilson
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


def test_rows_without_a_value_can_be_left_out_of_both_sides(table: Maker) -> None:
    rows = (
        group(30, 10, source="微博") + group(10, 40, source="京东") + group(5, 5, source="") + group(5, 5, source=" ")
    )
    result = compare(table(rows), Filter(), Col.SOURCE, unnamed=False)
    assert [(g.name, g.n) for g in result.groups] == [("京东", 50), ("微博", 40)]
    assert result.groups[1].difference == difference(wilson(30, 40), wilson(10, 50))
    assert result.total == wilson(40, 90)


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


LONG = "第{}条写得足够长的评论文字,不会有人凑巧写得一样"


def texts(*copies: int, label: int = 0, long: bool = True, **same: Any) -> list[dict[str, Any]]:
    """So many copies of each of some texts."""
    names = [LONG.format(i) if long else f"好评{i}" for i in range(len(copies))]
    return [
        {"label": label, Col.TEXT_KEY: f"{label}{name}", Col.CLEAN_TEXT: name, **same}
        for name, m in zip(names, copies, strict=True)
        for _ in range(m)
    ]


def test_copies_of_a_text_make_intervals_wider_and_p_larger(table: Maker) -> None:
    # 10 texts of ten copies each: the design effect is (10 x 100) / 100 = 10
    rows = texts(*[10] * 10, source="微博") + texts(*[1] * 40, label=2, source="京东")
    first, second = compare(table(rows), Filter(), Col.SOURCE).groups
    shares = {g.name: g.shares[0] for g in (first, second)}
    assert shares["微博"] == wilson(100, 100, 10)
    assert shares["京东"] == wilson(0, 40)
    assert {g.name: g.once for g in (first, second)} == {"微博": 10, "京东": 40}
    assert first.difference.p == pytest.approx(difference(wilson(10, 10), wilson(0, 40)).p)


def test_copies_elsewhere_make_the_rest_say_less(table: Maker) -> None:
    rows = texts(*[1] * 40, source="微博") + texts(20, 1, label=2, source="京东") + texts(20, label=2, source="天猫")
    group = next(g for g in compare(table(rows), Filter(), Col.SOURCE).groups if g.name == "微博")
    # of one text 20 copies stand in each of two sources: 40 of the other 41 rows say one thing
    effect = (40**2 + 1) / 41
    assert group.difference == difference(wilson(40, 40), wilson(0, 41, effect), (1.0, effect))


def test_short_texts_that_many_people_write_are_no_copies(table: Maker) -> None:
    rows = texts(20, 20, long=False, source="微博") + texts(*[1] * 40, label=2, source="京东")
    groups = compare(table(rows), Filter(), Col.SOURCE).groups
    assert {g.name: (g.once, g.shares[0]) for g in groups} == {
        "微博": (40, wilson(40, 40)),
        "京东": (40, wilson(0, 40)),
    }


@pytest.mark.parametrize(
    ("authors", "once"),
    [(["小明"] * 40, 2), ([f"用户{i}" for i in range(40)], 40), (["匿名用户"] * 40, 40), ([""] * 40, 40)],
)
def test_short_texts_of_one_author_are_copies_unless_many_people_share_the_name(
    table: Maker, authors: list[str], once: int
) -> None:
    rows = texts(20, 20, long=False, source="微博") + texts(*[1] * 40, label=2, source="京东")
    written = [{**row, Col.AUTHOR: name} for row, name in zip(rows, [*authors, *[""] * 40], strict=True)]
    groups = {g.name: g for g in compare(table(written), Filter(), Col.SOURCE).groups}
    assert groups["微博"].once == once
    assert groups["微博"].shares[0] == wilson(40, 40, 40 / once)


def test_groups_alike_are_seldom_called_different_however_often_some_texts_are_copied(table: Maker) -> None:
    random = np.random.default_rng(4)
    alarms = 0
    for _ in range(20):
        rows: list[dict[str, Any]] = []
        while len(rows) < 1500:
            m = 1 if random.random() < 0.95 else int(random.integers(20, 60))
            text = LONG.format(len(rows))
            row = {"label": 2 * int(random.random() > 0.2), Col.PRODUCT: str(random.integers(0, 6))}
            rows += [{**row, Col.TEXT_KEY: text, Col.CLEAN_TEXT: text}] * m
        alarms += any(g.p_adjusted < 0.05 for g in compare(table(rows), Filter(), Col.PRODUCT).groups)
    assert alarms <= 4


def test_ranks_take_copies_into_account_too(table: Maker) -> None:
    days = (Filter(start="2026-01-01", end="2026-01-31"), Filter(start="2026-02-01", end="2026-02-28"))
    rows = []
    for month in (1, 2):
        same = {"time": f"2026-{month:02d}-10"}
        rows += texts(*[1] * 20, source="微博", **same) + texts(*[1] * 20, label=2, source="微博", **same)
        rows += texts(20, source="京东", **same) + texts(20, label=2, source="京东", **same)
    found = {line.name: line for line in ranks(table(rows), Filter(), Col.SOURCE, *days).lines}
    assert found["微博"].after == wilson(20, 40)
    assert found["京东"].after == wilson(20, 40, 20)
