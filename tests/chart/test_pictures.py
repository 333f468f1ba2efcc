"""Every chart, with nothing, one and many things in it, in both themes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import altair as alt
import pytest

from core import chart
from core.results import (
    Bin,
    Comparison,
    Distribution,
    EmotionCount,
    EmotionCounts,
    Frequency,
    Keywords,
    Mean,
    Overview,
    Totals,
    Trend,
)
from core.schema import EMOTIONS, Col, Filter, Share

LONG = "某某跨境电商海外旗舰店(上海自由贸易试验区)官方自营专柜店铺名称特别特别长"


def overview_of(*counts: int) -> Overview:
    n = sum(counts)
    shares = tuple(Share(c, n, *([c / n] * 3 if n else [math.nan] * 3)) for c in counts)
    totals = Totals(n, shares, shares[0], shares[0], Mean(math.nan, math.nan, math.nan, 0), None, None)
    return Overview(Filter(), totals, None, None)


def emotions_of(*counts: int) -> EmotionCounts:
    n = sum(counts)
    shares = [Share(c, n, *([c / n] * 3 if n else [math.nan] * 3)) for c in counts]
    found = tuple(EmotionCount(name, share, 0.7) for name, share in zip(EMOTIONS, shares, strict=True))
    return EmotionCounts(Filter(), found, shares[1], n)


def distribution_of(*counts: tuple[int, int, int]) -> Distribution:
    """The given counts stand in the last bins of confidence and under the ratings 1, 2, …"""
    filled = [(0, 0, 0)] * (20 - len(counts)) + list(counts)
    bins = tuple(Bin(i / 20, (i + 1) / 20, count) for i, count in enumerate(filled))
    rated = tuple(Bin(float(i + 1), float(i + 1), count) for i, count in enumerate(counts))
    n = sum(map(sum, counts))
    return Distribution(Filter(), bins, rated, n, n)


@pytest.fixture(scope="session")
def pictures(
    trend_of: Callable[..., Trend], keywords_of: Callable[..., Keywords], comparison_of: Callable[..., Comparison]
) -> dict[str, Callable[[bool], Any]]:
    """Name → a function of the theme that draws it."""
    many = trend_of([(i % 3, 1, 2) if i % 7 else (0, 0, 0) for i in range(2000)], undated=4)
    words = keywords_of([("发热", 30, 9.0), ("😡", 5, 2.0)], [("好看", 40, -9.0)])
    groups = [("微博", 3, 9), ("", 4, 8), (LONG, 5, 6), ('it\'s "a"\\b', 1, 2)]
    results: dict[str, tuple[Callable[..., Any], Any]] = {
        "trend of one bucket": (chart.trend, trend_of([(1, 0, 0)])),
        "trend of two thousand buckets": (chart.trend, many),
        "labels": (chart.labels, overview_of(1, 2, 3)),
        "labels of one row": (chart.labels, overview_of(0, 0, 1)),
        "keywords": (chart.keywords, words),
        "keywords of one side": (chart.keywords, keywords_of([("慢", 3, 0.0)])),
        "comparison": (chart.compare, comparison_of(groups, p=0.01)),
        "comparison of one group": (chart.compare, comparison_of([("微博", 1, 1)], p=math.nan)),
        "confidence": (chart.confidence, distribution_of((1, 0, 0), (2, 3, 4))),
        "ratings": (chart.ratings, distribution_of((1, 0, 0), (2, 3, 4))),
        "emotions": (chart.emotions, emotions_of(0, 3, 1, 0, 0, 5, 0, 2)),
    }
    return {name: _drawer(draw, result) for name, (draw, result) in results.items()}


def _drawer(draw: Callable[..., Any], result: Any) -> Callable[[bool], Any]:
    return lambda dark: draw(result, dark=dark)


NAMES = (
    "trend of one bucket",
    "trend of two thousand buckets",
    "labels",
    "labels of one row",
    "keywords",
    "keywords of one side",
    "comparison",
    "comparison of one group",
    "confidence",
    "ratings",
    "emotions",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_becomes_an_image_with_its_caption(pictures: dict[str, Callable[[bool], Any]], name: str) -> None:
    image = chart.render(pictures[name](False), "svg").decode()
    assert image.startswith("<svg")
    assert "n=" in image
    assert "NaN" not in image
    assert "undefined" not in image


@pytest.mark.parametrize("name", NAMES)
def test_what_a_browser_gets_fits_the_schema_and_holds_the_same_rows(
    pictures: dict[str, Callable[[bool], Any]], name: str
) -> None:
    picture = pictures[name](False)
    written = chart.spec(picture)
    shown = {key: alt.to_values(frame)["values"] for key, frame in written["datasets"].items()}
    alt.Chart.from_dict(written | {"datasets": shown}, validate=True)
    whole = picture.to_dict()["datasets"].values()
    assert sorted(map(repr, shown.values())) == sorted(map(repr, whole))


def test_a_picture_is_drawn_in_its_own_theme_and_words_though_another_was_drawn_before(
    trend_of: Callable[..., Trend],
) -> None:
    first, second = trend_of([(1, 0, 0)]), trend_of([(2, 0, 0)], undated=3)
    drawn = chart.trend(first, dark=True), chart.trend(second), chart.trend(first, dark=True)
    assert drawn[0].to_dict() == drawn[2].to_dict()  # type: ignore[union-attr]
    assert "另有 3 条无日期" in json.dumps(drawn[1].to_dict(), ensure_ascii=False)  # type: ignore[union-attr]
    assert "另有" not in json.dumps(drawn[2].to_dict(), ensure_ascii=False)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NAMES)
def test_the_themes_differ_in_ground_but_not_in_sentiment_colours(
    pictures: dict[str, Callable[[bool], Any]], name: str
) -> None:
    light, dark = (json.dumps(pictures[name](theme).to_dict()) for theme in (False, True))
    assert chart.palette(False).background in light
    assert chart.palette(True).background in dark
    assert all((color in light) == (color in dark) for color in chart.LABEL_COLORS)


@pytest.mark.parametrize(
    ("name", "selection"),
    [
        ("trend of one bucket", "bucket"),
        ("labels", "label"),
        ("keywords", "term"),
        ("comparison", "group"),
        ("confidence", "confidence"),
        ("ratings", "rating"),
    ],
)
def test_a_click_can_be_read_back_by_name(
    pictures: dict[str, Callable[[bool], Any]], name: str, selection: str
) -> None:
    spec = pictures[name](False).to_dict()
    kinds = {param["name"]: param["select"]["type"] for param in spec["params"]}
    assert kinds[selection] == "point"


def records(picture: Any) -> list[dict[str, Any]]:
    """The rows a chart draws, which must stand in it once and not once a layer."""
    spec = picture.to_dict()
    assert not any("data" in part for part in spec.get("vconcat", []))
    return list(spec["datasets"][spec["data"]["name"]])


def test_nothing_gives_no_chart(trend_of: Any, keywords_of: Any, comparison_of: Any) -> None:
    assert chart.trend(trend_of([])) is None
    assert chart.keywords(keywords_of([])) is None
    assert chart.compare(comparison_of([])) is None
    assert chart.labels(overview_of(0, 0, 0)) is None
    assert chart.confidence(distribution_of()) is None
    assert chart.ratings(distribution_of()) is None


def test_an_empty_bucket_breaks_the_line_and_a_lonely_one_gets_a_mark(trend_of: Callable[..., Trend]) -> None:
    made = records(chart.trend(trend_of([(1, 0, 1), (0, 0, 0), (2, 0, 2), (0, 0, 0)])))
    by_bucket = {record["bucket"]: record for record in made}
    assert [by_bucket[day]["share"] for day in sorted(by_bucket)] == [0.5, None, 0.5, None]
    assert [by_bucket[day]["alone"] for day in sorted(by_bucket)] == [True, False, True, False]


def test_undated_rows_are_stated_under_the_trend(trend_of: Callable[..., Trend]) -> None:
    spec = chart.trend(trend_of([(1, 0, 0)], undated=7)).to_dict()
    assert "另有 7 条无日期" in " ".join(spec["title"]["subtitle"])


@pytest.mark.parametrize(("p", "more"), [(0.04, True), (0.06, False), (math.nan, False)])
def test_only_a_clear_difference_is_coloured(comparison_of: Callable[..., Comparison], p: float, more: bool) -> None:
    made = records(chart.compare(comparison_of([("微博", 8, 9)], p=p)))
    assert [record["verdict"] for record in made] == ["明显高于其余" if more else "与其余无明显差别"]


def test_long_names_of_groups_keep_their_ends_apart(comparison_of: Callable[..., Comparison]) -> None:
    picture = chart.compare(comparison_of([(f"{LONG}{end}", 3, 9) for end in "甲乙"], p=math.nan))
    drawn = chart.render(picture, "svg").decode()
    assert "…" in drawn
    assert all(f"{LONG[-4:]}{end}</text>" in drawn for end in "甲乙")


def test_a_week_is_dated_by_its_monday(trend_of: Callable[..., Trend]) -> None:
    days = trend_of([(1, 0, 0)] * 3)
    weeks = [
        replace(bucket, start=datetime(2026, 2, 2) + timedelta(weeks=i), end=datetime(2026, 2, 9) + timedelta(weeks=i))
        for i, bucket in enumerate(days.buckets)
    ]
    drawn = chart.render(chart.trend(replace(days, frequency=Frequency.WEEK, buckets=tuple(weeks))), "svg").decode()
    assert "2026-02-02</text>" in drawn
    assert "2026-02-01</text>" not in drawn


def test_a_week_that_the_comments_do_not_fill_says_so(trend_of: Callable[..., Trend]) -> None:
    days = trend_of([(1, 0, 0)] * 3)
    weeks = tuple(
        replace(bucket, start=datetime(2026, 2, 2) + timedelta(weeks=i), end=datetime(2026, 2, 9) + timedelta(weeks=i))
        for i, bucket in enumerate(days.buckets)
    )
    ends = {"first": datetime(2026, 2, 4, 9), "last": datetime(2026, 2, 21, 23)}
    cut = chart.trend(replace(days, frequency=Frequency.WEEK, buckets=weeks, **ends))
    times = [row["time"] for row in cut.to_dict()["datasets"]["buckets"]]
    assert times == [
        "2026-02-02 至 2026-02-08(评论从 2026-02-04 开始,不是完整的周)",
        "2026-02-09 至 2026-02-15",
        "2026-02-16 至 2026-02-22(评论到 2026-02-21 为止,不是完整的周)",
    ]
    ends = {"first": datetime(2026, 2, 2, 9), "last": datetime(2026, 2, 22, 7)}
    whole = chart.trend(replace(days, frequency=Frequency.WEEK, buckets=weeks, **ends))
    assert not any("完整" in row["time"] for row in whole.to_dict()["datasets"]["buckets"])


@pytest.mark.parametrize("width", [140, 230, 480])
@pytest.mark.parametrize("draw", [chart.compare, chart.differences])
def test_every_line_of_the_grid_has_its_number(
    comparison_of: Callable[..., Comparison], draw: Callable[..., Any], width: int
) -> None:
    drawn = chart.render(draw(comparison_of([("微博", 3, 9), ("京东", 1, 9)]), width=width), "svg").decode()
    (labels,) = re.findall(r'role-axis-label" pointer-events="none">(.*?)</g>', drawn)[:1]
    assert 'opacity="0"' not in labels


def test_an_unknown_month_is_called_undated(comparison_of: Callable[..., Comparison]) -> None:
    assert "无日期" in chart.render(chart.compare(comparison_of([("", 1, 2)], by="month")), "svg").decode()


def test_keyword_bars_are_rates_of_a_thousand_comments(keywords_of: Callable[..., Keywords]) -> None:
    made = records(chart.keywords(keywords_of([("发热", 30, 9.0)])))
    assert [record["signed"] for record in made] == [-30.0, pytest.approx(1 / 1.5)]


def test_marks_at_none_and_at_all_lie_whole_inside_the_plot(trend_of: Callable[..., Trend]) -> None:
    drawn = chart.render(chart.trend(trend_of([(5, 0, 0), (0, 0, 5), (5, 0, 0)])), "svg").decode()
    layer = re.search(r'class="mark-symbol role-mark.*?</g>', drawn, re.S)
    assert layer is not None
    dots = [float(y) for y in re.findall(r'transform="translate\([\d.]+,\s*([\d.]+)\)"', layer[0])]
    assert len(dots) == 3
    chosen = math.sqrt(130 / math.pi)  # its radius
    assert chosen <= min(dots) < max(dots) <= 190 - chosen


@pytest.mark.parametrize("kind", ["trend", "keywords", "comparison", "overview", "distribution", "emotions"])
def test_the_numbers_of_every_result_are_a_table(
    kind: str, trend_of: Any, keywords_of: Any, comparison_of: Any
) -> None:
    pairs = {
        "trend": (trend_of([(1, 2, 3)]), trend_of([])),
        "keywords": (keywords_of([("慢", 3, 2.0)]), keywords_of([])),
        "comparison": (comparison_of([("", 1, 2)]), comparison_of([])),
        "overview": (overview_of(1, 0, 0), overview_of(0, 0, 0)),
        "distribution": (distribution_of((1, 2, 3)), distribution_of()),
        "emotions": (emotions_of(1, 2, 3, 4, 5, 6, 7, 8), emotions_of(*[0] * 8)),
    }
    some, none = (chart.numbers(result) for result in pairs[kind])
    assert len(some) >= 1
    assert kind == "comparison" or list(some.columns) == list(none.columns)
    assert not any(name.isascii() for name in some.columns)


def test_what_is_no_result_has_no_table() -> None:
    with pytest.raises(TypeError, match="int"):
        chart.numbers(3)


def test_a_group_without_a_name_is_called_unknown_in_the_table(comparison_of: Callable[..., Comparison]) -> None:
    assert list(chart.numbers(comparison_of([("", 1, 2)], by=Col.SOURCE))["来源"]) == ["未填写"]
