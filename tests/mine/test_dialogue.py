"""Dialogues: cut from any way people write them down, moods and faults by the stated rules."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
import pytest

from core.errors import ModelError
from core.mine.dialogue import (
    HEADS,
    Heard,
    Round,
    Turn,
    assess,
    concern,
    cut,
    find_layout,
    fits,
    open_model,
    reasons,
    role_of,
    sentences,
    waits,
    with_roles,
)
from core.mine.dialogue.features import WIDTH, dense, grams
from core.mine.dialogue.grams import BITS, block_grams
from core.mine.dialogue.satisfaction import FILE, Model
from core.results import AGENT, CUSTOMER, OTHER


def heard(mood: float, *, offensive: float = 0.0, worst: str = "") -> Heard:
    return Heard(mood, offensive, worst)


def talk(*said: tuple[int, str, float]) -> tuple[list[Turn], list[Heard]]:
    return [Turn(role, "", text) for role, text, _ in said], [heard(mood, worst=text) for _, text, mood in said]


def a_round(role: int, text: str) -> Round:
    return Round(role, text, np.zeros(HEADS, np.float32), np.zeros((1, HEADS), np.float32))


@pytest.mark.parametrize(
    ("cell", "turns"),
    [
        ("用户:快递呢? 客服:您好,在查", [(CUSTOMER, "快递呢?"), (AGENT, "您好,在查")]),
        ("客服:您好\n用户:退款\n多久到\n客服:三天", [(AGENT, "您好"), (CUSTOMER, "退款\n多久到"), (AGENT, "三天")]),
        ("【买家】:太慢了 【卖家】:抱歉", [(CUSTOMER, "太慢了"), (AGENT, "抱歉")]),
        ("坐席01:你好。客户:我要投诉。坐席01:请讲", [(AGENT, "你好。"), (CUSTOMER, "我要投诉。"), (AGENT, "请讲")]),
        ("系统:已接入|客服(小李):您好|访客:查单", [(OTHER, "已接入"), (AGENT, "您好"), (CUSTOMER, "查单")]),
        ("customer:hi: 你好\nhelpdesk:sorry", [(CUSTOMER, "hi: 你好"), (AGENT, "sorry")]),
        (
            "张三:怎么还没到\n李四:您好,请稍等\n张三:好",
            [(CUSTOMER, "怎么还没到"), (AGENT, "您好,请稍等"), (CUSTOMER, "好")],
        ),
        ("李四:您好,请问有什么可以帮您\n张三:退货", [(AGENT, "您好,请问有什么可以帮您"), (CUSTOMER, "退货")]),
    ],
)
def test_a_transcript_is_cut_at_its_marks(cell: str, turns: list[tuple[int, str]]) -> None:
    assert [(turn.role, turn.text) for turn in cut(cell)] == turns


@pytest.mark.parametrize("cell", ["", "今天天气:好。我很满意", "客服态度很好,给用户解决了问题", "用户:只有一句"])
def test_a_text_without_two_speakers_is_no_transcript(cell: str) -> None:
    assert cut(cell) == ()


@pytest.mark.parametrize(
    "cell",
    [
        "[2026-03-01 10:22:01] 客户:退款\n[2026-03-01 10:23:00] 客服:好",
        "客户 2026-03-01 10:22:01\n退款\n客服小美 2026-03-01 10:23:00\n好",
        "客户(2026-03-01 10:22:01):退款 客服(2026-03-01 10:23:00):好",
        "2026/3/1 10:22:01 客户:退款\n2026年3月1日 10:23:00 客服:好",
    ],
)
def test_times_of_a_transcript_are_read_wherever_they_stand(cell: str) -> None:
    assert [(turn.text, turn.time) for turn in cut(cell)] == [
        ("退款", datetime(2026, 3, 1, 10, 22, 1)),
        ("好", datetime(2026, 3, 1, 10, 23)),
    ]


def test_a_line_that_quotes_the_other_side_stays_one_turn() -> None:
    turns = cut("customer:转发 客服:请私信 用户:好的\nhelpdesk:收到")
    assert [turn.text for turn in turns] == ["转发 客服:请私信 用户:好的", "收到"]


def test_in_a_column_of_transcripts_one_speaker_alone_is_a_dialogue_too() -> None:
    assert [(turn.role, turn.text) for turn in cut("用户:有人吗", alone=True)] == [(CUSTOMER, "有人吗")]
    assert [(turn.role, turn.text) for turn in cut("没有标记的一段", alone=True)] == [(OTHER, "没有标记的一段")]
    assert cut("  ", alone=True) == ()


def test_a_speaker_without_a_telling_name_takes_the_side_that_is_free() -> None:
    turns = with_roles([Turn(OTHER, "客服", "您好"), Turn(OTHER, "雨后晴天", "在吗")])
    assert [turn.role for turn in turns] == [AGENT, CUSTOMER]
    assert role_of("雨后晴天") is None


def test_sentences_are_verbatim_pieces_in_their_order() -> None:
    text = "还没到.怎么回事?急![怒] 版本是v1.2,再不来就投诉。。。"
    pieces = sentences(text)
    assert len(pieces) == 4
    places = [text.index(piece) for piece in pieces]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("sample", "text", "found"),
    [
        (
            {"会话ID": ["1", "1", "2", "2"], "角色": ["客户", "客服"] * 2, "内容": ["在吗", "您好", "退款", "好的"]},
            "内容",
            ("会话ID", "角色"),
        ),
        ({"a": ["7", "7", "8"], "b": ["user", "agent", "user"], "c": ["在吗", "您好", "退"]}, "c", ("a", "b")),
        (
            {"消息编号": ["1", "2", "3"], "发送方": ["王五", "小美", "王五"], "内容": ["在吗", "您好", "退"]},
            "内容",
            (None, "发送方"),
        ),
    ],
)
def test_a_table_of_turns_is_told_from_names_or_values(
    sample: dict[str, list[str]], text: str, found: tuple[str | None, str]
) -> None:
    layout = find_layout(sample, [text])
    assert layout is not None
    assert (layout.dialogue, layout.speaker) == found


def test_a_table_of_comments_holds_no_dialogues() -> None:
    sample = {"评论内容": ["很好吃", "太慢了,客服不理人"], "来源": ["美团", "京东"], "评分": ["5", "1"]}
    assert find_layout(sample, ["评论内容"]) is None


def test_the_mood_goes_from_start_to_end_with_its_lowest_point_quoted() -> None:
    turns, sounds = talk(
        (CUSTOMER, "还行", 0.0), (AGENT, "您好", 0.5), (CUSTOMER, "太差了", -1.8), (CUSTOMER, "好吧", -0.2)
    )
    found = assess(turns, sounds)
    assert (found.start, found.end, found.lowest, found.lowest_turn, found.quote) == (0.0, -0.2, -1.8, 3, "太差了")
    assert found.mood == pytest.approx((0.25 * 0.0 + 0.5 * -1.8 + 1 * -0.2) / 1.75)


@pytest.mark.parametrize(
    ("said", "unresolved"),
    [
        ([("太差了", -1.8)], True),
        ([("太差了", -1.8), ("好的,谢谢", 0.3)], False),
        ([("太差了", -1.8), ("还没解决", -0.3)], True),
        ([("太差了", -1.8), ("订单号是1234", 0.0)], True),
        ([("太差了", -1.8), ("订单号是1234", 0.0), ("明天来取", 0.0)], False),
        ([("什么时候发货", -0.2)], False),
        ([("算了,不买了", 0.0)], True),
        ([("谢谢,解决了", -0.9)], False),
        ([("太差了", -1.8), ("呵呵,谢谢啊", -0.1)], True),
    ],
)
def test_dissatisfaction_is_left_behind_by_the_stated_rule(said: list[tuple[str, float]], unresolved: bool) -> None:
    turns, sounds = talk(*((CUSTOMER, text, mood) for text, mood in said))
    assert assess(turns, sounds).unresolved is unresolved


@pytest.mark.parametrize(
    ("reply", "mood", "faults"),
    [
        ("这个没办法,你自己看物流", 0.0, ["推给客户自己", "一口回绝"]),
        ("不归我们管", 0.0, ["推说不归自己管"]),
        ("说了多少遍了", 0.0, ["不耐烦"]),
        ("你这人真讨厌", -1.9, ["语气负面"]),
        ("非常抱歉给您带来不好的体验", -1.9, []),
        ("您好,已经为您处理", 1.0, []),
    ],
)
def test_replies_that_make_it_worse_are_named(reply: str, mood: float, faults: list[str]) -> None:
    turns, sounds = talk((CUSTOMER, "怎么办", 0.0), (AGENT, reply, mood))
    assert assess(turns, sounds).faults == tuple((2, why) for why in faults)


def test_an_offensive_reply_and_the_same_template_again_are_faults() -> None:
    template = "您好,请您耐心等待,我们会尽快处理。"
    turns, sounds = talk((CUSTOMER, "急", 0.0), (AGENT, template, 0.5), (CUSTOMER, "急", 0.0), (AGENT, template, 0.5))
    assert assess(turns, sounds).faults == ((4, "重复同一段话"),)
    sounds[1] = heard(0.0, offensive=0.9)
    assert assess(turns, sounds).faults[0] == (2, "言语冒犯")


def test_waiting_counts_from_the_first_message_that_nobody_answered() -> None:
    moments = [(CUSTOMER, 0), (CUSTOMER, 5), (AGENT, 20), (AGENT, 21), (CUSTOMER, 30)]
    turns = [Turn(role, "", "x", datetime(2026, 3, 1, 10, minute)) for role, minute in moments]
    assert [seconds for seconds in waits(turns) if not math.isnan(seconds)] == [1200.0]


def test_without_a_customer_there_is_no_mood_and_nothing_unresolved() -> None:
    turns, sounds = talk((AGENT, "您好,在吗", 0.2))
    found = assess(turns, sounds)
    assert math.isnan(found.mood)
    assert (found.unresolved, found.lowest_turn, found.quote) == (False, 0, "")
    assert concern(math.nan, found) == 0.0


def test_the_reasons_say_what_the_rank_is_made_of() -> None:
    turns, sounds = talk((CUSTOMER, "在吗", 0.0), (AGENT, "没办法", 0.0), (CUSTOMER, "太差了", -1.8))
    found = assess(turns, sounds)
    assert reasons(-1.5, found) == ("不满没有化解", "满意度低(−1.5)", "客服第 2 轮一口回绝", "情绪由 0.0 降到 −1.8")
    assert concern(-1.5, found) == pytest.approx(1.5 + 1 + 0.5)


def test_the_same_words_elsewhere_in_the_dialogue_are_other_ngrams() -> None:
    first, second = block_grams("谢谢", 0)[0], block_grams("谢谢", 1)[0]
    assert not set(first.tolist()) & set(second.tolist())
    assert max(first.max(), second.max()) < 2**BITS


def test_features_have_one_shape_for_any_dialogue() -> None:
    for rounds in ([], [a_round(AGENT, "您好")], [a_round(CUSTOMER, ""), a_round(AGENT, "您好")]):
        assert dense(rounds).shape == (WIDTH,)
        assert np.isfinite(dense(rounds)).all()
        buckets, values = grams(rounds)
        assert len(buckets) == len(values)


@pytest.mark.parametrize(("text", "can"), [("太慢了", True), ("too slow, no answer", False), ("?!", False)])
def test_the_trained_model_judges_chinese_customers_only(text: str, can: bool) -> None:
    assert fits([a_round(CUSTOMER, text)]) is can
    assert not fits([a_round(AGENT, "您好")])


def test_the_shipped_model_is_small_holds_no_pickle_and_says_what_it_is() -> None:
    model = open_model()
    assert model is not None
    assert FILE.stat().st_size < 1_000_000
    assert model.backend in (FILE.parent / "card.md").read_text("utf-8")
    thanks = [
        a_round(CUSTOMER, "耳机坏了怎么办"),
        a_round(AGENT, "已经为您换新"),
        a_round(CUSTOMER, "太好了,谢谢,非常满意"),
    ]
    anger = [
        a_round(CUSTOMER, "耳机坏了怎么办"),
        a_round(AGENT, "请您耐心等待"),
        a_round(CUSTOMER, "垃圾客服,再也不买了,投诉"),
    ]
    assert model.satisfaction(thanks, heard=False) > model.satisfaction(anger, heard=False)


def test_weights_of_another_layout_are_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "satisfaction.npz"
    np.savez(path, words=np.zeros((2, 3)), numbers=np.zeros(2), centre=np.zeros(2), scale=np.ones(2), backend="x")
    with pytest.raises(ModelError, match=r"\[M06\]"):
        open_model(path)
    path.write_bytes(b"PK nothing")
    open_model.cache_clear()
    with pytest.raises(ModelError, match=r"\[M06\]"):
        open_model(path)
    assert open_model(tmp_path / "none.npz") is None


def test_satisfaction_stays_on_its_scale() -> None:
    zeros = np.zeros(WIDTH, np.float32)
    model = Model("", "", np.full((2, 2**BITS + 1), 9, np.float32), zeros, zeros, zeros + 1)
    assert model.satisfaction([a_round(CUSTOMER, "好")], heard=False) == 2.0


@pytest.mark.timeout(20)
@pytest.mark.parametrize("cell", ["\n" * 20_000, " \n" * 20_000 + "客服:好", "客服\n" + "\n" * 20_000])
def test_a_cell_of_blank_lines_takes_linear_time(cell: str) -> None:
    assert len(cut(cell, alone=True)) <= 1


@pytest.mark.timeout(20)
@pytest.mark.parametrize("before", [' 助手("x)', "工作人员(=1)", "客服小美"])
def test_a_long_run_of_spaces_behind_a_name_takes_linear_time(before: str) -> None:
    cut(before + " " * 200_000 + "x")
