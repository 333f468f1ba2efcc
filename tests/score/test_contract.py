"""What every backend must do, whatever runs inside it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from core.errors import ModelError
from core.schema import LABELS, Backend, ScoreOptions
from core.score import load, score

TEXTS = [
    "很好吃,下次还来",
    "差评",
    "包装一般,味道还行",
    "送餐太慢了,打电话也不接,汤全洒了,再也不会点这家。",
    "物流很快 good quality 👍",
    "不是不好吃,就是有点贵",
    "?",
]
ODD = {
    "emoji": "😡😡😡",
    "emoji of several code points": "👩‍👩‍👧‍👦🏳️‍🌈",
    "NUL": "很好\0吃",
    "a lone surrogate": "很好\ud83d吃",
    "right to left": "\u202eאבג很好\u202c",
    "combining marks": "很" + "\u0301" * 50,
    "special tokens as text": "[CLS][SEP][MASK][PAD][UNK]",
    "only spaces": " \t\n\u3000",
    "one code point that folds into eighteen": "ﷺ" * 200,
    "unassigned code points": "\U000e0fff\uffff",
    "a long word": "很" * 100_000,
}


def test_no_text_gives_an_empty_table(backend: Backend) -> None:
    assert backend.score([]).shape == (0, 3)
    assert score([], backend).probabilities.shape == (0, 3)


def test_every_row_is_a_distribution_over_the_labels_the_model_has(backend: Backend) -> None:
    p = backend.score(TEXTS)
    assert p.dtype == np.float32
    assert p.shape == (len(TEXTS), 3)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert not p[:, [i for i, name in enumerate(LABELS) if name not in backend.labels]].any()


def test_results_come_back_in_the_order_of_the_texts(backend: Backend) -> None:
    forth, back = backend.score(TEXTS), backend.score(TEXTS[::-1])
    np.testing.assert_allclose(forth, back[::-1], atol=1e-4)


def test_a_text_is_scored_the_same_alone_and_among_others(backend: Backend) -> None:
    alone = np.concatenate([backend.score([text]) for text in TEXTS])
    among = backend.score(TEXTS * 9)[: len(TEXTS)]
    np.testing.assert_allclose(alone, among, atol=1e-4)
    assert (alone.argmax(axis=1) == among.argmax(axis=1)).all()


def test_a_neighbour_of_extreme_length_changes_nothing(backend: Backend) -> None:
    np.testing.assert_allclose(backend.score([*TEXTS, "好" * 3000])[:-1], backend.score(TEXTS), atol=1e-4)


def test_equal_texts_get_equal_scores(backend: Backend) -> None:
    p = score([TEXTS[3], *TEXTS, TEXTS[3]], backend).probabilities
    np.testing.assert_allclose(p[0], p[4], atol=1e-4)
    np.testing.assert_allclose(p[0], p[-1], atol=1e-4)


def test_the_built_in_model_cannot_see_the_neighbours_of_a_text() -> None:
    model = load("builtin")
    alone = np.concatenate([model.score([text]) for text in TEXTS])
    among = model.score([*TEXTS, *(text + "好" for text in TEXTS)])[: len(TEXTS)]
    np.testing.assert_allclose(alone, among, atol=1e-6)  # the last matrices are float


@pytest.mark.parametrize("kind", list(ODD))
def test_odd_text_is_scored_like_any_other(backend: Backend, kind: str) -> None:
    scores = score([TEXTS[0], ODD[kind], TEXTS[1]], backend)
    assert np.isfinite(scores.probabilities).all()
    np.testing.assert_allclose(scores.probabilities[[0, 2]], score(TEXTS[:2], backend).probabilities, atol=1e-4)


def test_a_long_text_is_windowed_and_flagged_and_a_short_one_is_not(backend: Backend) -> None:
    long = "今天天气一般。" * (backend.window_tokens + 1)
    scores = score(["很好", long, "差评"], backend, ScoreOptions(max_windows=2))
    assert scores.windows.tolist() == [1, 2, 1]
    assert scores.cut.tolist() == [False, True, False]


def test_the_version_is_long_enough_to_be_a_key(backend: Backend) -> None:
    assert len(backend.version) >= 12
    assert int(backend.version[:12], 16) >= 0


def test_lengths_count_the_tokens_of_each_text(backend: Backend) -> None:
    counted = backend.lengths(["", "很好", "很好很好"])
    assert counted[0] == 0
    assert 0 < counted[1] < counted[2]


def test_threads_may_share_one_backend(backend: Backend) -> None:
    expected, answers = backend.score(TEXTS), {}

    def work(number: int) -> None:
        answers[number] = backend.score(TEXTS)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    for answer in answers.values():
        np.testing.assert_allclose(answer, expected, atol=1e-5)


@pytest.mark.parametrize(
    "answer",
    [
        np.array([[np.nan, 0.5, 0.5]]),
        np.array([[np.inf, 0, 0]]),
        np.array([[-0.1, 0.1, 1.0]]),
        np.array([[0.5, 0.1, 0.1]]),
        np.array([[0.5, 0.5]]),
        np.zeros((0, 3)),
    ],
    ids=["NaN", "infinite", "negative", "does not sum to one", "two columns", "too few rows"],
)
def test_an_answer_that_is_no_distribution_is_refused(answer: np.ndarray) -> None:
    class Broken:
        name, version, labels, window_tokens = "broken", "0" * 16, LABELS, 10

        def score(self, texts):
            return answer

        def lengths(self, texts):
            return np.ones(len(texts), np.int32)

    with pytest.raises(ModelError, match=r"^\[M08\]"):
        score(["好"], Broken())
