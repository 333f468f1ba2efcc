"""The comments written for training: well-formed, balanced, held out by pair, and none of the stress set."""

import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from core.schema import LABELS
from core.train import comments, evaluate, phrases, tasks, wide

FILES = sorted(comments.FOLDER.glob("*.tsv"))
COLUMNS = ["text", "label", "category", "domain", "pair"]


def folded(text: str) -> str:
    """Keep letters, digits and emoji; case, marks and spaces are no difference."""
    return re.sub(r"[\s,，.。!！?？、;；:：~～…\"“”'‘’()（）《》-]+", "", text.lower())


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return comments.read("all")


def test_there_are_thousands_of_comments_in_many_categories(rows: pd.DataFrame) -> None:
    assert len(rows) >= 4000
    assert rows["category"].nunique() == len(FILES) >= 15
    assert rows["domain"].nunique() >= 15


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_every_line_has_five_filled_fields_and_a_known_label(path: comments.Path) -> None:
    head, *lines = path.read_text("utf-8").splitlines()
    assert head.split("\t") == COLUMNS
    for line in lines:
        text, label, category, domain, pair = line.split("\t")
        assert text.strip() == text != ""
        assert label in LABELS
        assert category == path.stem
        assert domain
        assert pair.isdecimal()


def test_no_comment_is_written_twice(rows: pd.DataFrame) -> None:
    assert not rows["text"].str.replace(r"\s", "", regex=True).duplicated().any()


def test_every_category_has_about_as_many_bad_as_good_comments(rows: pd.DataFrame) -> None:
    for category, table in rows.groupby("category"):
        labels = Counter(table["sentiment"].tolist())
        # irony is meant badly more often than not
        assert 0.4 <= labels[0] / (labels[0] + labels[2]) <= (0.65 if category == "irony" else 0.6), category


def test_train_and_dev_share_no_pair_and_leave_nothing_out(rows: pd.DataFrame) -> None:
    train, dev = comments.read("train"), comments.read("dev")
    assert not set(train["pair"]) & set(dev["pair"])
    assert len(train) + len(dev) == len(rows)
    assert 0.07 <= len(dev) / len(rows) <= 0.13


def test_comments_of_a_pair_differ_in_their_labels(rows: pd.DataFrame) -> None:
    labels = rows.groupby("pair")["sentiment"].agg(["size", "nunique"])
    together = labels[labels["size"] > 1]
    assert len(together) >= 3000
    assert (together["nunique"] > 1).all()


def test_no_comment_is_a_sentence_of_the_stress_set(rows: pd.DataFrame) -> None:
    stress = {folded(row["text"]) for row in evaluate.stress_rows()}
    # Only the number may be told: the sentences of a test are not for the eyes of those who write training text.
    assert sum(folded(text) in stress for text in rows["text"]) == 0


def test_no_made_up_phrase_is_a_sentence_of_the_stress_set() -> None:
    stress = {folded(row["text"]) for row in evaluate.stress_rows()}
    assert sum(folded(one.text) in stress for one in phrases.sample(40_000)) == 0


def test_training_sees_only_the_train_part(rows: pd.DataFrame) -> None:
    found = tasks.train_rows(own=3.0)
    own = [text for text, origin in zip(found.text, found.origin, strict=True) if origin == "own_comments"]
    assert set(comments.read("train")["text"]) <= set(own)
    assert not set(comments.read("dev")["text"]) & set(own)


def test_the_weight_of_a_comment_is_a_setting() -> None:
    text = comments.read("train")["text"][0]
    rows = tasks.train_rows(own=7.0)
    assert rows.weight[rows.text.index(text)] == 7.0


def test_the_wide_part_learns_no_neutral_from_judged_comments_of_our_own() -> None:
    rows = tasks.train_rows(own=2.0)
    seen = wide.reviewers_view(rows, others=0.5)
    own, neutral = np.isin(rows.origin, wide.OWN), rows.target["sentiment"] == 1
    assert seen.two[own & ~neutral].all()
    assert not seen.two[own & neutral].any()
    assert seen.weight[own & neutral] == pytest.approx(rows.weight[own & neutral] * 0.5)
    assert seen.weight[own & ~neutral] == pytest.approx(rows.weight[own & ~neutral])


def test_a_perfect_answer_is_measured_as_one_in_every_category() -> None:
    dev = comments.read("dev")
    found = comments.measure(dev, np.eye(3, dtype=np.float32)[dev["sentiment"]])
    assert list(found) == ["all", *dict.fromkeys(dev["category"])]
    assert all(three.accuracy.value == 1 for three, _ in found.values())
    assert found["all"][0].n == len(dev)
    assert found["all"][1].n == (dev["sentiment"] != 1).sum()


def test_neutral_rows_are_left_out_where_only_the_judged_are_asked() -> None:
    rows = pd.DataFrame({"text": ["a", "b", "c"], "sentiment": [0, 1, 2], "category": ["x"] * 3})
    p = np.array([[0.3, 0.5, 0.2], [0.1, 0.8, 0.1], [0.6, 0.1, 0.3]], np.float32)
    three, judged = comments.measure(rows, p)["x"]
    assert (three.n, three.accuracy.value) == (3, pytest.approx(1 / 3))
    assert (judged.n, judged.accuracy.value) == (2, 0.5)
