"""Numbers and filters as people read them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chart import caption, describe_filter, format_bucket, format_change, format_share
from core.chart.text import text_width, wrap
from core.results import Bucket, Difference, Frequency
from core.schema import Filter, Share


def test_a_share_is_written_as_the_house_does(share: Callable[..., Share]) -> None:
    assert format_share(Share(730, 3120, 0.234, 0.219, 0.25)) == "23.4% (21.9–25.0, n=3,120)"
    assert format_share(share(0, 0)) == "– (n=0)"


def test_a_change_without_rows_is_a_dash() -> None:
    assert format_change(Difference(math.nan, math.nan, math.nan, math.nan)) == "–"


@pytest.mark.parametrize(
    ("frequency", "end", "said"),
    [
        (Frequency.HOUR, datetime(2026, 3, 2, 10), "2026-03-02 09:00–10:00"),
        (Frequency.DAY, datetime(2026, 3, 3), "2026-03-02"),
        (Frequency.WEEK, datetime(2026, 3, 9), "2026-03-02 至 2026-03-08"),
        (Frequency.MONTH, datetime(2026, 4, 1), "2026-03"),
        (Frequency.YEAR, datetime(2027, 1, 1), "2026"),
    ],
)
def test_a_bucket_is_named_by_its_time(
    share: Callable[..., Share], frequency: Frequency, end: datetime, said: str
) -> None:
    start = datetime(2026, 3, 2, 9) if frequency is Frequency.HOUR else datetime(2026, 3, 2)
    assert format_bucket(Bucket(start, end, (0, 0, 0), share(0, 0)), frequency) == said


def test_every_condition_of_a_filter_is_said() -> None:
    chosen = Filter(
        start="2026-03-01",
        end="2026-03-31",
        undated=True,
        labels=("负面",),
        sources=("微博", "", "京东", "抖音"),
        products=("手机",),
        files=("a.csv",),
        ratings=(1, 2.5),
        keyword="退款",
        term="不好用",
        confidence=(0.5, 1),
        review_only=True,
    )
    said = "\n".join(describe_filter(chosen))
    for part in ("2026-03-01 至 2026-03-31,含无日期", "负面", "微博、未填写、京东 等 4 个", "手机", "a.csv", "1–2.5"):
        assert part in said
    for part in ("“退款”", "“不好用”", "0.5–1", "需复核"):
        assert part in said


def test_a_caption_always_says_n_and_what_was_filtered() -> None:
    assert caption(0, Filter()) == "n=0 条 · 全部评论"
    assert caption(1234, Filter(end="2026-03-01"), "", "另有 2 条") == "n=1,234 条 · 2026-03-01 止 · 另有 2 条"


@given(st.text(max_size=80), st.floats(2, 40))
def test_wrapping_loses_no_text_and_keeps_to_the_width(text: str, width: float) -> None:
    lines = wrap(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line) <= width for line in lines)


def test_accents_and_joiners_take_no_room_of_their_own() -> None:
    assert text_width("e\u0301") == text_width("e")
    assert text_width("好\u200b") == 1.0


def test_a_stretch_of_one_day_and_of_one_rating_are_said_once() -> None:
    assert describe_filter(Filter(start="2026-11-16", end="2026-11-16", ratings=(5.0, 5.0))) == ["2026-11-16", "评分 5"]
    assert describe_filter(Filter(ratings=(4.0, 5.0))) == ["评分 4–5"]


def test_a_long_name_in_a_filter_is_shortened_in_its_middle() -> None:
    (said,) = describe_filter(Filter(products=("某" * 60 + "甲",)))
    assert len(said) < 30
    assert said.endswith("甲")
