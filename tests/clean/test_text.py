from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.clean import clean_text, is_default_text, text_key

#: Pieces that the rules look for, so that random texts hit them and their seams.
PIECES = (
    "&",
    "amp;",
    "&lt;",
    "&gt;",
    "&#38;",
    "&#x26;",
    "&#8203;",
    "<",
    ">",
    "<br",
    "/>",
    "#",
    "@",
    "＠",
    "＃",
    "//",
    ":",
    "：",
    "http",
    "://",
    "t.cn/",
    "www.",
    ".com",
    "ab",
    "[图片]",
    "[怒]",
    "[",
    "]",
    "网页链接",
    "展开",
    "收起",
    "全文",
    "c",
    "d",
    "...",
    "回复",
    "小王",
    "好吃",
    "哈",
    "!",
    "！",
    "１",
    "2",
    "e",
    "转发微博",
    "此用户没有填写评价",
    "〔用户〕",
    "〔手机号〕",
    "的微博视频",
    "<img alt=[怒]",
    " ",
    "\n",
    "\u3000",
    "\u200b",
    "\u200d",
    "\ufe0f",
    "❤",
    "👩",
    "🏻",
    "\ud800",
    "\ue627",
    "\u0301",
)
anything = st.text(alphabet=st.characters(), max_size=60)
texts = st.one_of(anything, st.lists(st.one_of(st.sampled_from(PIECES), anything), max_size=25).map("".join))


@settings(max_examples=400)
@given(texts)
@example("&amp;" * 40 + "lt;br&gt;")
@example("<" * 30 + "br>" * 30)
@example("@" * 20 + "小王" * 20)
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once


@settings(max_examples=300)
@given(texts)
def test_a_clean_text_holds_no_control_or_hidden_character(raw: str) -> None:
    clean = clean_text(raw)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp") for c in clean)
    assert {c for c in clean if unicodedata.category(c) == "Cf"} <= {"\u200d"}


@settings(max_examples=200)
@given(texts)
def test_a_clean_text_is_one_normal_line_without_spaces_around_it(raw: str) -> None:
    clean = clean_text(raw)
    assert clean == unicodedata.normalize("NFC", clean) == " ".join(clean.split())


@settings(max_examples=200)
@given(texts)
def test_a_clean_text_can_be_stored_as_utf8(raw: str) -> None:
    assert clean_text(raw).encode("utf-8").decode("utf-8") == clean_text(raw)


@given(texts)
def test_a_text_with_a_key_has_something_to_score(raw: str) -> None:
    clean = clean_text(raw)
    assert (text_key(clean) == "") == (clean == "")


@given(st.text(alphabet="好差贵", min_size=1, max_size=3), st.text(alphabet="好差贵", min_size=1, max_size=3))
def test_keys_are_equal_exactly_for_equal_texts(one: str, other: str) -> None:
    assert (text_key(one) == text_key(other)) == (one == other)


def test_a_key_is_the_same_in_every_process() -> None:
    assert text_key("质量太差了") == "0d856bcc9cbf19a68247e5d2d5fcd1eb"


def test_joiners_survive_only_inside_emoji() -> None:
    assert clean_text("\u200d👨\u200d👩\u200d👧\u200d好\u200d") == "👨\u200d👩\u200d👧好"


def test_ordinary_text_is_returned_unchanged() -> None:
    text = "物流很快,包装完好。但是客服态度一般(等了20分钟)…… 3.5折买的,AT&T 和 C# 都懂!"
    assert clean_text(text) == text


def test_a_retweet_chain_behind_an_address_is_still_cut() -> None:
    assert clean_text("不行 http://t.cn/A6abc//@小李:很好") == "不行"


def test_a_sentence_that_merely_ends_in_an_unfold_word_is_kept() -> None:
    assert clean_text("希望调查尽快展开") == "希望调查尽快展开"


def test_a_default_sentence_inside_a_real_comment_is_kept() -> None:
    assert not is_default_text("系统默认好评,其实质量很差")


@pytest.mark.timeout(20)
def test_long_and_hostile_texts_take_linear_time() -> None:
    # a hundred thousand characters each; a quadratic rule would need minutes
    for unit in ("ab", "&amp;", "<br", "@", "#", "[", "http://", "展开", "//@", "\u200d", "a.", "回复 "):
        clean_text(unit * (100_000 // len(unit)))


def test_a_kaomoji_with_an_at_sign_is_no_name() -> None:
    assert clean_text("忘不了那里的早餐 @_@") == "忘不了那里的早餐 @_@"


def test_no_rule_leaves_a_tag_or_address() -> None:
    clean = clean_text("<p>好</p>&lt;b&gt;的&lt;/b&gt; HTTPS://T.CN/a?b=1&c=2 完")
    assert re.search(r"<|>|://", clean, re.IGNORECASE) is None


@given(
    unit=st.text("好哈a!，b", min_size=1, max_size=8),
    times=st.integers(4, 9),
    before=st.text("好哈ab ，", max_size=12),
    after=st.text("好哈ab ，", max_size=12),
)
@example(unit="再也不来了呀呀呀", times=4, before="", after="")
@example(unit="aab", times=4, before="a", after="aab")
@settings(max_examples=300)
def test_whatever_is_said_four_times_is_said_three_times(unit: str, times: int, before: str, after: str) -> None:
    assert re.search(r"([^\d\s]{1,8}?)\1{3,}", clean_text(before + unit * times + after)) is None
