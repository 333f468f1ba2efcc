"""单句分析: typed lines in, verdicts out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import history

Page = Callable[..., AppTest]


def judge(at: AppTest, text: str) -> AppTest:
    at.text_area(key="single_text").set_value(text)
    at.button[0].click()
    return at.run()


def test_one_line_gets_label_confidence_and_model(page: Page) -> None:
    at = judge(page("single.py"), "味道很好,下次还来")
    assert not at.exception
    assert any("置信度" in m.value for m in at.markdown)
    table = at.dataframe[0].value
    assert list(table["评论"]) == ["味道很好,下次还来"]
    assert table[["负面", "中性", "正面"]].sum(axis=1).tolist() == pytest.approx([100], abs=0.2)


def test_the_model_is_called_by_its_chinese_name(page: Page) -> None:
    assert any("模型:内置模型" in caption.value for caption in page("single.py").caption)


def test_many_lines_are_judged_in_their_order_and_blank_ones_skipped(page: Page) -> None:
    at = judge(page("single.py"), "很好\n\n  \n差评\n一般")
    assert list(at.dataframe[0].value["评论"]) == ["很好", "差评", "一般"]


def test_a_whole_paragraph_can_be_one_comment(page: Page) -> None:
    at = page("single.py")
    at.toggle(key="single_whole").set_value(True)
    judge(at, "第一行很好\n第二行也好")
    assert list(at.dataframe[0].value["评论"]) == ["第一行很好\n第二行也好"]


@pytest.mark.parametrize("text", ["", "  \n\t \u3000"])
def test_nothing_typed_is_said_in_chinese(page: Page, text: str) -> None:
    at = judge(page("single.py"), text)
    assert not at.exception
    assert "输入文本不能为空" in at.warning[0].value


def test_a_line_without_words_gets_no_label_but_its_reason(page: Page) -> None:
    at = judge(page("single.py"), "!!!")
    assert not at.exception
    assert "没有结果" in at.warning[0].value
    assert list(at.dataframe[0].value["情感"]) == ["—"]


def test_more_lines_than_allowed_are_refused_with_the_way_out(page: Page) -> None:
    at = judge(page("single.py"), "\n".join(["好"] * 1001))
    assert "批量打标" in at.warning[0].value
    assert not at.dataframe


def test_markup_in_a_comment_stays_text(page: Page) -> None:
    at = judge(page("single.py"), "<img src=x onerror=alert(1)> **很好** :red[x]")
    assert not at.exception
    assert not any("<img" in m.value or "**很好**" in m.value for m in at.markdown)


def test_a_link_fills_the_box_up_to_a_limit(page: Page) -> None:
    assert page("single.py", text="<b>好</b>").text_area(key="single_text").value == "<b>好</b>"
    assert len(page("single.py", text="长" * 9_000).text_area(key="single_text").value) == 2_000


def test_an_example_fills_the_box(page: Page) -> None:
    at = page("single.py")
    at.button(key="single_example_1").click().run()
    assert "客服" in at.text_area(key="single_text").value


def test_newer_answers_stand_on_top(page: Page) -> None:
    at = judge(judge(page("single.py"), "旧的"), "新的")
    assert list(at.dataframe[0].value["评论"]) == ["新的", "旧的"]


def test_what_was_cleared_can_be_brought_back(page: Page) -> None:
    at = judge(page("single.py"), "很好\n差评")
    at.button(key="single_clear").click().run()
    assert not at.dataframe
    at.button(key="single_undo_button").click().run()
    assert list(at.dataframe[0].value["评论"]) == ["很好", "差评"]


def test_the_downloads_hold_what_the_table_shows_and_neutralise_formulas(page: Page) -> None:
    at = judge(page("single.py"), '=HYPERLINK("http://evil.example")很好\n差评')
    entries = at.session_state["single_rows"]
    rows = list(csv.reader(io.StringIO(history.file(entries, "csv").decode("utf-8-sig"))))
    assert rows[0] == [
        "时间",
        "评论",
        "模型",
        "情感",
        "置信度",
        "负面概率",
        "中性概率",
        "正面概率",
        "需复核",
        "情绪",
        "情绪概率",
        "冒犯概率",
    ]
    assert not rows[1][1].startswith("=")
    assert rows[2][1] == "差评"
    assert history.file(entries, "xlsx").startswith(b"PK")


def test_a_chosen_model_that_is_missing_is_a_coded_error(page: Page) -> None:
    at = page("single.py")
    at.session_state["chosen_model"] = "/no/such/folder"
    judge(at, "很好")
    assert not at.exception
    assert at.error
    assert any(c.value.startswith("错误代码 M") for c in at.caption)


def test_where_no_single_word_decides_it_says_so_instead_of_explaining_colours(page: Page) -> None:
    at = judge(page("single.py"), "ᚠᚢᚦ ᚨᚱᚲ")  # runes: no word that the model knows
    said = [c.value for c in at.caption]
    assert any("没有哪个词单独起作用" in text for text in said)
    assert not any("底色越深" in text for text in said)


def test_a_text_that_was_cleaned_for_the_model_is_announced_as_cleaned(page: Page) -> None:
    at = judge(page("single.py"), "太差了" + "啊" * 40)
    assert any("清洗后的文字" in c.value for c in at.caption)
