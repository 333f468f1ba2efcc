"""The samples go through read and clean as data/samples/README.md promises."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from core.clean import clean
from core.read import inspect, read
from core.schema import CleanOptions, Col, Reason, Status, TableSource

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
OPTIONS = CleanOptions(reference_time=datetime(2026, 11, 16))


def table(name: str) -> TableSource:
    (found,) = inspect([SAMPLES / name])
    return found


def comments(name: str) -> pd.DataFrame:
    source = table(name)
    (chunk,) = read(source, chunk_rows=5000)
    return clean(chunk, source.mapping, OPTIONS, first_row=0)


@pytest.mark.parametrize(
    ("name", "text", "time", "source"),
    [
        ("weibo_comments.csv", "content", "create_date_time", "微博"),
        ("shop_reviews_gbk.csv", "评价内容", "评价时间", ""),
        ("takeaway_reviews.csv", "评论用户内容", "评论时间", "美团"),
        ("hotel_reviews.xlsx", "点评内容", "点评时间", ""),
        ("notes.jsonl", "content", "published_at", ""),
        ("service_dialogue.csv", "内容", "时间", ""),
        ("labelled.csv", "text", None, ""),
    ],
)
def test_the_columns_of_each_sample_are_found_unaided(name: str, text: str, time: str | None, source: str) -> None:
    found = table(name)
    assert (found.mapping.text, found.mapping.time, found.default_source) == ((text,), time, source)


@pytest.mark.parametrize(
    ("name", "undated", "blank", "rejected"),
    [
        ("weibo_comments.csv", 0, 20, 0),  # 18 bare reposts, 2 pictures
        ("takeaway_reviews.csv", 0, 14, 0),  # stars without a word
        ("hotel_reviews.xlsx", 3, 1, 1),  # undated: a lost date, the empty line, the total, which is no comment
        ("notes.jsonl", 1, 0, 1),  # the cut-off line
        ("service_dialogue.csv", 0, 0, 0),
    ],
)
def test_undated_blank_and_rejected_rows_are_as_many_as_were_put_in(
    name: str, undated: int, blank: int, rejected: int
) -> None:
    frame = comments(name)
    counts = frame[Col.STATUS].value_counts()
    assert int(frame[Col.TIME].isna().sum()) == undated
    assert (counts.get(Status.BLANK, 0), counts.get(Status.REJECTED, 0)) == (blank, rejected)


def test_default_reviews_of_the_shop_are_told_from_written_ones() -> None:
    reasons = comments("shop_reviews_gbk.csv")[Col.REASON].value_counts()
    assert reasons[Reason.DEFAULT_TEXT] == 183
    assert reasons[Reason.EMPTY] == 2


def test_damaged_order_numbers_are_reported() -> None:
    assert any("订单编号" in note for note in table("shop_reviews_gbk.csv").notes)


def test_every_dated_comment_lies_in_the_fifteen_weeks_of_the_story() -> None:
    for name in ("weibo_comments.csv", "shop_reviews_gbk.csv", "takeaway_reviews.csv", "hotel_reviews.xlsx"):
        times = comments(name)[Col.TIME].dropna()
        assert datetime(2026, 8, 3) <= times.min() <= times.max() < datetime(2026, 11, 16)


def test_the_stars_of_a_takeaway_export_come_as_stars() -> None:
    """Meituan writes five stars as 50."""
    ratings = comments("takeaway_reviews.csv")[Col.RATING].dropna()
    assert (ratings.min(), ratings.max()) == (1.0, 5.0)
