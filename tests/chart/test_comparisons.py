"""Pictures of two sides, of groups, ranks, aspects and stars: drawn, clickable, with their numbers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from core import chart
from core.chart.text import format_copies, format_points, text_width
from core.chart.word_places import place_words
from core.results import (
    Clash,
    Comparison,
    Contrast,
    ContrastWord,
    Difference,
    Flattery,
    Heat,
    HeatCell,
    Rank,
    RankLine,
    Ranks,
    Side,
    Stars,
)
from core.schema import Col, Filter, Share

Sharing = Callable[[int, int], Share]
NEGATIVE, POSITIVE = Filter(labels=("负面",)), Filter(labels=("正面",))


def contrast_of(share: Sharing, words: list[tuple[str, int, int, float]], first: Filter = NEGATIVE) -> Contrast:
    """Words as (name, comments of each side, z), each side of 500 comments of 900."""
    listed = tuple(ContrastWord(w, share(a, 500), share(b, 500), z, z / 4) for w, a, b, z in words)
    second = POSITIVE if first == NEGATIVE else None
    return Contrast(Filter(), (Side(first, 500, 900), Side(second, 500, 500)), listed, 3, True)


def flattery_of(share: Sharing, name: str, many: int, good: int, n: int) -> Flattery:
    return Flattery(name, share(many, n), share(good, n), Difference((many - good) / n, 0.1, 0.4, 0.01), 0.02)


def stars_of(share: Sharing) -> Stars:
    clashes = (Clash(Filter(ratings=(4, 5)), share(3, 10)), Clash(Filter(ratings=(0, 2)), share(1, 9)))
    groups = (flattery_of(share, "甲", 8, 4, 10), flattery_of(share, "", 5, 5, 9))
    return Stars(Filter(), Col.PRODUCT, 4, 2, 5, clashes, flattery_of(share, "", 13, 9, 19), groups, 3)


def ranks_of(share: Sharing, p: float = 0.01) -> Ranks:
    change = Difference(0.2, 0.1, 0.3, p)
    lines = (
        RankLine("甲", share(4, 40), share(12, 40), Rank(2, 1, 2), Rank(1, 1, 1), change, p),
        RankLine("乙", share(8, 40), share(8, 40), Rank(1, 1, 2), Rank(2, 2, 2), change, 0.9),
    )
    days = (Filter(start="2026-03-01", end="2026-03-30"), Filter(start="2026-03-31", end="2026-04-29"))
    return Ranks(Filter(), Col.PRODUCT, 0, *days, lines, 20, 1)


def heat_of(share: Sharing) -> Heat:
    change = Difference(0.3, 0.1, 0.5, 0.001)
    cells = (HeatCell("物流", "甲", share(9, 20), change, 0.01), HeatCell("物流", "", share(1, 4), change, math.nan))
    return Heat(Filter(), Col.PRODUCT, "mentions_0123456789", ("物流",), ("甲", ""), cells, 24)


WORDS = [("物流＋慢｜太慢", 60, 3, 9.0), ("电话", 20, 18, 0.3), ("好看", 0, 70, -9.0)]
Drawn = dict[str, Callable[[bool], Any]]


@pytest.fixture(scope="module")
def drawn(share: Sharing, comparison_of: Callable[..., Comparison]) -> Drawn:
    words = contrast_of(share, WORDS)
    groups = comparison_of([("微博", 3, 9), ('it\'s "a"\\b', 4, 8)], p=0.01)
    return {
        "contrast": lambda dark: chart.contrast(words, dark=dark),
        "scatter": lambda dark: chart.scatter(words, dark=dark),
        "differences": lambda dark: chart.differences(groups, dark=dark),
        "voices": lambda dark: chart.voices(groups, dark=dark),
        "ranks": lambda dark: chart.ranks(ranks_of(share), dark=dark),
        "heat": lambda dark: chart.heat(heat_of(share), dark=dark),
        "flattery": lambda dark: chart.flattery(stars_of(share), dark=dark),
    }


SELECTIONS = {
    "contrast": "word",
    "scatter": "word",
    "differences": "group",
    "voices": "name",
    "ranks": "rank",
    "heat": "cell",
    "flattery": "group",
}


@pytest.mark.parametrize("name", SELECTIONS)
def test_a_chart_becomes_an_image_with_its_caption_in_both_themes(drawn: Drawn, name: str) -> None:
    for dark in (False, True):
        image = chart.render(drawn[name](dark), "svg").decode()
        assert "n=" in image
        assert not any(odd in image for odd in ("NaN", "undefined", "null"))
        assert chart.palette(dark).background in image


def test_the_number_of_a_cell_of_few_comments_stands_in_brackets_and_is_not_pale(share: Sharing) -> None:
    drawn = chart.heat(heat_of(share))
    assert drawn is not None
    spec = drawn.to_dict()
    assert [row["short"] for row in spec["datasets"][spec["data"]["name"]]] == ["45%▲", "(25%)"]
    assert "opacity" not in spec["layer"][1]["encoding"]


@pytest.mark.parametrize(("groups", "angle"), [(3, 0), (12, -30)])
def test_long_names_above_a_heat_map_get_room_or_are_turned(share: Sharing, groups: int, angle: int) -> None:
    names = tuple(f"某某跨境电商海外旗舰店官方自营专柜{i}" for i in range(groups))
    change = Difference(0.3, 0.1, 0.5, 0.001)
    cells = tuple(HeatCell("物流", name, share(9, 20), change, 0.01) for name in names)
    held = Heat(Filter(), Col.PRODUCT, "mentions_0123456789", ("物流",), names, cells, 240)
    spec = chart.heat(held, width=640).to_dict()  # type: ignore[union-attr]
    assert spec["layer"][0]["encoding"]["x"]["axis"]["labelAngle"] == angle
    assert spec["width"] <= 640
    assert angle or spec["width"] / groups >= 96


def test_differences_beside_long_names_have_a_scale_and_not_a_zero_alone(
    comparison_of: Callable[..., Comparison],
) -> None:
    name = "某某跨境电商海外旗舰店(上海自由贸易试验区)官方自营专柜"
    made = comparison_of([(name + end, 5, 10) for end in "一二"])
    wide = (Difference(-0.03, -0.133, 0.077, 1.0), Difference(0.049, -0.056, 0.154, 1.0))
    groups = tuple(replace(group, difference=one) for group, one in zip(made.groups, wide, strict=True))
    made = replace(made, groups=groups)
    image = chart.render(chart.differences(made, width=230), "svg").decode()
    numbers = set(re.findall(r">([+−-]?\d+)</text>", image))
    assert "0" in numbers
    assert len(numbers) >= 3


@pytest.mark.parametrize("draw", [chart.compare, chart.differences])
def test_long_names_of_groups_make_the_picture_no_wider(
    draw: Callable[..., Any], comparison_of: Callable[..., Comparison]
) -> None:
    def width(*names: str) -> float:
        image = chart.render(draw(comparison_of([(name, 3, 9) for name in names]), width=260), "svg").decode()
        return float(re.search(r'width="([\d.]+)"', image)[1])  # type: ignore[index]

    long = "某某跨境电商海外旗舰店(上海自由贸易试验区)官方自营专柜"
    assert width(long + "一", long + "二") <= width("耳机", "手机") + 40


@pytest.mark.parametrize(("name", "selection"), SELECTIONS.items())
def test_a_click_can_be_read_back_by_name(drawn: Drawn, name: str, selection: str) -> None:
    spec = drawn[name](False).to_dict()
    assert {p["name"]: p["select"]["type"] for p in spec["params"] if "select" in p}[selection] == "point"


@pytest.mark.parametrize("name", ["contrast", "scatter"])
def test_a_phrase_is_called_by_its_title(drawn: Drawn, name: str) -> None:
    image = chart.render(drawn[name](False), "svg").decode()
    assert "物流慢</text>" in image
    assert "＋慢｜太慢</text>" not in image


def test_sides_that_are_no_labels_do_not_take_the_colours_of_the_labels(share: Sharing) -> None:
    spec = json.dumps(chart.contrast(contrast_of(share, WORDS, Filter(products=("耳机",)))).to_dict())  # type: ignore[union-attr]
    assert "#D55E00" not in spec
    assert json.dumps("耳机")[1:-1] in spec


def test_a_sampled_side_is_said(share: Sharing) -> None:
    assert chart.contrast_remark(contrast_of(share, [])) == "负面评论 500 条(按固定规则从 900 条中抽取),正面评论 500 条"


def test_a_word_that_one_side_never_says_stands_at_the_edge_of_the_scatter(share: Sharing) -> None:
    spec = chart.scatter(contrast_of(share, WORDS)).to_dict()  # type: ignore[union-attr]
    (dot,) = [r for rows in spec["datasets"].values() for r in rows if r.get("word") == "好看"]
    assert 0 < dot["y"] <= 1


def test_a_word_among_the_bars_is_coloured_in_the_scatter_too(share: Sharing) -> None:
    result = contrast_of(share, [("物流", 6, 0, 1.7), ("电话", 20, 18, 0.3)])
    bars, scatter = chart.contrast(result).to_dict(), chart.scatter(result).to_dict()  # type: ignore[union-attr]
    shown = {r["word"] for rows in bars["datasets"].values() for r in rows if "word" in r}
    sides = {r["word"]: r["side"] for rows in scatter["datasets"].values() for r in rows if "word" in r}
    assert shown == {"物流"}
    assert sides == {"物流": "偏向负面评论", "电话": "没有明显偏向"}


def test_names_of_dots_cover_neither_each_other_nor_a_dot() -> None:
    dots = [(f"词语{i}", 1.0 + i % 7, 1.0 + i * 0.9 % 8) for i in range(50)]
    placed = place_words(dots, (0.5, 12.0), (500, 380), most=40)
    assert 10 < len(placed) <= 40
    boxes = [(n.x, n.y, n.x + 11 * text_width(n.text), n.y + 13) for n in placed]
    assert all(b[0] >= 0 and b[1] >= 0 and b[2] <= 500.1 and b[3] <= 380.1 for b in boxes)
    for one, other in combinations(boxes, 2):
        assert (
            one[2] <= other[0] + 0.1 or other[2] <= one[0] + 0.1 or one[3] <= other[1] + 0.1 or other[3] <= one[1] + 0.1
        )


@pytest.mark.parametrize(("p", "verdict"), [(0.01, "明显上升"), (0.2, "没有明显变化")])
def test_only_a_clear_change_of_a_rank_is_coloured(share: Sharing, p: float, verdict: str) -> None:
    spec = chart.ranks(ranks_of(share, p)).to_dict()  # type: ignore[union-attr]
    found = {r["name"]: r["verdict"] for r in spec["datasets"][spec["data"]["name"]]}
    assert found["甲"] == verdict


def test_a_place_stands_with_those_it_cannot_be_told_from(share: Sharing) -> None:
    spec = chart.ranks(ranks_of(share)).to_dict()  # type: ignore[union-attr]
    said = [record["said"] for record in spec["datasets"][spec["data"]["name"]]]
    assert said == ["2 (1–2) 甲 10.0%", "1 甲 30.0%", "1 (1–2) 乙 20.0%", "2 乙 20.0%"]
    table = chart.numbers(ranks_of(share))
    columns = [name for name in table.columns if "可能名次" in name]
    assert table[columns].to_numpy().tolist() == [[1, 2, 1, 1], [1, 2, 2, 2]]


def test_the_reference_is_named_and_not_tested(comparison_of: Callable[..., Comparison]) -> None:
    made = comparison_of([("微博", 3, 9)])
    held = Comparison(made.filter, made.by, 0, made.groups, made.total, 1, reference="微博")
    assert "与微博相差多少" in json.dumps(chart.differences(held).to_dict(), ensure_ascii=False)  # type: ignore[union-attr]


def test_a_difference_stands_beside_its_mark_with_its_interval(
    share: Sharing, comparison_of: Callable[..., Comparison]
) -> None:
    groups = comparison_of([("微博", 3, 9), ("京东", 1, 9)])
    said = json.dumps(chart.differences(groups).to_dict(), ensure_ascii=False)  # type: ignore[union-attr]
    assert all(format_points(group.difference) in said for group in groups.groups)
    said = json.dumps(chart.flattery(stars_of(share)).to_dict(), ensure_ascii=False)  # type: ignore[union-attr]
    assert format_points(stars_of(share).total.difference, 19) in said


def test_nothing_gives_no_chart(share: Sharing, comparison_of: Callable[..., Comparison]) -> None:
    empty = contrast_of(share, [])
    assert chart.contrast(empty) is None
    assert chart.scatter(empty) is None
    assert chart.voices(comparison_of([])) is None
    assert chart.differences(comparison_of([])) is None
    assert chart.heat(Heat(Filter(), Col.PRODUCT, "mentions_0123456789", (), (), (), 0)) is None


def test_the_numbers_of_every_result_are_a_table_with_chinese_headers(
    share: Sharing, comparison_of: Callable[..., Comparison]
) -> None:
    results = (
        contrast_of(share, WORDS),
        stars_of(share),
        ranks_of(share),
        heat_of(share),
        comparison_of([("甲", 1, 2)]),
    )
    for result in results:
        table = chart.numbers(result)
        assert len(table)
        assert not any(str(name).isascii() for name in table.columns)


def test_the_table_of_groups_has_the_share_of_voice(comparison_of: Callable[..., Comparison]) -> None:
    table = chart.numbers(comparison_of([("甲", 1, 2), ("乙", 1, 6)]))
    assert table["声量占比"].tolist() == [0.25, 0.75]


def test_copies_stand_in_the_caption_and_beside_p(comparison_of: Callable[..., Comparison]) -> None:
    plain = comparison_of([("甲", 3, 10), ("乙", 5, 20)])
    copied = replace(plain, groups=(replace(plain.groups[0], once=7), plain.groups[1]))
    for draw in (chart.compare, chart.differences):
        assert "原样重复" not in json.dumps(draw(plain).to_dict(), ensure_ascii=False)
        drawn = json.dumps(draw(copied).to_dict(), ensure_ascii=False)
        assert format_copies(3) in drawn
        assert "不同的评论 7 条" in drawn
    assert chart.numbers(copied)["不同的评论"].tolist() == [7, 20]


def test_copies_stand_in_the_captions_of_stars_and_aspects_too(share: Sharing) -> None:
    for draw, plain in ((chart.flattery, stars_of(share)), (chart.heat, heat_of(share))):
        said = [json.dumps(draw(one).to_dict(), ensure_ascii=False) for one in (plain, replace(plain, again=3))]
        assert [format_copies(3) in text for text in said] == [False, True]
