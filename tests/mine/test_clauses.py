"""Comments are split where one thing that is said ends and the next begins."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mine.clauses import Link, split


def pieces(text: str) -> list[str]:
    return [text[clause.start : clause.end] for clause in split(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("质量很好但是物流太慢", ["质量很好", "但是物流太慢"]),
        ("口感不错不过有点贵", ["口感不错", "不过有点贵"]),
        ("颜色好看,可是尺码小", ["颜色好看", "可是尺码小"]),
        ("都挺好就是有点远", ["都挺好", "就是有点远"]),
        ("除了停车难,其他都好", ["除了停车难", "其他都好"]),
        ("除了贵其他都好", ["除了贵", "其他都好"]),
        ("除了上菜慢没毛病", ["除了上菜慢", "没毛病"]),
        ("除了贵都挺好", ["除了贵", "都挺好"]),
        ("味道好没毛病都挺好", ["味道好没毛病都挺好"]),
        ("屏幕清晰而且续航长", ["屏幕清晰", "而且续航长"]),
        ("很满意 下次还来", ["很满意", "下次还来"]),
    ],
)
def test_a_word_that_turns_or_goes_on_begins_a_clause(text: str, wanted: list[str]) -> None:
    assert pieces(text) == wanted


@pytest.mark.parametrize("text", ["不但好吃", "只不过是个意外", "价格不过分", "但愿越来越好", "安静不过敏"])
def test_a_word_that_only_looks_like_one_that_turns_cuts_nothing(text: str) -> None:
    assert pieces(text) == [text]


def test_a_list_of_things_stays_together() -> None:
    assert pieces("环境、服务、口味都不错,下次再来") == ["环境、服务、口味都不错", "下次再来"]


def test_a_clause_says_how_it_stands_to_the_one_before() -> None:
    links = [clause.link for clause in split("房间大,早餐好,但是吵。除了电梯慢,都行")]
    assert links == [Link.START, Link.ON, Link.TURN, Link.EXCEPT, Link.ON]


@pytest.mark.parametrize("text", ["", "。。。", " ,,! "])
def test_a_text_without_words_has_no_clause(text: str) -> None:
    assert split(text) == []


@given(st.text(alphabet="好但是不过除了,。 就是有点的其他\n而且ab!…~", max_size=60))
def test_clauses_are_verbatim_in_order_and_lose_only_punctuation(text: str) -> None:
    found = split(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(clause.start < clause.end for clause in found)
    kept = "".join(text[clause.start : clause.end] for clause in found)
    rest = set(" \u3000\t\n\r,，.。!！?？;；:：、~～…|-—")
    assert [c for c in kept if c not in rest] == [c for c in text if c not in rest]


@pytest.mark.timeout(20)
def test_a_long_run_of_spaces_takes_linear_time() -> None:
    assert [clause.link for clause in split("味道不错" + " " * 200_000 + "!" + " " * 200_000 + "x")] == [Link.START] * 2
