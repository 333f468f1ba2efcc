from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.clean import clean_text, mask, segment
from tests.clean.chunks import clean_rows

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
fillers = st.text(alphabet=st.sampled_from("电话 加微a-.,@:〔〕\u200b\n86+0（"), max_size=6)
MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


@settings(max_examples=300)
@given(st.text(max_size=40) | st.lists(fillers | mobiles, max_size=6).map("".join))
@example("1\u200b13800138000")
@example("13800138000-13900139000")
def test_no_mobile_number_of_eleven_digits_survives(text: str) -> None:
    assert MOBILE.search(mask(text)) is None


@given(st.text(max_size=60) | st.lists(fillers | mobiles, max_size=6).map("".join))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@settings(max_examples=60, deadline=None)
@given(fillers, mobiles, fillers)
def test_a_masked_number_survives_in_no_column(before: str, mobile: str, after: str) -> None:
    row = clean_rows([f"好{before} {mobile} {after}"], mask_pii=True).iloc[0]
    everything = [row["text"], row["clean_text"], row["src:评论"], *row["terms"]]
    assert not any(mobile in cell for cell in everything)


def test_digits_that_only_cleaning_joins_are_masked_in_the_clean_text() -> None:
    row = clean_rows(["打&#49;3800138000找我,1<b>3900139000"], mask_pii=True).iloc[0]
    assert MOBILE.search(row["clean_text"]) is None


def test_a_masked_name_is_still_taken_out_as_a_mention() -> None:
    assert clean_text(mask("回复@小王:同意//@小李:好")) == "同意"


def test_tokens_never_become_terms() -> None:
    assert segment([mask("电话13800138000 邮箱a@b.com")]) == [["电话", "邮箱"]]


@pytest.mark.parametrize(
    "text",
    [
        "订单号20240102030405123",
        "单价15.20-30.40,共100件",
        "2024-01-02 12:30:45",
        "1704135840000",
        "4890123456789012",
        "评分4.5,5分",
        "",
    ],
)
def test_ordinary_numbers_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("text", ["手机138 0013 8000", "0138-0013-8000"[1:], "8613800138000", "1380-013-8000"])
def test_mobile_numbers_are_found_in_their_usual_groupings(text: str) -> None:
    assert "〔手机号〕" in mask(text)


@pytest.mark.parametrize("text", ["身份证11010519491231002x", "110105 19491231 002X"])
def test_identity_cards_are_found_with_small_x_and_spaces(text: str) -> None:
    assert "〔身份证号〕" in mask(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["1", "138", "1\u200b", "\u200b", "a", "a@", "0-", "1 ", "@", "中1"])
def test_long_and_hostile_texts_take_linear_time(unit: str) -> None:
    # a hundred thousand characters each; a quadratic rule would need minutes
    mask("138" + unit * (100_000 // len(unit)))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("between", ["\u200b" * 3, "\u200b \u200b", "\u200b" * 6])
def test_digits_with_unseen_characters_between_them_that_are_no_card_do_not_stop_a_job(between: str) -> None:
    # three between each two of fifteen digits could be read in 4 ** 14 ways: 50 seconds for a row of 58 characters
    mask(between.join("123456789012345") + "元" + between.join("1" * 40) + "1")


def test_a_card_with_unseen_characters_and_blanks_between_its_digits_is_found() -> None:
    assert mask("卡4\u200b\u200b\u200b\u200b111\u200b \u200b1111 1111-1111被盗刷") == "卡〔银行卡号〕被盗刷"


def test_a_credit_card_is_found_inside_a_sentence_only() -> None:
    assert mask("卡4111 1111 1111 1111被盗刷") == "卡〔银行卡号〕被盗刷"
    assert mask("4111111111111111") == "4111111111111111"
