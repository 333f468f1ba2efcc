"""How durations are put into words."""

from __future__ import annotations

import pytest

from core.jobs import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "不到 1 秒"),
        (0.7, "1 秒"),
        (59.4, "59 秒"),
        (59.6, "1 分 0 秒"),
        (3600, "1 小时 0 分"),
        (float("nan"), "未知"),
        (float("inf"), "未知"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
