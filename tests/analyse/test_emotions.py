"""Comments per emotion, and the offensive ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from core.analyse import comments, emotions
from core.errors import InputError
from core.schema import EMOTIONS, Col, Filter, Table

Make = Callable[..., Table]
ANGER, JOY = EMOTIONS.index("愤怒"), EMOTIONS.index("高兴")


def row(emotion: int, p: float = 0.8, offensive: float = 0.1, **more: Any) -> dict[str, Any]:
    return {Col.EMOTION: emotion, Col.P_EMOTION: p, Col.P_OFFENSIVE: offensive, **more}


def test_every_emotion_has_its_share_and_mean_probability(table: Make) -> None:
    result = emotions(table([row(ANGER, 0.6), row(ANGER, 0.8), row(JOY), row(JOY, offensive=0.9)]), Filter())
    by_name = {one.name: one for one in result.counts}
    assert [one.name for one in result.counts] == list(EMOTIONS)
    assert result.n == 4
    assert (by_name["愤怒"].share.count, by_name["愤怒"].share.n, by_name["愤怒"].mean_p) == (2, 4, pytest.approx(0.7))
    assert by_name["恐惧"].share.count == 0
    assert math.isnan(by_name["恐惧"].mean_p)
    assert (result.offensive.count, result.offensive.n) == (1, 4)


def test_rows_without_an_emotion_and_a_model_that_cannot_tell_offence_are_left_out(table: Make) -> None:
    result = emotions(table([row(-1, math.nan, math.nan), row(JOY, offensive=math.nan)]), Filter())
    assert (result.n, result.offensive.n) == (1, 0)


def test_a_table_without_emotions_has_none(table: Make) -> None:
    assert emotions(table([{}, {}]), Filter()).n == 0


def test_a_filter_keeps_some_emotions(table: Make) -> None:
    made = table([row(ANGER, text="一"), row(JOY, text="二"), row(-1, text="三")])
    assert comments(made, Filter(emotions=("愤怒",))).frame[Col.TEXT].tolist() == ["一"]
    with pytest.raises(InputError, match=r"^\[N01\].*狂喜"):
        comments(made, Filter(emotions=("狂喜",)))
