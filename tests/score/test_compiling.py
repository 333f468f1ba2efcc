"""Folders compiled for a faster engine: once, compared with torch, refused where they lose too much."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.commands import main
from core.errors import ModelError
from core.schema import Backend
from core.score import TokenBackend, load
from core.score.engines import Engine, split_name
from core.score.graph import Graph, linear
from core.score.quantise import ActivationRange
from core.settings import get_settings
from tests.score import folders

pytestmark = [
    pytest.mark.torch,
]

TEXTS = ["很好", "难吃 差评 好 天地", "abc 天地 很好 包装 的 难吃", "一般,包装的。"]


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path, compiled: Backend, compiled_float: Backend) -> Path:
    """A folder that was compiled before, free to be spoilt."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "m"))


def facts_of(folder: Path, engine: str) -> tuple[Path, dict[str, object]]:
    (path,) = folder.glob(f".tingfeng/*-{engine}*/compiled.json")
    return path, json.loads(path.read_text("utf-8"))


def test_the_float_file_answers_as_torch_does(compiled_float: Backend, tiny_structbert: Backend) -> None:
    np.testing.assert_allclose(compiled_float.score(TEXTS), tiny_structbert.score(TEXTS), atol=1e-5)


def test_float_in_openvino_is_float(tiny_folder: Path, tiny_structbert: Backend) -> None:
    np.testing.assert_allclose(
        load(f"{tiny_folder}#openvino-fp32").score(TEXTS), tiny_structbert.score(TEXTS), atol=1e-5
    )


def test_the_int8_file_answers_nearly_as_torch_does(compiled: Backend, tiny_structbert: Backend) -> None:
    gap = np.abs(compiled.score(TEXTS) - tiny_structbert.score(TEXTS))
    assert 0 < gap.max() < 0.05


def test_the_comparison_with_torch_lies_beside_the_weights(folder: Path) -> None:
    _, facts = facts_of(folder, "onnx-int8")
    assert facts["n"] == 240
    assert 0 <= facts["low"] <= facts["share"] <= facts["high"] <= 1
    assert 0 <= facts["mean_drift"] <= facts["largest_drift"]


def test_a_folder_is_compiled_once_and_says_so(tmp_path: Path) -> None:
    model = str(folders.structbert_folder(tmp_path / "m", seed=3))
    said: list[str] = []
    first = load(model + "#onnx-fp32", said.append)
    assert "编译" in said[0]
    again: list[str] = []
    second = load(model + "#onnx-fp32", again.append)
    assert (again, second.version) == ([], first.version)


def test_a_compiled_folder_opens_without_torch(folder: Path) -> None:
    name = f"{folder}#onnx-int8"
    code = f"import sys; from core.score import load; load({name!r}).score(['好']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "modelscope", "transformers", "onnx"} & set(done.stdout.split())


def test_every_engine_and_precision_has_a_version_of_its_own(
    tiny_structbert: Backend, compiled: Backend, compiled_float: Backend, openvino: Backend
) -> None:
    assert len({b.version for b in (tiny_structbert, compiled, compiled_float, openvino)}) == 4


def spoil(folder: Path) -> None:
    path, facts = facts_of(folder, "onnx-int8")
    path.write_text(json.dumps(facts | {"same": 238}), "utf-8")


def test_a_file_that_loses_labels_is_refused_unless_insisted_on(folder: Path) -> None:
    spoil(folder)
    by_itself, forced = load(str(folder)), load(f"{folder}#onnx-int8")
    assert isinstance(by_itself, TokenBackend)
    assert isinstance(forced, TokenBackend)
    assert (by_itself.engine, forced.engine) == ("onnx-fp32", "onnx-int8")
    assert forced.agreement is not None
    assert not forced.agreement.accepted


