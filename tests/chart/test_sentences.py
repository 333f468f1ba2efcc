"""Abnormal buckets in whole sentences, whose numbers add up."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

import pytest

from core import chart
from core.metrics import Estimate, wilson
from core.results import (
    Anomalies,
    Bucket,
    Cause,
    Difference,
    Driver,
    Episode,
    Frequency,
    GroupShift,
    History,
    Quote,
    Shift,
    Trend,
    Verdict,
)
from core.schema import Filter

START = datetime(2026, 3, 2)


def verdict(day: int = 0, *, abnormal: int = 1, span: int = 1, history: History = History.PAST) -> Verdict:
    start = START + timedelta(day)
    bucket = Bucket(start, start + timedelta(1), (45, 0, 75), wilson(45, 120))
    return Verdict(bucket, 0.2, 0.125, 0.3012, 4.2, span, abnormal, history)


def shift(*, mix: float = 0.051, within: float = 0.124, **more: object) -> Shift:
    parts = {
        "before": wilson(200, 1000),
        "after": wilson(45, 120),
        "mix": Estimate(mix, mix - 0.01, mix + 0.01),
        "within": Estimate(within, within - 0.02, within + 0.02),
        "cause": Cause.BOTH,
        "groups": (),
        "drivers": (
            Driver("断连", 12, 25, 3.0, 12, 0.001),
            Driver("起火", 9, 0, 0.0, 9, 0.002),
            Driver("退货", 9, 60, 7.2, 9, 0.9),
        ),
        "quotes": (Quote(4, "a.csv", 6, "又断连了"), Quote(8, "a.csv", 10, "断连,退货")),
    }
    return Shift(filter=Filter(), **(parts | more))  # type: ignore[arg-type]


def test_a_normal_bucket_needs_no_words() -> None:
    assert chart.describe_verdict(verdict(abnormal=0, span=0), Frequency.DAY) == ""


def test_a_bucket_is_said_with_share_counts_expectation_and_limits() -> None:
    assert chart.describe_verdict(verdict(), Frequency.DAY) == (
        "负面占比 37.5%(45/120 条),高于预期的 20.0%(正常范围 12.5%–30.1%)。"
    )


def test_a_fall_and_a_rise_of_several_buckets_are_said_as_such() -> None:
    assert "低于预期的 20.0%" in chart.describe_verdict(verdict(abnormal=-1), Frequency.DAY)
    assert "最近 5 天的负面占比合起来偏高" in chart.describe_verdict(verdict(span=5), Frequency.DAY)
    assert "最近 3 周的" in chart.describe_verdict(verdict(span=3), Frequency.WEEK)


def test_too_little_history_is_said() -> None:
    assert chart.describe_verdict(verdict(history=History.AROUND), Frequency.DAY).endswith("也参照了后面的数据。")


@pytest.mark.parametrize(("mix", "within"), [(0.051, 0.124), (0.0049, 0.1701), (-0.03, 0.205), (0.0875, 0.0875)])
def test_the_points_add_up_as_they_are_written(mix: float, within: float) -> None:
    said = chart.describe_shift(shift(mix=mix, within=within))
    (whole,) = re.findall(r"高 ([\d.]+) 个百分点", said)
    inner, outer = (float(points.replace("−", "-")) for points in re.findall(r"变了 ([+−][\d.]+)", said))
    assert round(inner + outer, 1) == float(whole) == 17.5


def test_the_words_and_rows_are_named_but_no_comment_is_quoted() -> None:
    said = chart.describe_shift(shift())
    assert "比平时明显多的词:断连(12 条,平时约 3 条)、起火(9 条,平时没有)。" in said
    assert "典型的负面评论:第 6、10 行。" in said
    assert "又断连了" not in said


def test_words_that_may_be_chance_are_called_so() -> None:
    said = chart.describe_shift(shift(drivers=(Driver("偏小", 18, 90, 9.5, 18, 0.3),)))
    assert "多出最多的词:偏小(18 条,平时约 10 条);单看哪一个都可能是偶然。" in said
    assert "明显多" not in said


def test_a_word_of_one_text_posted_often_says_how_often_without_copies() -> None:
    said = chart.describe_shift(shift(drivers=(Driver("秒杀", 20, 0, 0.0, 1, 0.9),)))
    assert "多出最多的词:秒杀(20 条,重复的文字只算一次是 1 条,平时没有);单看哪一个都可能是偶然。" in said


def test_rows_of_several_files_bear_their_file() -> None:
    quotes = (Quote(4, "a.csv", 6, ""), Quote(8, "b.csv", 2, ""))
    assert "a.csv 第 6 行;b.csv 第 2 行" in chart.describe_shift(shift(quotes=quotes))


def test_what_a_change_comes_from_is_said_no_stronger_than_sources_and_products_show() -> None:
    assert "各来源和商品内部没有看出变化" in chart.describe_shift(shift(cause=Cause.MIX))
    assert "各来源和商品内部也升高了" in chart.describe_shift(shift(cause=Cause.REAL))
    fallen = {"before": wilson(45, 120), "after": wilson(200, 1000), "mix": -0.051, "within": -0.124}
    assert "各来源和商品内部也降低了" in chart.describe_shift(shift(cause=Cause.REAL, **fallen))
    assert all("真实变化" not in chart.describe_shift(shift(cause=cause)) for cause in Cause)


def test_with_one_source_and_product_nothing_is_said_of_their_mix() -> None:
    said = chart.describe_shift(shift(mix=0.0, within=0.175, cause=Cause.ALONE))
    assert said.startswith(
        "比平时的 20.0%(n=1,000)高 17.5 个百分点(95% 区间 +15.5 至 +19.5);没有可以互相比较的来源或商品"
    )
    assert "构成变化" not in said


def group(source: str, product: str, before: tuple[int, int], after: tuple[int, int]) -> GroupShift:
    return GroupShift(source, product, wilson(*before), wilson(*after), 0.0, 0.0)


def test_a_version_that_came_with_the_rise_is_not_called_negative_by_habit() -> None:
    groups = (group("甲", "9.2.0", (0, 0), (30, 60)), group("乙", "9.2.0", (0, 0), (15, 60)))
    old = (group("甲", "9.1.0", (200, 1000), (0, 0)),)
    said = chart.describe_shift(shift(mix=0.175, within=0.0, cause=Cause.MIX, groups=groups + old))
    assert said.startswith(
        "比平时的 20.0%(n=1,000)高 17.5 个百分点(95% 区间 +16.5 至 +18.5);这段时间的评论都来自对照的时段里没有的"
        "商品「9.2.0」,没有同样的来源和商品可以前后对照"
    )
    assert "本来就" not in said
    assert "同样的来源和商品里负面占比变了" not in said


def test_a_new_source_beside_known_ones_is_named_where_it_makes_most_of_the_mix() -> None:
    known = group("甲", "", (200, 1000), (14, 70))
    said = chart.describe_shift(
        shift(mix=0.16, within=0.015, cause=Cause.MIX, groups=(group("论坛", "", (0, 0), (31, 50)), known))
    )
    assert "构成变了主要是因为有来源「论坛」的 50 条评论,对照的时段里没有它们" in said
    assert "本来就" not in said


def test_a_new_source_that_hardly_counts_changes_nothing_of_what_is_said() -> None:
    groups = (group("论坛", "", (0, 0), (1, 5)), group("甲", "", (200, 1000), (44, 115)))
    said = chart.describe_shift(shift(mix=0.16, within=0.015, cause=Cause.MIX, groups=groups))
    assert "论坛" not in said
    assert "来自负面本来就较多的来源或商品的评论变多" in said


def test_words_that_all_negative_comments_hold_do_not_explain_why_there_are_more() -> None:
    everywhere = Driver("市民来电", 45, 200, 24.0, 45, 0.001)
    told = Driver("自来水", 20, 0, 0.0, 20, 0.001)
    said = chart.describe_shift(shift(drivers=(everywhere, told)))
    assert "比平时明显多的词:自来水(20 条,平时没有)。" in said
    assert "市民来电" not in said
    said = chart.describe_shift(shift(drivers=(everywhere,)))
    assert "没有看出哪个词的比重比平时高" in said


def test_without_a_baseline_there_is_nothing_to_say() -> None:
    assert chart.describe_shift(shift(mix=math.nan)) == ""


@pytest.mark.parametrize(
    ("frequency", "days", "when"),
    [
        (Frequency.DAY, 1, "2026-03-02:"),
        (Frequency.DAY, 3, "2026-03-02 至 2026-03-04:"),
        (Frequency.WEEK, 1, "2026-03-02 起的一周:"),
        (Frequency.HOUR, 1, "2026-03-02 00:00:"),
    ],
)
def test_an_episode_is_dated(frequency: Frequency, days: int, when: str) -> None:
    found = tuple(verdict(i) for i in range(days))
    episode = Episode(START, START + timedelta(days), found, 1, wilson(45, 120), 0.2, ())
    assert chart.describe_episode(episode, frequency) == f"{when}负面占比 37.5%(n=120),高于预期的 20.0%。"


def test_an_abnormal_bucket_gets_a_shape_its_reason_and_a_line_in_the_caption() -> None:
    found = (verdict(0, abnormal=0), verdict(1), verdict(2, abnormal=-1))
    trend = Trend(Filter(), Frequency.DAY, None, tuple(v.bucket for v in found), 360, 0)
    picture = chart.trend(trend, found=Anomalies(Filter(), Frequency.DAY, found, (), 0.0))
    spec = picture.to_dict()
    records = spec["datasets"][spec["data"]["name"]]
    assert [record["sign"] for record in records] == [0, 1, -1]
    assert [record["why"][:2] for record in records] == ["否", "负面", "负面"]
    shapes = [
        layer["encoding"]["shape"]["scale"] for layer in spec["vconcat"][0]["layer"] if "shape" in layer["encoding"]
    ]
    assert shapes == [{"domain": [1, -1], "range": ["triangle-up", "triangle-down"]}]
    # the column that takes clicks and shows the reason lies on top
    assert spec["vconcat"][0]["layer"][-1]["mark"]["type"] == "rect"
    assert "why" in [tip["field"] for tip in spec["vconcat"][0]["layer"][-1]["encoding"]["tooltip"]]
    drawn = chart.render(picture, "svg").decode()
    assert "△ 异常偏高" in drawn
    assert "平静时每 100 天约 0.5 天误报" in drawn
    assert "▽ 异常偏低" in drawn


def test_what_only_copies_make_look_abnormal_is_counted_and_says_so_but_gets_no_shape() -> None:
    found = tuple(verdict(i, abnormal=0, span=0) for i in range(3))
    trend = Trend(Filter(), Frequency.DAY, None, tuple(v.bucket for v in found), 360, 0)
    judged = Anomalies(Filter(), Frequency.DAY, found, (), 0.0, (found[1].bucket,))
    picture = chart.trend(trend, found=judged)
    spec = picture.to_dict()
    records = spec["datasets"][spec["data"]["name"]]
    assert [record["sign"] for record in records] == [0, 0, 0]
    assert [record["why"] for record in records] == [
        "否",
        "否。看上去异常,只因有的文字反复出现;重复的文字只算一次,就在正常范围内。",
        "否",
    ]
    assert "why" in [tip["field"] for tip in spec["vconcat"][0]["layer"][-1]["encoding"]["tooltip"]]
    drawn = chart.render(picture, "svg").decode()
    assert "另有 1 天只因有的文字反复出现才显得异常,未标出" in drawn
    assert "△ 异常偏高" not in drawn


def test_of_a_first_fortnight_it_is_said_that_little_can_be_seen() -> None:
    found = tuple(verdict(i, abnormal=0, span=0, history=History.AROUND) for i in range(10))
    trend = Trend(Filter(), Frequency.DAY, None, tuple(v.bucket for v in found), 1200, 0)
    short = Anomalies(Filter(), Frequency.DAY, found, (), 0.0)
    assert "历史还短,只看得出很大的变化" in chart.render(chart.trend(trend, found=short), "svg").decode()
    long = Anomalies(Filter(), Frequency.DAY, (*found[:9], verdict(9, abnormal=0, span=0)), (), 0.0)
    assert "历史还短" not in chart.render(chart.trend(trend, found=long), "svg").decode()


def test_a_trend_without_anything_abnormal_looks_as_before() -> None:
    found = tuple(verdict(i, abnormal=0, span=0) for i in range(3))
    trend = Trend(Filter(), Frequency.DAY, None, tuple(v.bucket for v in found), 360, 0)
    quiet = Anomalies(Filter(), Frequency.DAY, found, (), 0.0)
    assert chart.trend(trend, found=quiet).to_dict() == chart.trend(trend).to_dict()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Difference(0.062, 0.043, 0.081, 0.001), "星级比文字好看,相差 6.2 个百分点(95% 区间 4.3 至 8.1)"),
        (Difference(-0.062, -0.081, -0.043, 0.001), "文字比星级好看,相差 6.2 个百分点(95% 区间 4.3 至 8.1)"),
        (Difference(-0.01, -0.03, 0.01, 0.4), "星级和文字看不出差别(−1.0 个百分点,95% 区间 −3.0 至 +1.0)"),
        (Difference(math.nan, math.nan, math.nan, math.nan), "星级和文字看不出差别"),
    ],
)
def test_stars_and_texts_are_held_against_each_other_without_a_double_negative(change: Difference, said: str) -> None:
    assert chart.describe_flattery(change) == said
