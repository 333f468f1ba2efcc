"""Pictures and sentences of topics and of suspicious groups."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core import chart
from core.export import small_csv
from core.results import Difference, Flood, Floods, Frequency, Quote, Topic, Topics, TopicStep, Without
from core.schema import Filter, Share

START = datetime(2026, 3, 2)


def topics_of(share: Callable[..., Any], sizes: list[int], *, dated: bool = True) -> Topics:
    n = sum(sizes) + 10
    made = tuple(
        Topic(
            i + 1,
            f"话题<b>{i}</b>",
            ("快递", "太慢"),
            share(size, n),
            0.9 - 0.2 * i,
            tuple(TopicStep(START + timedelta(weeks=w), share(size // 4, n)) for w in range(4)) if dated else (),
        )
        for i, size in enumerate(sizes)
    )
    return Topics(
        Filter(), "topics_0123456789", made, share(10, n), n, ("负面",), 50, n, Frequency.WEEK if dated else None
    )


def flood(number: int, **changes: Any) -> Flood:
    values: dict[str, Any] = {
        "fast": False,
        "counts": (1, 0, 5),
        "copies": 6,
        "accounts": 0,
        "by_one": 0,
        "busiest": 0,
        "texts": 1,
        "similar": 1.0,
        "rating": math.nan,
        "first": None,
        "last": None,
        "rules": ("copies",),
        "quotes": (Quote(3, "a.csv", 5, "一模一样的一段话"),),
        **changes,
    }
    return Flood(number, **values)


def floods_of(share: Callable[..., Any], *groups: Flood) -> Floods:
    change = Difference(0.1, 0.05, 0.15, 0.01)
    rest = Without(share(6, 60), share(20, 60), share(19, 54), change)
    return Floods(Filter(), "floods_0123456789", groups, len(groups), rest, 50, 40, False, False)


def data_of(picture: Any) -> list[dict[str, Any]]:
    (found,) = (rows for rows in picture.to_dict()["datasets"].values() if len(rows) and "key" in rows[0])
    return list(found)


def test_each_topic_is_a_bar_with_interval_n_and_stability(share: Callable[..., Share]) -> None:
    data = data_of(chart.topics(topics_of(share, [60, 30])))
    assert [row["number"] for row in data] == [1, 2]
    assert data[0]["beside"] == f"{chart.format_share(share(60, 100))}  稳定"
    assert data[1]["beside"].endswith("一般")


def test_a_field_of_the_course_is_a_topic_in_a_step(share: Callable[..., Share]) -> None:
    data = data_of(chart.topic_course(topics_of(share, [60, 30])))
    assert len(data) == 8
    assert {row["level"] for row in data} == {1.0}  # in each step as much as always
    assert {row["start"] for row in data} == {"2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"}


def test_the_course_begins_with_the_first_day_however_many_days_there_are(share: Callable[..., Share]) -> None:
    steps = tuple(TopicStep(START + timedelta(days=d), share(9 if d < 2 else 1, 10)) for d in range(100))
    result = topics_of(share, [60])
    daily = replace(result, topics=(replace(result.topics[0], steps=steps),), frequency=Frequency.DAY)
    data = data_of(chart.topic_course(daily))
    assert len(data) == 34
    assert (data[0]["start"], data[0]["last"], data[0]["when"]) == ("2026-03-02", "2026-03-04", "2026-03-02 起 3 天")
    assert (data[0]["count"], data[-1]["count"], data[-1]["when"]) == (19, 1, "2026-06-09 起 一日")
    assert data[0]["level"] == pytest.approx((19 / 30) / (116 / 1000))
    assert "一格是 3 天" in json.dumps(chart.topic_course(daily).to_dict(), ensure_ascii=False)


@pytest.mark.parametrize("name", ["topics", "topic_course"])
def test_a_picture_encodes_only_what_its_data_hold(share: Callable[..., Share], name: str) -> None:
    picture = getattr(chart, name)(topics_of(share, [60, 30]))
    encoded = set(re.findall(r'"field": "(\w+)"', json.dumps(picture.to_dict())))
    assert encoded <= set(data_of(picture)[0])


def test_nothing_to_draw_is_no_picture(share: Callable[..., Share]) -> None:
    assert chart.topics(topics_of(share, [])) is None
    assert chart.topic_course(topics_of(share, [60], dated=False)) is None
    assert chart.floods(floods_of(share)) is None


def test_how_the_topics_were_made_is_said_with_the_sample(share: Callable[..., Share]) -> None:
    assert "从 100 条负面评论中均匀抽取的 50 条的用词里归纳出来" in chart.describe_topics(topics_of(share, [60, 30]))


def test_a_group_is_a_bar_by_label(share: Callable[..., Share]) -> None:
    data = data_of(chart.floods(floods_of(share, flood(1), flood(2, counts=(0, 3, 0)))))
    assert [(row["number"], row["label"], row["count"]) for row in data] == [
        (1, "负面", 1),
        (1, "正面", 5),
        (2, "中性", 3),
    ]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, "6 条文字完全相同"),
        ({"accounts": 1, "by_one": 6, "rules": ("account",)}, "来自 1 个昵称,一个昵称就发了 6 条"),
        ({"texts": 4, "similar": 0.9}, "几乎相同(平均相似度 90.0%,4 种写法)"),
        ({"fast": True, "busiest": 25}, "同一个昵称 1 小时内最多发了 25 条不同的评论"),
    ],
)
def test_a_reason_says_its_numbers(given: dict[str, Any], wanted: str) -> None:
    assert wanted in chart.describe_flood(flood(1, **given))


def test_leaving_them_out_is_said_with_both_shares(share: Callable[..., Share]) -> None:
    said = chart.describe_without(floods_of(share, flood(1)).without)
    assert chart.format_share(share(20, 60)) in said
    assert chart.format_share(share(19, 54)) in said


def test_the_numbers_can_be_taken_along(share: Callable[..., Share]) -> None:
    assert chart.numbers(topics_of(share, [60, 30]))["条数"].tolist() == [60, 30, 10]
    assert chart.numbers(floods_of(share, flood(1)))["原文"].tolist() == ["一模一样的一段话"]
    assert chart.numbers(floods_of(share)).empty


def test_the_course_of_the_topics_can_be_taken_along_with_every_step(share: Callable[..., Share]) -> None:
    table = chart.topic_steps(topics_of(share, [60, 30]))
    assert table["话题"].tolist() == ["话题<b>0</b>"] * 4 + ["话题<b>1</b>"] * 4
    assert table.loc[1, ["开始", "条数", "全部评论", "占比"]].tolist() == ["2026-03-09", 15, 100, 0.15]
    assert chart.topic_steps(topics_of(share, [60], dated=False)).empty


def test_the_topics_are_a_csv_file_though_the_rest_has_no_stability(share: Callable[..., Share]) -> None:
    lines = small_csv(chart.numbers(topics_of(share, [60, 30]))).decode("utf-8-sig").splitlines()
    assert lines[-1].startswith("其他,10,0.1,")
    assert lines[-1].endswith(",,,")
