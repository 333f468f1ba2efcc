"""Pictures of dialogues: levels of satisfaction, the mood of one customer, and the tables behind them."""

from __future__ import annotations

import math

import pytest

from core import chart
from core.metrics import wilson
from core.results import AGENT, CUSTOMER, Agent, Agents, Dialogue, Mean, Service, Talk, Utterance
from core.schema import Filter, Within

NAN = math.nan


def service(*levels: int) -> Service:
    n = sum(levels)
    return Service(Filter(), n, Mean(0.1, -0.1, 0.3, n), tuple(levels), wilson(0, n), wilson(0, n), NAN, 0)


def talk(*said: tuple[int, float, str]) -> Talk:
    turns = tuple(
        Utterance(i, role, "", f"第 {i} 句" * 40, None, mood, (), fault, NAN, i)
        for i, (role, mood, fault) in enumerate(said, 1)
    )
    one = Dialogue(
        0,
        "会话" * 30,
        "小美",
        len(turns),
        1,
        -1.0,
        -1.2,
        0.0,
        -1.0,
        -1.5,
        1,
        "",
        True,
        0,
        NAN,
        ("不满没有化解",),
        "heard",
    )
    return Talk(one, turns)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("levels", [(1, 0, 0, 0, 0), (5, 30, 100, 40, 3)])
def test_levels_are_drawn_with_shares_that_can_be_clicked(levels: tuple[int, ...], dark: bool) -> None:
    picture = chart.satisfaction(service(*levels), dark=dark)
    assert picture is not None
    assert picture.to_dict()["params"][0]["name"] == "level"


def test_without_a_judged_dialogue_there_is_no_picture() -> None:
    assert chart.satisfaction(service(0, 0, 0, 0, 0)) is None
    assert chart.mood_curve(talk((AGENT, 0.3, ""))) is None
    assert chart.mood_curve(talk((CUSTOMER, NAN, ""))) is None


@pytest.mark.parametrize("dark", [False, True])
def test_the_mood_is_drawn_for_the_customer_and_faults_for_the_agent(dark: bool) -> None:
    picture = chart.mood_curve(talk((CUSTOMER, -1.5, ""), (AGENT, 0.2, "一口回绝"), (CUSTOMER, 1.0, "")), dark=dark)
    assert picture is not None
    held = picture.to_dict()
    points = [row for rows in held["datasets"].values() for row in rows if "label" in row]
    assert [(row["number"], row["label"], row["row"]) for row in points] == [(1, "负面", 1), (3, "正面", 3)]
    assert any(row.get("why") == "一口回绝" for rows in held["datasets"].values() for row in rows)
    assert "最低点在第 1 轮(−1.5)" in "".join(held["title"]["subtitle"])


def test_long_dialogues_are_drawn_too() -> None:
    picture = chart.mood_curve(talk(*[(i % 2, math.sin(i), "") for i in range(500)]))
    assert picture is not None
    assert chart.render(picture, "png").startswith(b"\x89PNG")


def test_the_numbers_behind_each_picture_are_a_table() -> None:
    assert chart.numbers(service(1, 2, 3, 4, 5))["对话数"].tolist() == [1, 2, 3, 4, 5]
    assert chart.numbers(talk((CUSTOMER, -1.5, ""), (AGENT, NAN, "不耐烦")))["问题"].tolist() == ["", "不耐烦"]
    one = Agent("小美", 3, Mean(0.5, 0.1, 0.9, 3), wilson(1, 3), wilson(0, 3), 30.0, 3, NAN, NAN)
    assert chart.numbers(Agents(Filter(), (one,), 1))["客服"].tolist() == ["小美"]


@pytest.mark.parametrize(
    ("equal", "said"),
    [
        ((("level", "1"),), "属于对话:不满"),
        ((("agent", "小美"),), "属于对话:小美"),
        ((("dialogue", "0"), ("turn", "3")), "属于对话:第 1 段、第 3 轮"),
        ((("flood", "3"),), "属于对话:第 3 组"),
        ((("topic", "0"),), "属于对话:其他"),
    ],
)
def test_what_was_clicked_is_said_in_words(equal: tuple[tuple[str, str], ...], said: str) -> None:
    assert chart.describe_filter(Filter(within=Within("dialogues_0123456789", equal))) == [said]


def agent(name: str, apart: float, p: float) -> Agent:
    return Agent(name, 9, Mean(0.5, 0.1, 0.9, 9), wilson(1, 9), wilson(0, 9), 30.0, 9, apart, p)


def test_only_agents_that_are_lower_than_the_others_for_certain_are_named() -> None:
    made = (agent("小美", -0.8, 0.01), agent("阿强", -0.9, 0.2), agent("小李", 0.9, 0.01), agent("小张", NAN, NAN))
    said = chart.describe_agents(Agents(Filter(), made, 4))
    assert "仍低于其他客服的(p<0.05):小美。" in said
    assert not any(name in said for name in ("阿强", "小李", "小张"))
    assert "名单里仍会有靠运气的" in said
    assert "看不出哪一位确实低于其他客服" in chart.describe_agents(Agents(Filter(), made[1:], 3))
    assert "等 7 位" in chart.describe_agents(Agents(Filter(), made[:1] * 7, 7))
