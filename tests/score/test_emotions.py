"""Emotions and offence come from the same pass as the sentiment, only when asked for, and only from models that can."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ModelError
from core.schema import EMOTIONS, Backend, ScoreOptions
from core.score import can_tell, load, score, score_heads
from core.score.onnx import OnnxBackend
from tests.score.conftest import Counting

ASKED = ScoreOptions(emotion=True)


def test_nobody_asked_nothing_told(lexicon: OnnxBackend) -> None:
    assert score(["很好"], lexicon).emotions is None


def test_emotion_probability_and_offence_stand_beside_an_unchanged_sentiment(lexicon: OnnxBackend) -> None:
    scores = score(["很好", "差评", "[怒]差评"], lexicon, ASKED)
    felt = scores.emotions
    assert felt is not None
    assert [EMOTIONS[i] for i in felt.emotion] == ["高兴", "愤怒", "愤怒"]
    assert felt.p_emotion.min() > 1 / len(EMOTIONS)
    assert felt.p_offensive[0] <= 0.5 < felt.p_offensive[1]
    np.testing.assert_array_equal(scores.probabilities, score(["很好", "差评", "[怒]差评"], lexicon).probabilities)


def test_a_long_text_is_told_over_all_its_windows(lexicon: OnnxBackend) -> None:
    texts = ["很好", "[怒] " * 90, "包装"]
    felt = score(texts, lexicon, ASKED).emotions
    pooled = score_heads(texts, lexicon, ["emotion"])["emotion"]
    assert felt is not None
    np.testing.assert_allclose(felt.p_emotion, pooled.max(axis=1), rtol=1e-6)


def test_no_text_gives_arrays_of_length_zero(lexicon: OnnxBackend) -> None:
    felt = score([], lexicon, ASKED).emotions
    assert felt is not None
    assert len(felt.emotion) == len(felt.p_emotion) == len(felt.p_offensive) == 0


def test_a_model_without_an_emotion_head_is_refused() -> None:
    assert not can_tell(Counting())
    with pytest.raises(ModelError, match=r"^\[M14\].*counting"):
        score(["好"], Counting(), ASKED)


def test_the_shipped_model_hears_anger_joy_and_fear() -> None:
    model: Backend = load("builtin")
    felt = score(["气死我了,简直是欺负人!", "今天太开心了哈哈哈", "好害怕,吓得我不敢睡觉"], model, ASKED).emotions
    assert felt is not None
    assert [EMOTIONS[i] for i in felt.emotion] == ["愤怒", "高兴", "恐惧"]
