"""The picture of aspects, its numbers and its words."""

from __future__ import annotations

import math

from core.analyse import wilson
from core.chart import aspect_remark, aspects, numbers, opinion_line, render
from core.results import AspectCount, Aspects, OpinionWord
from core.schema import LABELS, Filter

WORDS = (OpinionWord("慢", 0, 1200), OpinionWord("太慢", 0, 3), OpinionWord("快", 2, 5))


def one(name: str, counts: tuple[int, int, int], *, found: bool = False) -> AspectCount:
    return AspectCount(name, tuple(wilson(count, sum(counts)) for count in counts), (name, "叫法"), WORDS, found)


def result(*listed: AspectCount, sampled_from: int | None = None) -> Aspects:
    return Aspects(Filter(), "mentions_0123456789", "电商", listed, 200, wilson(90, 200), sampled_from)


def test_nothing_mentioned_is_no_picture() -> None:
    assert aspects(result()) is None
    assert aspects(result(one("物流", (0, 0, 0)))) is None


def test_a_mark_carries_aspect_and_label_and_says_its_share() -> None:
    picture = aspects(result(one("物流", (30, 5, 15)), one("质量", (10, 0, 30), found=True)))
    assert picture is not None
    drawn = picture.to_dict()
    records = [record for data in drawn["datasets"].values() for record in data if "label" in record]
    assert {(record["aspect"], record["label"]) for record in records} == {
        *(("物流", label) for label in LABELS),
        ("质量", "负面"),
        ("质量", "正面"),
    }
    assert any(record["said"] == "60.0% (46.2–72.4, n=50)" for record in records)
    assert "质量 *" in str(drawn)
    assert drawn["params"][0]["select"]["fields"] == ["aspect", "label"]


def test_the_picture_renders_in_both_themes() -> None:
    for dark in (False, True):
        picture = aspects(result(one("名字很长很长的一个方面叫什么好呢", (3, 1, 2))), dark=dark)
        assert render(picture, "svg").startswith(b"<svg")


def test_a_sample_says_of_how_many() -> None:
    assert aspect_remark(result()) == ""
    assert aspect_remark(result(sampled_from=9000)) == "按其中均匀抽取的 200 条统计,共 9,000 条"


def test_words_are_told_by_side_with_their_number() -> None:
    assert opinion_line(one("物流", (1, 0, 0)), 0) == "慢 1,200、太慢 3"
    assert opinion_line(one("物流", (1, 0, 0)), 0, most=1) == "慢 1,200"
    assert opinion_line(one("物流", (1, 0, 0)), 1) == ""


def test_the_numbers_are_one_row_an_aspect() -> None:
    frame = numbers(result(one("物流", (30, 5, 15)), one("空", (0, 0, 0), found=True)))
    assert frame["评论数"].tolist() == [50, 0]
    assert frame["来历"].tolist() == ["词库", "从评论里发现"]
    assert math.isnan(frame["负面占比"].iloc[1])
    assert numbers(result()).columns.tolist() == frame.columns.tolist()


def test_the_star_of_an_aspect_outside_the_pack_is_explained_where_there_is_one() -> None:
    for found in (True, False):
        picture = aspects(result(one("物流", (3, 1, 2)), one("质量", (1, 0, 3), found=found)))
        assert picture is not None
        assert ("* 从评论里发现" in str(picture.to_dict()["title"])) is found
