"""Any backend over a folder of labelled sets, each asked only what it knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.commands import main
from core.errors import InputError
from core.score.onnx import open_folder
from core.train import suite
from tests.score.conftest import Counting
from tests.score.folders import onnx_folder
from tests.train.conftest import write_set


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(onnx_folder(tmp_path / "lexicon"))


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Three sets we know, one of the user's own."""
    folder = tmp_path / "sets"
    folder.mkdir()
    write_set(folder, "waimai10k", "test", [("很好", "1"), ("难吃", "0"), ("差评", "0")])
    write_set(folder, "ecom_reviews_3class", "test", [("喜欢", "1"), ("难吃", "-1"), ("包装", "0")])
    write_set(folder, "smp2020_usual", "test", [("喜欢😄", "happy"), ("[怒]", "angry")])
    (folder / "ours.test.csv").write_text("text,label\n很好,好评\n差评,差评\n,好评\n", "utf-8")
    return folder


def test_every_set_is_asked_on_its_own_head_and_classes(model: str, sets: Path) -> None:
    found = suite.measure(open_folder(Path(model), "lexicon"), sets, "test")
    asked = {one.name: (one.head, len(one.classes), one.metrics.n) for one in found.sets}
    assert asked == {
        "waimai10k": ("sentiment", 2, 3),
        "ecom_reviews_3class": ("sentiment", 3, 3),
        "smp2020_usual": ("emotion", 6, 2),
        "ours": ("sentiment", 2, 2),
    }
    assert {one.name: one.metrics.accuracy.value for one in found.sets}["waimai10k"] == 1.0
    assert found.pooled is not None
    assert found.pooled.n == 10


def test_a_model_without_the_head_skips_the_set_and_says_so(sets: Path) -> None:
    found = suite.measure(Counting(), sets, "test")
    assert found.skipped.keys() == {"smp2020_usual"}
    assert "emotion" in found.skipped["smp2020_usual"]


@pytest.mark.parametrize("name", ["nowhere", "sets"])
def test_a_folder_without_sets_of_the_split_is_a_coded_error(tmp_path: Path, sets: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"^\[I06\]"):
        suite.measure(Counting(), tmp_path / name, "dev")


def test_the_command_prints_one_line_a_set_and_json_on_request(
    model: str, sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--suite", str(sets), "--backend", model]) == 0
    text = capsys.readouterr().out
    assert "| waimai10k | 2 类情感 | 3 | 100.0%" in text
    assert main(["evaluate", "--suite", str(sets), "--backend", model, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["sets"]["ours"]["n"] == 2
    assert facts["pooled"]["n"] == 10


def test_neither_file_nor_suite_is_an_error_that_says_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate"]) == 2
    assert "--suite" in capsys.readouterr().err
