"""The wide part: its loss, its table, its lookup."""

import numpy as np
import pytest
from scipy import optimize, sparse

from core.train import tasks, wide

TEXTS = [[2, 5, 6, 3], [2, 6, 5, 7, 3], [2, 8, 3], [2, 5, 6, 9, 3]]


def rows() -> tasks.Rows:
    n = len(TEXTS)
    return tasks.Rows(
        text=[""] * n,
        target={
            "sentiment": np.array([2, 0, 1, 2]),
            "emotion": np.array([5, 1, 7, -1]),
            "offensive": np.array([-1, 1, 0, 0]),
        },
        two=np.array([True, True, False, False]),
        six=np.array([False, True, False, False]),
        weight=np.ones(n, np.float32),
        origin=np.array(["x"] * n),
    )


def test_gradient_of_the_mixed_loss_is_its_slope() -> None:
    rng = np.random.default_rng(1)
    y, two, weight = np.array([0, 2, 1, 2]), np.array([True, True, False, False]), np.array([1, 0.5, 2, 1])

    def value(flat: np.ndarray) -> float:
        return wide.sentiment_loss(flat.reshape(4, 3), y, two, weight, 0.2)[0]

    def slope(flat: np.ndarray) -> np.ndarray:
        return wide.sentiment_loss(flat.reshape(4, 3), y, two, weight, 0.2)[1].ravel()

    assert optimize.check_grad(value, slope, rng.standard_normal(12)) < 1e-5


def test_grams_never_cross_from_one_text_to_the_next() -> None:
    found = wide.grams(np.array([2, 3, 2, 3]), np.array([0, 0, 1, 1]))
    assert [len(g) for g, _ in found] == [4, 2, 0]


def test_a_gram_in_too_few_texts_gets_no_column() -> None:
    counts, keys, _ = wide.matrix(TEXTS, None, 4)
    assert len(keys) == 2  # [CLS] and [SEP]
    assert counts.shape == (4, 2)


@pytest.fixture(scope="module")
def tables() -> list[wide.Table]:
    config = wide.WideConfig(min_texts=1, iterations=30)
    counts, _, tokens = wide.matrix(TEXTS, None, 1)
    return [
        wide.make_table(counts, tokens, rows(), heads, size=1 << 12, config=config)
        for heads in (("sentiment",), ("emotion", "offensive"))
    ]


def test_the_stored_table_gives_the_trained_texts_their_labels(tables: list[wide.Table]) -> None:
    logits = wide.logits(tables, TEXTS)
    assert logits.shape == (4, 13)
    assert (logits[:2, 2] > logits[:2, 0]).tolist() == [True, False]
    assert logits[2, :3].argmax() == 1


def test_tokens_never_seen_count_nothing(tables: list[wide.Table]) -> None:
    bias = np.concatenate([t["bias"] for t in tables])
    np.testing.assert_allclose(wide.logits(tables, [[100, 200, 300, 400]])[0], bias, atol=1e-6)


def test_rows_are_scaled_by_the_root_of_their_known_grams() -> None:
    scaled = wide.scale_rows(sparse.csr_matrix(np.array([[1.0, 2.0]], np.float32)))
    np.testing.assert_allclose(scaled.toarray(), [[0.5, 1.0]])
