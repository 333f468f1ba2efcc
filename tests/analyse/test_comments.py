"""Pages of comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.analyse import ORDERS, PAGE_COLUMNS, comment, comments
from core.errors import InputError
from core.schema import Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]

ROWS = [
    {"text": "一", "confidence": 0.5, "time": "2026-03-03", "src:订单号": "0012345678901234567"},
    {"text": "二", "confidence": 0.9, "time": "2026-03-01"},
    {"text": "三", "confidence": 0.9},
    {"text": "四", "confidence": float("nan"), "label": -1},
]


def texts(table: Table, **how: Any) -> list[str]:
    return list(comments(table, Filter(), **how).frame["text"])


def test_pages_together_are_the_whole_in_order(table: Maker) -> None:
    made = table([{"text": str(i), "confidence": (i * 7 % 10) / 10} for i in range(23)])
    whole = texts(made, order="confidence", descending=True, limit=100)
    parts = [texts(made, order="confidence", descending=True, limit=5, offset=start) for start in range(0, 25, 5)]
    assert [text for part in parts for text in part] == whole
    assert len(set(whole)) == 23


def test_equal_rows_keep_the_order_of_the_file_and_empty_values_come_last(table: Maker) -> None:
    made = table(ROWS)
    assert texts(made, order="confidence", descending=True) == ["二", "三", "一"]
    assert texts(made, order="time") == ["二", "一", "三"]
    assert texts(made, order="time", descending=True) == ["一", "二", "三"]


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_works(table: Maker, order: str) -> None:
    assert len(texts(table(ROWS), order=order)) == 3


def test_past_the_end_lies_an_empty_page_with_the_total(table: Maker) -> None:
    page = comments(table(ROWS), Filter(), offset=10)
    assert (len(page.frame), page.total, tuple(page.frame.columns)) == (0, 3, PAGE_COLUMNS)


def test_unscored_rows_can_be_listed(table: Maker) -> None:
    assert comments(table(ROWS), Filter(), scored_only=False).total == 4


def test_columns_of_the_file_can_be_shown(table: Maker) -> None:
    page = comments(table(ROWS), Filter(), columns=["src:订单号", "label"])
    assert tuple(page.frame.columns) == ("src:订单号", "label")
    assert page.frame["src:订单号"].iloc[0] == "0012345678901234567"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"order": "text; DROP VIEW comments"}, "N03"),
        ({"columns": ["src:没有"]}, "N03"),
        ({"limit": -1}, "N04"),
        ({"offset": -1}, "N04"),
    ],
)
def test_what_cannot_be_is_refused(table: Maker, how: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError, match=code):
        comments(table(ROWS), Filter(), **how)


def test_one_comment_comes_with_everything(table: Maker) -> None:
    found = comment(table(ROWS), 0)
    assert found is not None
    assert (found["text"], found["src:订单号"]) == ("一", "0012345678901234567")


def test_there_is_no_comment_beyond_the_last(table: Maker) -> None:
    assert comment(table(ROWS), 99) is None
