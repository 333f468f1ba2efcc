"""Which columns of a file sort its comments into kinds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.analyse.facets import facets, is_known
from core.metrics import wilson
from core.schema import Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]
ROWS = 240


def names(table: Table, chosen: Filter | None = None) -> list[str]:
    return [facet.name for facet in facets(table, chosen or Filter())]


def made(name: str, values: Callable[[int], str], **same: Callable[[int], Any]) -> list[dict[str, Any]]:
    return [{f"src:{name}": values(i), **{key: of(i) for key, of in same.items()}} for i in range(ROWS)]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("科室", lambda i: ("急诊科", "内科", "儿科")[i % 3]),
        ("门店编号", lambda i: f"{1001 + i % 4}"),
        ("App版本", lambda i: f"{7 + i % 3}.0"),
        ("系统", lambda i: f"{3 + i % 3}.2.{i % 2}"),
        ("年龄段", lambda i: ("18-24岁", "25-34岁", "35岁以上")[i % 3]),
        ("楼层", lambda i: f"{1 + i % 3}楼"),
        ("会员", lambda i: "是否"[i % 2]),
        # half of the comments need not say it
        ("投放渠道", lambda i: ("信息流", "搜索", "", "")[i % 4]),
    ],
)
def test_a_column_of_kinds_is_a_facet(table: Maker, name: str, values: Callable[[int], str]) -> None:
    assert names(table(made(name, values))) == [name]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("原因", lambda i: f"第{i}条写的话"),
        ("工号", lambda i: f"{1000 + i // 5}"),
        ("note_id", lambda i: f"519000000006335{i % 4}"),
        ("点赞", lambda i: f"{i % 3}"),
        ("退款金额", lambda i: f"{i % 4}9.90元"),
        ("日期", lambda i: f"2026-03-{1 + i % 9:02d}"),
        ("时段", lambda i: f"{8 + i % 9}:00"),
        ("星期", lambda i: "周" + "一二三四五六日"[i % 7]),
        ("总体", lambda i: ("满意", "不满意", "非常满意")[i % 3]),
        ("类型", lambda i: ("投诉", "咨询", "表扬")[i % 3]),
        ("服务满意度", lambda i: "高低"[i % 2]),
        ("情感", lambda i: ("负面", "其他", "正面")[i % 3]),
        ("省份", lambda i: "广东"),
        ("备用", lambda i: ""),
    ],
)
def test_what_sorts_nothing_measures_or_judges_is_no_facet(
    table: Maker, name: str, values: Callable[[int], str]
) -> None:
    assert names(table(made(name, values))) == []


def test_what_the_job_knows_as_product_or_day_is_known(table: Maker) -> None:
    first = datetime(2026, 3, 1)
    columns = made(
        "型号",
        lambda i: f"{'甲乙丙'[i % 3]}款",
        product=lambda i: f"{'甲乙丙'[i % 3]} 款",
        time=lambda i: first + timedelta(days=i % 4, minutes=i),
        **{"src:班次": lambda i: f"{'早中晚夜'[i % 4]}班", "src:品牌": lambda i: "甲" if i % 3 == 0 else "其他"},
    )
    there = table(columns)
    assert names(there) == ["型号", "班次", "品牌"]
    # 品牌 is coarser than the product: it says something of its own
    assert [is_known(there, Filter(), name) for name in names(there)] == [True, True, False]


def test_a_column_is_known_whatever_files_without_it_hold(table: Maker) -> None:
    shop = made("商品名称", lambda i: f"{'甲乙丙'[i % 3]}款", product=lambda i: f"{'甲乙丙'[i % 3]}款")
    takeaway = made("门店", lambda i: f"{'东西'[i % 2]}店", product=lambda i: f"{'面饭'[i // 120]}套餐")
    there = table(shop + takeaway)
    assert [(name, is_known(there, Filter(), name)) for name in names(there)] == [("商品名称", True), ("门店", False)]


def test_facets_and_their_shares_are_those_of_the_selection(table: Maker) -> None:
    columns = made(
        "科室",
        lambda i: ("急诊科", "内科")[i % 2] if i < 120 else "内科",
        source=lambda i: f"{i // 120}院",
        label=lambda i: 0 if i % 4 == 0 else 2,
    )
    there = table(columns)
    (facet,) = facets(there, Filter(sources=("0院",)))
    assert (facet.shares, facet.total) == ({"内科": wilson(0, 60), "急诊科": wilson(30, 60)}, wilson(30, 120))
    assert names(there, Filter(sources=("1院",))) == []


def test_a_table_without_rows_has_none(table: Maker) -> None:
    assert names(table([])) == []
