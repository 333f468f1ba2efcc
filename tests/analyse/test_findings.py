"""The findings that matter most, on tables whose surplus is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from core.analyse import findings
from core.results import FindingKind
from core.schema import Col, Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]


def rows(negative: int, positive: int, **same: Any) -> list[dict[str, Any]]:
    bad = [{"label": 0, "p_negative": 0.9, "text": f"第{i}次用就坏了,很失望", **same} for i in range(negative)]
    return bad + [{"label": 2, "text": f"第{i}次用,还是很喜欢", **same} for i in range(positive)]


def numbered(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{Col.ROW: i, Col.TEXT_KEY: f"{row['text']}", **row} for i, row in enumerate(made)]


def test_a_table_without_rows_has_no_findings(table: Maker) -> None:
    result = findings(table([]), Filter())
    assert (result.findings, result.total.n, result.considered) == ((), 0, 0)


def test_what_differs_by_chance_only_is_no_finding(table: Maker) -> None:
    made = rows(10, 30, source="微博") + rows(11, 29, source="京东")
    assert findings(table(numbered(made)), Filter()).findings == ()


def test_a_product_is_ranked_by_its_negative_comments_beyond_those_of_the_rest(table: Maker) -> None:
    made = rows(60, 40, product="雨伞") + rows(30, 270, product="水杯") + rows(14, 6, product="夜灯")
    found = findings(table(numbered(made)), Filter()).findings
    assert [(f.kind, f.subject) for f in found] == [(FindingKind.PRODUCT, "雨伞"), (FindingKind.PRODUCT, "夜灯")]
    rest = (30 + 14) / 320
    assert found[0].expected == pytest.approx(rest)
    assert found[0].excess == pytest.approx((0.6 - rest) * 100)
    assert found[0].mark == Filter(products=("雨伞",))


def test_a_burst_of_days_is_a_finding_with_its_days(table: Maker) -> None:
    begin = datetime(2026, 3, 1)
    made: list[dict[str, Any]] = []
    for day in range(60):
        share = 45 if 50 <= day < 53 else 10
        made += rows(share, 100 - share, time=begin + timedelta(days=day, hours=3))
    found = findings(table(numbered(made)), Filter()).findings
    assert [(f.kind, f.subject) for f in found] == [(FindingKind.RISE, "2026-04-20 至 2026-04-22")]
    assert found[0].excess == pytest.approx(105, rel=0.2)


def test_two_names_of_the_same_comments_are_one_finding(table: Maker) -> None:
    made = rows(60, 40, source="论坛", product="雨伞", terms=["漏水"]) + rows(30, 270, source="商城", product="水杯")
    result = findings(table(numbered(made)), Filter())
    assert len(result.findings) == 1
    assert result.alike == result.considered - 1 > 0


def test_negative_comments_under_the_highest_rating_are_a_finding(table: Maker) -> None:
    made = rows(12, 88, rating=5.0) + rows(13, 87, rating=1.0)
    found = findings(table(numbered(made)), Filter()).findings
    assert [(f.kind, f.subject, f.share.count, f.share.n) for f in found] == [(FindingKind.STARS, "5", 12, 100)]


def test_an_aspect_that_is_blamed_more_than_the_others_is_a_finding(table: Maker) -> None:
    made = table(numbered(rows(50, 50)))
    mentions = pd.DataFrame(
        {"row": range(100), "aspect": ["物流"] * 40 + ["味道"] * 60, "label": [0] * 36 + [2] * 4 + [0] * 14 + [2] * 46}
    )
    made._connection.execute("CREATE TABLE mentions_0123456789 AS SELECT * FROM mentions")  # type: ignore[attr-defined]
    found = findings(made, Filter(), mentions="mentions_0123456789").findings
    assert [(f.kind, f.subject) for f in found] == [(FindingKind.ASPECT, "物流")]
    assert found[0].expected == pytest.approx(14 / 60)
    assert len(mentions) == 100


def test_quotes_are_rows_as_they_were_written_and_none_comes_twice(table: Maker) -> None:
    made = rows(60, 40, product="雨伞") + rows(30, 270, product="水杯")
    for row in made[:50]:
        row["text"] = "伞骨<b>断</b>了,第一次撑开就断了"
    quotes = findings(table(numbered(made)), Filter()).findings[0].quotes
    assert len({quote.text for quote in quotes}) == len(quotes) == 2
    assert {quote.text for quote in quotes} <= {row["text"] for row in made[:60]}
    assert all(quote.row_number == quote.row + 2 for quote in quotes)


def test_where_all_comments_are_long_the_surest_are_quoted_all_the_same(table: Maker) -> None:
    made = rows(60, 40, product="雨伞") + rows(30, 270, product="水杯")
    long = [{**row, "text": row["text"] + "太差了" * 100} for row in made]
    finding = findings(table(numbered(long)), Filter()).findings[0]
    assert [len(quote.text) > 300 for quote in finding.quotes] == [True, True]


def test_the_filter_holds_but_for_its_labels(table: Maker) -> None:
    made = rows(60, 40, product="雨伞", source="论坛") + rows(30, 270, product="水杯", source="商城")
    there = table(numbered(made))
    assert findings(there, Filter(labels=("正面",))).findings == findings(there, Filter()).findings
    assert findings(there, Filter(sources=("商城",))).findings == ()
