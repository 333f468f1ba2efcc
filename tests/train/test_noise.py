"""Wrong labels are found by models that did not see them, and count less."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from core.train import characters, main, noise, tasks

THINGS = ("手机", "电影", "酒店", "物流", "客服", "味道", "衣服", "屏幕", "房间", "包装")
WRONG = 20


@pytest.fixture
def lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Four hundred comments of one set; the labels of the first twenty good ones are turned round."""
    folder = tmp_path / "data" / "labelled"
    folder.mkdir(parents=True)
    monkeypatch.setenv("TINGFENG_TRAIN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TINGFENG_TRAIN_DIR", str(tmp_path / "work"))
    rows = [(f"{THINGS[i % 10]}{'很好，推荐' if i % 2 else '很差，失望'}，第{i}次买", i % 2) for i in range(400)]
    turned = [text for text, good in rows if good][:WRONG]
    with gzip.open(folder / "waimai10k.train.csv.gz", "wt", encoding="utf-8") as out:
        out.write("text,label\n" + "".join(f"{text},{good if text not in turned else 0}\n" for text, good in rows))
    return turned


def test_suspects_are_about_as_many_as_there_are_turned_labels(lying: list[str], tmp_path: Path) -> None:
    assert main(["noise", "--bits", "12"]) == 0
    found = json.loads((tmp_path / "work" / "noise.json").read_text("utf-8"))["sets"]["waimai10k"]
    assert found["n"] == 400
    # One or two may be a little less sure than the average of their class.
    assert WRONG - 3 <= found["suspects"] <= WRONG
    assert found["low"] < found["share"] == found["suspects"] / 400 < found["high"]
    assert found["wrong"] == pytest.approx(WRONG / 400, abs=0.03)


def test_suspects_count_less_and_all_others_fully(lying: list[str]) -> None:
    main(["noise", "--bits", "12"])
    rows = tasks.train_rows(augment=False)
    weight = noise.weights(rows, "noise", least=0.25, strength=1.0)
    turned = np.isin(rows.text, lying)
    doubted = weight < 1
    assert (weight[doubted] < 0.6).all()
    assert (weight >= 0.25).all()
    assert (weight[~turned] == 1).all()
    assert doubted.sum() >= WRONG - 3


def test_without_strength_every_row_counts_fully(lying: list[str]) -> None:
    main(["noise", "--bits", "12"])
    assert (noise.weights(tasks.train_rows(augment=False), "noise", least=0.25, strength=0.0) == 1).all()


def test_rows_that_were_not_judged_count_fully(lying: list[str]) -> None:
    main(["noise", "--bits", "12"])
    rows = tasks.train_rows(augment=False)
    rows.origin = np.array(["own_comments"] * len(rows.text))
    assert (noise.weights(rows, "noise", least=0.25, strength=1.0) == 1).all()


def test_the_most_doubtful_rows_are_shown_and_not_written(
    lying: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["noise", "--bits", "12", "--show", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    for line in lines:
        origin, label, chances, text = line.split("\t")
        assert (origin, label) == ("waimai10k", "negative")
        assert chances.startswith("negative 0.")
        assert text.strip("'") in lying
    for path in (tmp_path / "work").iterdir():
        assert "推荐".encode() not in path.read_bytes()


def test_copies_of_a_text_are_judged_together() -> None:
    texts = [f"第{i}条" for i in range(200)]
    copies = [f" {text.replace('第', '第 ')}" for text in texts]
    fold = noise.folds_of(texts, 5, 1)
    assert (fold == noise.folds_of(copies, 5, 1)).all()
    assert set(fold.tolist()) == set(range(5))


def test_a_label_is_confident_only_above_what_its_own_rows_are_given_on_average() -> None:
    p = np.array([[0.95, 0.05], [0.65, 0.35], [0.3, 0.7], [0.7, 0.3]], np.float32)
    label = np.array([0, 0, 1, 1])
    # Means: 0.8 for the first label, 0.5 for the second.
    assert noise.confident_joint(p, label).tolist() == [0, -1, 1, -1]


def test_the_estimate_scales_every_label_to_its_own_count() -> None:
    # Half of the confident rows of the second label are wrong; one row of it is not confident at all.
    confident, label = np.array([0, 0, 0, 0, 1, -1]), np.array([0, 0, 0, 1, 1, 1])
    assert noise.wrong_share(confident, label, 2) == pytest.approx(1.5 / 6)


def test_characters_do_not_mind_width_case_and_spaces() -> None:
    a, b = characters.counts(["ＯＫ 很好", "ok很好"], 1 << 10).toarray()
    np.testing.assert_array_equal(a, b)


def test_runs_of_characters_never_cross_from_one_text_to_the_next() -> None:
    assert characters.counts(["好", "差", ""], 1 << 12).sum(1).ravel().tolist() == [[1.0, 1.0, 0.0]]


def test_rows_of_characters_have_length_one() -> None:
    x = characters.counts(["很好很好", "很差"], 1 << 12)
    sizes = np.linalg.norm(characters.scaled(x, characters.rarity(x)).toarray(), axis=1)
    np.testing.assert_allclose(sizes, 1, rtol=1e-5)
