"""The metrics agree with scikit-learn and with what is known in closed form; their intervals cover."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from core.errors import InputError
from core.metrics import evaluate_labels, restrict, wilson
from core.schema import LABELS


def made_up(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return truths drawn from the very probabilities, so that the calibration is perfect."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet([1.2, 0.5, 1.0], n)
    return (rng.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, 2), p


def test_rates_per_class_are_scikit_learns() -> None:
    true, p = made_up(400)
    m = evaluate_labels(true, p, LABELS)
    precision, recall, f1, support = precision_recall_fscore_support(true, p.argmax(axis=1))
    assert [c.precision.value for c in m.classes] == pytest.approx(list(precision))
    assert [c.recall.value for c in m.classes] == pytest.approx(list(recall))
    assert [c.f1.value for c in m.classes] == pytest.approx(list(f1))
    assert [c.support for c in m.classes] == list(support)
    assert m.macro_f1.value == pytest.approx(f1_score(true, p.argmax(axis=1), average="macro"))


def test_the_macro_mean_leaves_out_classes_that_never_occur() -> None:
    m = evaluate_labels([0, 0, 2, 2], np.eye(3)[[0, 1, 2, 2]], LABELS)
    assert m.macro_f1.value == pytest.approx((2 / 3 + 1) / 2)
    assert math.isnan(m.classes[1].recall.value)


def test_a_model_that_is_always_right_and_sure_has_no_error() -> None:
    m = evaluate_labels([0, 1, 2] * 20, np.eye(3)[[0, 1, 2] * 20], LABELS)
    assert (m.accuracy.value, m.macro_f1.value, m.ece.value) == (1, 1, 0)
    assert m.accuracy.low < 1
    assert m.accuracy.high == 1


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    p = np.tile([0.9, 0.1], (100, 1))
    assert evaluate_labels([0] * 60 + [1] * 40, p, "ab").ece.value == pytest.approx(0.3)
    bins = [b for b in evaluate_labels([0] * 60 + [1] * 40, p, "ab").reliability if b.n]
    assert [(b.n, round(b.confidence, 6), b.accuracy) for b in bins] == [(100, 0.9, 0.6)]


def test_probabilities_that_mean_what_they_say_have_a_small_calibration_error() -> None:
    m = evaluate_labels(*made_up(20_000), LABELS)
    assert m.ece.value < 0.02
    assert m.ece.low <= m.ece.value <= m.ece.high


def test_intervals_cover_the_truth_about_nineteen_times_in_twenty() -> None:
    true, p = made_up(200_000, seed=9)
    whole = evaluate_labels(true, p, LABELS)
    rng = np.random.default_rng(4)
    covered = np.zeros(2)
    for _ in range(150):
        rows = rng.integers(0, len(true), 300)
        m = evaluate_labels(true[rows], p[rows], LABELS)
        covered += [
            m.accuracy.low <= whole.accuracy.value <= m.accuracy.high,
            m.macro_f1.low <= whole.macro_f1.value <= m.macro_f1.high,
        ]
    assert (covered / 150 > 0.88).all(), covered / 150


@pytest.mark.parametrize("overconfidence", [0.0, 0.05])
def test_the_interval_of_the_calibration_error_covers_the_truth_and_the_estimate(overconfidence: float) -> None:
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(40):
        sure = rng.uniform(0.6, 1, 300)
        true = (rng.random(300) > sure - overconfidence).astype(int)
        ece = evaluate_labels(true, np.stack([sure, 1 - sure], axis=1), "ab").ece
        assert ece.low <= ece.value <= ece.high
        covered += ece.low <= overconfidence <= ece.high
    assert covered >= 35


def test_equal_seeds_give_equal_intervals_and_others_do_not() -> None:
    true, p = made_up(300)
    assert evaluate_labels(true, p, LABELS) == evaluate_labels(true, p, LABELS)
    assert evaluate_labels(true, p, LABELS, seed=2).macro_f1 != evaluate_labels(true, p, LABELS).macro_f1


def test_given_labels_may_differ_from_the_most_probable_ones() -> None:
    m = evaluate_labels([1], [[0.4, 0.2, 0.4]], LABELS, predicted=[1])
    assert m.accuracy.value == 1
    assert m.ece.value == pytest.approx(0.8)


def test_a_million_rows_take_seconds() -> None:
    assert evaluate_labels(*made_up(1_000_000), LABELS).n == 1_000_000


def test_metrics_become_valid_json() -> None:
    text = json.dumps(evaluate_labels([0], [[1.0, 0.0, 0.0]], LABELS).as_dict(), allow_nan=False)
    assert json.loads(text)["classes"][2]["recall"]["value"] is None


@pytest.mark.parametrize(
    ("true", "p"),
    [
        ([], np.zeros((0, 3))),
        ([0, 1], [[1, 0, 0]]),
        ([3], [[1, 0, 0]]),
        ([-1], [[1, 0, 0]]),
        ([0], [[math.nan, 0, 0]]),
        ([0], [[0.5, 0.5]]),
        ([0.5], [[1, 0, 0]]),
    ],
    ids=["no rows", "lengths", "class too high", "class too low", "NaN", "columns", "no class"],
)
def test_what_does_not_fit_together_is_refused(true: list[float], p: object) -> None:
    with pytest.raises(InputError, match=r"^\[M20\]"):
        evaluate_labels(true, p, LABELS)


@pytest.mark.parametrize(("count", "n"), [(0, 5), (5, 5), (1, 1), (0, 1)])
def test_wilson_stays_within_zero_and_one(count: int, n: int) -> None:
    s = wilson(count, n)
    assert 0 <= s.low <= s.value <= s.high <= 1


def test_wilson_of_nothing_is_not_a_number() -> None:
    assert math.isnan(wilson(0, 0).value)


def test_restricting_to_two_classes_keeps_their_ratio() -> None:
    assert restrict([[0.1, 0.6, 0.3], [0, 1, 0]], [0, 2]).tolist() == [
        [pytest.approx(0.25), pytest.approx(0.75)],
        [0.5, 0.5],
    ]