def test_a_precision_that_is_insisted_on_reports_its_agreement(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(folder)
    assert main(["check", "很好", "--backend", str(folder), "--engine", "onnx", "--precision", "int8"]) == 0
    assert "238 条与 fp32 标签相同(99.2%" in capsys.readouterr().err


def test_an_exact_enough_file_is_taken_by_itself(folder: Path) -> None:
    path, facts = facts_of(folder, "onnx-int8")
    path.write_text(json.dumps(facts | {"same": 239}), "utf-8")
    found = load(str(folder))
    assert isinstance(found, TokenBackend)
    assert found.engine == "onnx-int8"


def test_changed_weights_are_compiled_anew(folder: Path, tmp_path: Path) -> None:
    before = load(f"{folder}#onnx-fp32").version
    other = folders.structbert_folder(tmp_path / "other", seed=4)
    shutil.copy(other / "model.safetensors", folder)
    assert load(f"{folder}#onnx-fp32").version != before


def test_a_folder_that_cannot_be_written_is_compiled_into_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINGFENG_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    model = folders.structbert_folder(tmp_path / "m")
    (model / ".tingfeng").write_text("a file where the folder should be")
    load(f"{model}#onnx-fp32")
    get_settings.cache_clear()
    assert len(list((tmp_path / "data/compiled").glob("*-onnx-fp32/model.onnx"))) == 1


def test_nowhere_to_write_runs_as_it_is_or_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = folders.structbert_folder(tmp_path / "m")
    (model / ".tingfeng").write_text("no folder")
    (tmp_path / "data").write_text("no folder either")
    monkeypatch.setenv("TINGFENG_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    found = load(str(model))
    with pytest.raises(ModelError, match=r"^\[M18\]"):
        load(f"{model}#onnx-int8")
    get_settings.cache_clear()
    assert isinstance(found, TokenBackend)
    assert found.engine == "torch-fp32"


def test_another_network_is_not_compiled_but_runs_in_torch(tmp_path: Path) -> None:
    model = folders.structbert_folder(tmp_path / "m")
    config = json.loads((model / "config.json").read_text("utf-8"))
    (model / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}), "utf-8")
    found = load(str(model))
    assert isinstance(found, TokenBackend)
    assert found.engine == "torch-fp32"
    with pytest.raises(ModelError, match=r"^\[M17\]"):
        load(f"{model}#onnx")
    assert list((model / ".tingfeng").iterdir()) == []


def test_what_a_crash_left_half_done_is_not_taken(folder: Path) -> None:
    (found,) = folder.glob(".tingfeng/*-onnx-fp32")
    found.rename(found.with_name(".part-crashed"))
    (found.with_name(".part-crashed") / "model.onnx").write_bytes(b"half")
    assert np.isfinite(load(f"{folder}#onnx-fp32").score(TEXTS)).all()


def test_emotions_survive_compiling(tmp_path: Path) -> None:
    emotions = ("恐惧", "愤怒", "厌恶", "喜好", "悲伤", "高兴", "惊讶")
    model = folders.structbert_folder(tmp_path / "m", labels=emotions)
    plain, quick = load(f"{model}#torch"), load(f"{model}#onnx-fp32")
    assert isinstance(plain, TokenBackend)
    assert isinstance(quick, TokenBackend)
    ours, theirs = (b.score_heads(TEXTS)["emotion"] for b in (quick, plain))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_half_precision_in_torch_is_compared_too(folder: Path) -> None:
    found = load(f"{folder}#torch-bf16")
    assert isinstance(found, TokenBackend)
    assert found.agreement is not None
    assert found.agreement.n == 240


@pytest.mark.parametrize("name", ["builtin#openvino", "builtin#onnx-fp32", "FOLDER#onnx-bf16", "FOLDER#torch-int8"])
def test_an_engine_that_cannot_do_it_says_so(name: str, tiny_folder: Path) -> None:
    with pytest.raises(ModelError, match=r"^\[M17\]"):
        load(name.replace("FOLDER", str(tiny_folder)))


def test_an_engine_that_is_not_installed_says_how_to_get_it(
    tiny_folder: Path, openvino: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    monkeypatch.delitem(sys.modules, "core.score.openvino")
    with pytest.raises(ModelError, match=r"^\[M11\].*openvino.*pip install"):
        load(f"{tiny_folder}#openvino-int8")


@pytest.mark.parametrize("name", ["builtin", "/models/a#b", "/m#onnx-int9", "x#onnx-int8-"])
def test_what_is_no_engine_belongs_to_the_name(name: str) -> None:
    assert split_name(name) == (name, Engine())


def test_naming_the_engine_twice_is_refused(tiny_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "好", "--backend", f"{tiny_folder}#torch", "--engine", "onnx"]) == 2
    assert "[I03]" in capsys.readouterr().err


def test_channels_that_are_always_large_leave_the_others_their_digits() -> None:
    import onnxruntime

    dice = np.random.default_rng(0)
    x = dice.standard_normal((1, 200, 32)).astype(np.float32)
    x[..., 5] *= 100
    weight, bias = dice.standard_normal((32, 8)).astype(np.float32), np.zeros(8, np.float32)
    weight[5] /= 100
    exact = x @ weight
    by = np.sqrt(np.abs(x).max(axis=(0, 1)) / np.abs(weight).max(axis=1))
    errors = []
    for smooth in (None, by.astype(np.float32)):
        even = x if smooth is None else x / smooth
        g = Graph(portable=True)
        ids = g.input("input_ids", "n", "length")
        here = g.node("Add", [g.const(x), g.node("Mul", [g.node("Cast", [ids], to=1), g.real(0.0)])])
        y = linear(g, here, weight, bias, ActivationRange(float(even.min()), float(even.max()), smooth))
        g.node("ReduceSum", [y, g.ints(0)], name="y", keepdims=0)
        session = onnxruntime.InferenceSession(g.model({"y": 8}).SerializeToString())
        nothing = np.zeros((1, 1), np.int64)
        errors.append(np.abs(session.run(["y"], {"input_ids": nothing})[0] - exact).mean())
    assert errors[1] < errors[0] / 5
