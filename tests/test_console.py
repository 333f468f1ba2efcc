"""What commands say beside their result."""

from __future__ import annotations

from itertools import count

import pytest

from core.commands.console import StepLine


@pytest.fixture
def line() -> StepLine:
    """A line that is always due: its clock runs a minute a call."""
    minutes = count(60, 60)
    return StepLine("正在归纳话题", lambda: float(next(minutes)))


def test_work_in_units_of_its_own_is_told_as_a_share(line: StepLine, capsys: pytest.CaptureFixture[str]) -> None:
    line(0, 1_000)
    line(250, 1_000)
    line(1, 1)
    line.close()
    assert capsys.readouterr().err.splitlines() == ["正在归纳话题:0%", "正在归纳话题:25%", "正在归纳话题:100%"]


def test_nothing_is_said_while_nobody_knows_how_much_there_is(
    line: StepLine, capsys: pytest.CaptureFixture[str]
) -> None:
    line(0, 0)
    line.close()
    assert capsys.readouterr().err == ""
