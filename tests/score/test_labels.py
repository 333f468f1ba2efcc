"""Model classes become negative, neutral, positive; probabilities become labels."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError, ModelError
from core.schema import LABELS, ScoreOptions, Scores
from core.score.labels import class_matrix, known_labels, label

EMOTIONS = ["恐惧", "愤怒", "厌恶", "喜好", "悲伤", "高兴", "惊讶"]


def labelled(*rows: tuple[float, float, float], **options: float) -> Scores:
    n = len(rows)
    return label(np.array(rows, np.float32), np.ones(n, np.int16), np.zeros(n, bool), ScoreOptions(**options))


@pytest.mark.parametrize(
    "names",
    [
        ["负面", "正面"],
        ["negative", "positive"],
        ["Negative", "Positive"],
        ["0", "1"],
        ["LABEL_0", "LABEL_1"],
        ["差评", "好评"],
    ],
)
def test_two_classes_are_read_by_their_names(names: list[str]) -> None:
    assert class_matrix(names, "m").tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("names", [["正面", "中性", "负面"], ["pos", "neu", "neg"], ["1", "0", "-1"]])
def test_the_order_of_the_classes_is_the_models_own(names: list[str]) -> None:
    assert class_matrix(names, "m").tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_emotions_go_to_their_side_and_surprise_to_both_halves() -> None:
    sentiment = np.eye(7, dtype=np.float32) @ class_matrix(EMOTIONS, "m")
    assert sentiment.argmax(axis=1).tolist()[:6] == [0, 0, 0, 2, 0, 2]
    assert sentiment[6].tolist() == [0.5, 0, 0.5]
    assert known_labels(class_matrix(EMOTIONS, "m")) == ("负面", "正面")


@pytest.mark.parametrize(
    "names", [["体育", "财经"], ["0", "1", "2"], ["中性", "正面"], ["负面"], ["负面", "正面", "其他"], []]
)
def test_classes_that_are_no_sentiment_are_refused_by_name(names: list[str]) -> None:
    with pytest.raises(ModelError, match=r"^\[M07\]"):
        class_matrix(names, "m")


def test_the_most_probable_label_wins() -> None:
    assert labelled((0.6, 0.3, 0.1), (0.2, 0.5, 0.3), (0.1, 0.2, 0.7)).label.tolist() == [0, 1, 2]


def test_the_neutral_band_takes_close_calls_only() -> None:
    scores = labelled((0.45, 0.0, 0.55), (0.3, 0.0, 0.7), neutral_band=0.2)
    assert [LABELS[i] for i in scores.label] == ["中性", "正面"]


def test_a_close_call_keeps_its_confidence_and_needs_review() -> None:
    scores = labelled((0.45, 0.0, 0.55), neutral_band=0.2, review_below=0.6)
    assert scores.confidence[0] == pytest.approx(0.55)
    assert scores.needs_review[0]


def test_equal_sides_are_neutral_also_without_a_band() -> None:
    assert LABELS[labelled((0.5, 0.0, 0.5)).label[0]] == "中性"


@pytest.mark.parametrize(
    "options", [{"neutral_band": 1.0}, {"neutral_band": -0.1}, {"review_below": 1.5}, {"review_below": float("nan")}]
)
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"^\[M21\]"):
        labelled((0.5, 0.0, 0.5), **options)
