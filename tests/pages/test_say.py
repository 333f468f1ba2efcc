"""How pages say things."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schema import JobState
from pages.parts import say


@given(st.text())
def test_escaped_text_has_no_active_markdown_character(text: str) -> None:
    escaped = say.escape(text)
    active = set("\\`*_{}[]()<>#+-.!|~$:&^=")
    i = 0
    while i < len(escaped):
        assert escaped[i] == "\\" or escaped[i] not in active
        i += 2 if escaped[i] == "\\" else 1


def test_every_state_has_a_chinese_name() -> None:
    assert set(say.STATES) == set(JobState)


def test_times_are_shown_in_the_zone_of_the_settings() -> None:
    assert say.local_time(datetime(2026, 3, 1, 18, 5, tzinfo=UTC)) == "2026-03-02 02:05"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 秒"), (59.4, "59 秒"), (60, "1 分 0 秒"), (float("nan"), "未知")]
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert say.duration(seconds) == words
