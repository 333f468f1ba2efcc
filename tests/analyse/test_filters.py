"""A filter keeps exactly the rows it describes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analyse import comments, overview, select, where
from core.errors import InputError
from core.schema import LABELS, Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]

DAYS = ["2026-02-28", "2026-03-01", "2026-03-02"]
ROWS = [
    {"time": "2026-02-28 23:59:59", "label": 0, "source": "微博", "rating": 1, "text": "屏幕碎了", "terms": ["屏幕"]},
    {"time": "2026-03-01 00:00:00", "label": 2, "source": "京东", "rating": 5, "text": "很 NICE", "product": "甲"},
    {"time": "2026-03-01 23:59:59", "label": 0, "source": "", "text": "不好用,50% 会坏_", "terms": ["不好用", "坏"]},
    {"time": "2026-03-02 00:00:00", "label": 1, "source": "it's", "confidence": 0.9, "file": "乙.xlsx"},
    {"time": pd.NaT, "label": 2, "needs_review": True, "confidence": 0.3, "rating": 3.5},
    {"time": "2026-03-01 12:00:00", "label": -1, "text": "", "confidence": float("nan")},
]


@pytest.fixture(scope="module")
def made(table: Maker) -> Table:
    return table(ROWS)


def kept(table: Table, chosen: Filter) -> list[int]:
    return [int(row) for row in comments(table, chosen).frame["row"]]


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        (Filter(), [0, 1, 2, 3, 4]),
        (Filter(start="2026-03-01"), [1, 2, 3]),
        (Filter(end="2026-03-01"), [0, 1, 2]),
        (Filter(start="2026-03-01", end="2026-03-01"), [1, 2]),
        (Filter(start="2026-03-01", end="2026-03-01", undated=True), [1, 2, 4]),
        (Filter(end="9999-12-31"), [0, 1, 2, 3]),
        (Filter(labels=("负面", "正面")), [0, 1, 2, 4]),
        (Filter(sources=("",)), [2, 4]),
        (Filter(sources=("it's",)), [3]),
        (Filter(products=("甲",)), [1]),
        (Filter(files=("乙.xlsx",)), [3]),
        (Filter(ratings=(1, 3.5)), [0, 4]),
        (Filter(confidence=(0.9, 1.0)), [3]),
        (Filter(review_only=True), [4]),
        (Filter(keyword="nice"), [1]),
        (Filter(keyword="50%"), [2]),
        (Filter(keyword="_"), [2]),
        (Filter(term="坏"), [2]),
        (Filter(term="好用"), []),
        (Filter(keyword="'; DROP VIEW comments; --"), []),
    ],
)
def test_a_filter_keeps_its_rows_and_a_selection_the_same(table: Maker, chosen: Filter, rows: list[int]) -> None:
    made = table(ROWS)
    assert kept(made, chosen) == rows
    assert overview(made, chosen).now.n == len(rows)
    assert [int(row) for row in comments(made, select(made, chosen)).frame["row"]] == rows


def test_a_selection_does_not_fall_over_rows_that_came_later(table: Maker) -> None:
    few, more = table(ROWS[:3]), table(ROWS + ROWS)
    assert overview(more, select(few, Filter(keyword="不好用"))).now.n == 1


def test_the_text_of_a_selection_can_serve_another_filter(table: Maker) -> None:
    made = table(ROWS)
    found = select(made, Filter(term="不好用"))
    assert overview(made, replace(found, filter=replace(found.filter, labels=("正面",)))).now.n == 0


LISTED = {"labels": LABELS, "sources": ("微博", "京东", "", "it's"), "files": ("评论.csv", "乙.xlsx")}


@settings(max_examples=40, deadline=None)
@given(
    start=st.none() | st.sampled_from(DAYS),
    end=st.none() | st.sampled_from(DAYS),
    undated=st.booleans(),
    ratings=st.none() | st.just((1.0, 4.0)),
    **{name: st.sets(st.sampled_from(values)).map(tuple) for name, values in LISTED.items()},
)
def test_conditions_are_joined_by_and(made: Table, **fields: Any) -> None:
    alone = [set(kept(made, Filter(**{name: value}))) for name, value in fields.items() if name in {*LISTED, "ratings"}]
    days = Filter(start=fields["start"], end=fields["end"], undated=fields["undated"])
    assert set(kept(made, Filter(**fields))) == set.intersection(set(kept(made, days)), *alone)


@pytest.mark.parametrize(
    ("chosen", "code"), [(Filter(labels=("愤怒",)), "N01"), (Filter(start="3月1日"), "N02"), (Filter(end="x"), "N02")]
)
def test_a_filter_that_cannot_be_is_refused(chosen: Filter, code: str) -> None:
    with pytest.raises(InputError, match=code):
        where(chosen)


def test_no_value_of_a_filter_stands_in_the_sql() -> None:
    sql, values = where(Filter(sources=("甲'--",), keyword="退款'", term='x"y', start="2026-03-01"))
    assert sql.count("?") == len(values)
    assert not any(word in sql for word in ("甲", "退款", 'x"y', "2026"))


@pytest.mark.parametrize("name", ["src:省份", 'src:a"b', "src:x; DROP VIEW comments"])
def test_any_column_of_the_file_can_be_asked_for_and_empty_is_a_value(table: Maker, name: str) -> None:
    made = table([{name: "广东"}, {name: None}, {name: "it's"}])
    assert kept(made, Filter(columns=((name, "广东"),))) == [0]
    assert kept(made, Filter(columns=((name, ""),))) == [1]
    assert kept(made, Filter(columns=((name, "it's"), (name, "广东")))) == []


def test_columns_of_ours_are_no_columns_of_the_file() -> None:
    with pytest.raises(InputError, match="N03"):
        where(Filter(columns=(("text", "x"),)))
