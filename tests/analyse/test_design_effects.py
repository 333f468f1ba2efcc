"""How much less the comments of a bucket say when some texts stand there again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.analyse import anomalies, design_effects, findings, select, trend
from core.results import Bucket, FindingKind, Frequency
from core.schema import Filter, Table

Maker = Callable[[list[dict[str, Any]]], Table]
START = datetime(2026, 3, 2)  # a Monday


def posts(day: int, texts: Sequence[int], **same: Any) -> list[dict[str, Any]]:
    """Texts of one day, each posted so many times."""
    return [
        {
            "time": START + timedelta(day, hours=i % 24),
            "clean_text": f"第{day}天写得够长的第{i}条评论,没有人会碰巧这样写",
            "text_key": f"{day}-{i}",
            **same,
        }
        for i, times in enumerate(texts)
        for _ in range(times)
    ]


def buckets_of(table: Table, frequency: Frequency = Frequency.DAY) -> Sequence[Bucket]:
    return trend(table, Filter(), frequency).buckets


def test_the_effect_is_that_of_the_sizes_of_the_texts(table: Maker) -> None:
    made = table([*posts(0, [1, 1, 1]), *posts(1, [5, 1, 1, 1, 1, 1]), *posts(2, [2, 2])])
    # (25 + 5) / 10 and (4 + 4) / 4
    assert design_effects(made, Filter())(Frequency.DAY, buckets_of(made)) == pytest.approx([1, 3, 2])


def test_a_text_of_two_days_is_a_voice_of_each(table: Maker) -> None:
    made = table([*posts(0, [1, 1], text_key="同"), *posts(1, [1, 1], text_key="同")])
    assert design_effects(made, Filter())(Frequency.DAY, buckets_of(made)) == pytest.approx([2, 2])
    assert design_effects(made, Filter())(Frequency.WEEK, buckets_of(made, Frequency.WEEK)) == pytest.approx([4])


def test_short_texts_that_many_people_write_are_voices_of_their_own(table: Maker) -> None:
    made = table(posts(0, [6], clean_text="好评"))
    assert design_effects(made, Filter())(Frequency.DAY, buckets_of(made)) == [1]


def test_only_the_comments_of_the_filter_and_of_the_buckets_asked_for_count(table: Maker) -> None:
    made = table([*posts(0, [4, 1], source="甲"), *posts(0, [9], source="乙"), *posts(1, [7], source="甲")])
    for chosen in (Filter(sources=("甲",)), select(made, Filter(sources=("甲",)))):
        asked = buckets_of(made)[:1]
        assert design_effects(made, chosen)(Frequency.DAY, asked) == pytest.approx([(16 + 1) / 5])


def flooded() -> list[dict[str, Any]]:
    """Sixty quiet days of four comments, and one negative text posted sixty times on one of them."""
    quiet = [{**row, "label": 0 if i % 4 == 0 else 2} for day in range(60) for i, row in enumerate(posts(day, [1] * 4))]
    return [*quiet, *posts(45, [60], label=0, text_key="刷屏")]


def test_a_trend_and_its_table_together_tell_copies_from_a_burst(table: Maker) -> None:
    made = table(flooded())
    shown = trend(made, Filter(), Frequency.DAY)
    assert anomalies(shown).episodes
    found = anomalies(shown, design_effects(made, Filter()))
    assert found.episodes == ()
    assert [bucket.start for bucket in found.copied] == [START + timedelta(45)]


def test_copies_of_a_text_are_no_rise_on_the_page_of_findings(table: Maker) -> None:
    made = table([{**row, "row": i} for i, row in enumerate(flooded())])
    assert not [one for one in findings(made, Filter()).findings if one.kind is FindingKind.RISE]
