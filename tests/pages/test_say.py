"""How pages say things."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.schema import JobState
from pages.parts import say


def without_holds(escaped: str) -> str:
    """Escaped text without the spans that keep Streamlit from making a link, an icon or an arrow of it."""
    return re.sub(r":color\[(\\.)\]", r"\1", escaped)


@given(st.text())
def test_escaped_text_has_no_active_markdown_character(text: str) -> None:
    escaped = without_holds(say.escape(text))
    active = set("\\`*_{}[]()<>#+-.!|~$:&^=")
    i = 0
    while i < len(escaped):
        assert escaped[i] == "\\" or escaped[i] not in active
        i += 2 if escaped[i] == "\\" else 1


@given(st.text(st.sampled_from(".:/@-<>=w a评httpsmaterial")))
def test_escaped_text_has_the_letters_of_the_text(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", without_holds(say.escape(text))) == text


@pytest.mark.parametrize("text", ["https://x.cn,无法下载", "HTTP://x.cn", "www.x.cn 评论.csv", "我@x.cn", "a:x.y@b.cn"])
def test_no_piece_of_an_escaped_address_is_one(text: str) -> None:
    pieces = [re.sub(r"\\(.)", r"\1", piece) for piece in re.split(r":color\[(\\.)\]", say.escape(text))]
    assert "".join(pieces) == text
    assert not [piece for piece in pieces if re.search(r"(://|www|@)[-\w]*\.", piece, re.IGNORECASE)]


def test_every_state_has_a_chinese_name() -> None:
    assert set(say.STATES) == set(JobState)


def test_times_are_shown_in_the_zone_of_the_settings() -> None:
    assert say.local_time(datetime(2026, 3, 1, 18, 5, tzinfo=UTC)) == "2026-03-02 02:05"


def test_a_quote_is_shown_as_it_was_written_and_a_long_one_folded_with_its_length() -> None:
    def page() -> None:
        from pages.parts import say

        say.quote("**好**\n用", "—— 甲.csv 第 2 行")
        say.quote("很" * 5_000, "—— 甲.csv 第 3 行")

    short, long = AppTest.from_function(page).run().markdown
    assert short.value == "“\\*\\*好\\*\\* 用” :gray[—— 甲\\.csv 第 2 行]"
    assert "全文 5,000 字" in long.value
    assert len(long.value) < 300
