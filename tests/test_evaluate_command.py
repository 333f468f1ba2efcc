"""``evaluate``: what a file says against what the model says, and which words count as labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.commands import main
from core.errors import InputError
from core.gold_labels import parse_labels

pytestmark = pytest.mark.usefixtures("own_data_folder")


def test_evaluate_compares_with_the_labels_of_the_file(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "很好,1\n难吃,0\n喜欢,1\n很好很好,0\n,1\n难吃难吃,\n"
    (tmp_path / "in.csv").write_text("评论,标签\n" + rows, "utf-8")
    args = ["evaluate", "in.csv", "--text", "评论", "--label", "标签", "--backend", model]
    assert main([*args, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["n_blank"], found["n_unlabelled"]) == (4, 1, 1)
    assert (found["accuracy"]["count"], found["accuracy"]["value"]) == (3, 0.75)
    assert found["accuracy"]["low"] < 0.75 < found["accuracy"]["high"]
    assert found["labels"] == ["negative", "positive"]
    assert {"macro_f1", "ece", "classes", "model_version"} <= found.keys()
    assert main(args) == 0
    assert "75.0%" in capsys.readouterr().out


def test_evaluate_with_a_neutral_class_asks_for_three(
    tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.csv").write_text("评论,标签\n很好,正面\n难吃,负面\n包装,中性\n", "utf-8")
    assert main(["evaluate", "in.csv", "--text", "评论", "--label", "标签", "--backend", model, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"] == ["negative", "neutral", "positive"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["0", "1"], [0, 2]),
        (["-1", "1"], [0, 2]),
        (["-1", "0", "1"], [0, 1, 2]),
        (["0", "1", "2"], [0, 1, 2]),
        (["0.0", "1.0"], [0, 2]),
        (["NEGATIVE", " Neu ", "pos"], [0, 1, 2]),
        (["差评", "中评", "好评"], [0, 1, 2]),
    ],
)
def test_labels_are_understood_together(values: list[str], expected: list[int]) -> None:
    assert parse_labels(values).tolist() == expected


@pytest.mark.parametrize("values", [[], ["3"], ["好吃得不得了啊啊啊"], ["正面", "0"]])
def test_labels_that_are_not_understood_are_refused_without_quoting_comments(values: list[str]) -> None:
    with pytest.raises(InputError, match=r"\[I04\]") as caught:
        parse_labels(values)
    assert "不得了" not in str(caught.value)
