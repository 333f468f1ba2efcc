"""Long texts are cut where people pause, nothing is lost, and the windows are weighed by their length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.schema import ScoreOptions
from core.score import score, score_heads
from core.score.onnx import OnnxBackend
from core.score.windows import Plan, pool, split
from tests.score.conftest import Counting


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from('很好吃难。!,、 \n"”…;a😄\ud83d\0')))
def test_windows_together_are_the_text_and_each_fits(text: str) -> None:
    backend = Counting()
    parts = split(text, backend)
    assert "".join(parts) == text
    assert (backend.lengths(parts) <= backend.window_tokens).all()


def test_a_text_is_cut_at_the_end_of_a_sentence() -> None:
    assert split("第一句话在这里说完了。" * 2, Counting()) == ["第一句话在这里说完了。"] * 2


def test_a_sentence_too_long_is_cut_at_a_comma() -> None:
    assert split("这家店的味道还可以,就是排队等的时间太长了,", Counting()) == [
        "这家店的味道还可以,",
        "就是排队等的时间太长了,",
    ]


def test_a_closing_quote_stays_with_its_sentence() -> None:
    assert split("他说:“这里真的很好吃啊!”我却觉得非常一般呢。", Counting())[0] == "他说:“这里真的很好吃啊!”"


def test_windows_are_pooled_by_their_log_probabilities_over_the_root_of_their_number(lexicon: OnnxBackend) -> None:
    good, bad = "很好 " * 3 + "一般 " * 28 + "。", "一般。" * 15 + "难吃。"
    logs = np.log(lexicon.score([good, bad])).sum(axis=0) / np.sqrt(2)
    scores = score([good + bad], lexicon)
    assert scores.windows[0] == 2
    np.testing.assert_allclose(scores.probabilities[0], np.exp(logs) / np.exp(logs).sum(), atol=1e-5)


def plan_of(windows: int) -> Plan:
    return Plan(
        np.zeros(0, np.int64),
        [""] * windows,
        np.zeros(windows, np.int64),
        np.array([windows], np.int16),
        np.zeros(1, bool),
    )


def pooled(*rows: tuple[float, float, float]) -> np.ndarray:
    return pool(plan_of(len(rows)), np.zeros((0, 3), np.float32), np.array(rows, np.float32))[0]


def test_windows_that_agree_are_surer_together_and_opposite_ones_cancel() -> None:
    assert pooled((0.7, 0.1, 0.2), (0.7, 0.1, 0.2))[0] > 0.75
    assert pooled((0.8, 0.0, 0.2), (0.2, 0.0, 0.8)) == pytest.approx([0.5, 0, 0.5])


def test_a_window_that_says_nothing_changes_no_ones_mind() -> None:
    assert pooled((1 / 3, 1 / 3, 1 / 3), (0.9, 0.05, 0.05)).argmax() == 0


def test_a_class_the_model_does_not_know_stays_at_zero_and_a_rounded_zero_is_no_veto() -> None:
    assert pooled((0.6, 0.0, 0.4), (0.9, 0.0, 0.1))[1] == 0
    assert pooled((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)) == pytest.approx([0.5, 0, 0.5])


def test_sixteen_sure_windows_make_no_nan() -> None:
    assert pooled(*[(1.0, 0.0, 0.0)] * 16).tolist() == [1, 0, 0]


def test_the_other_heads_are_pooled_too(lexicon: OnnxBackend) -> None:
    emotions = score_heads(["很好", "[怒] " * 90], lexicon, ["emotion"])["emotion"]
    assert [lexicon.heads["emotion"][i] for i in emotions.argmax(axis=1)] == ["高兴", "愤怒"]
    np.testing.assert_allclose(emotions.sum(axis=1), 1, atol=1e-5)


def test_what_lies_beyond_the_last_window_is_reported(lexicon: OnnxBackend) -> None:
    scores = score(["很好。" * 16 * 3, "很好。" * 16 * 3], lexicon, ScoreOptions(max_windows=3))
    assert scores.windows.tolist() == [3, 3]
    assert not scores.cut.any()
    assert score(["很好。" * 16 * 4], lexicon, ScoreOptions(max_windows=3)).cut.tolist() == [True]


def test_no_window_at_all_is_refused(lexicon: OnnxBackend) -> None:
    with pytest.raises(InputError, match=r"^\[M21\]"):
        score(["好"], lexicon, ScoreOptions(max_windows=0))
