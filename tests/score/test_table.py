"""Models by name and by folder, and what listing or importing them costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import ModelError, ModelMissingError
from core.score import TokenBackend, TokenCascade, load, models
from core.score.probe_texts import probe_texts
from core.score.table import ENTRIES
from core.settings import get_settings
from tests.score import folders

REPO = "nlp_structbert_sentiment-classification_chinese-tiny"
HEAVY = {"torch", "modelscope", "transformers", "onnxruntime", "pandas", "tokenizers"}


@pytest.fixture
def clean_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing was ever downloaded."""
    monkeypatch.setenv("TINGFENG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "cache"))
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


def loaded_by(code: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", code + "; import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in run.stdout.split()}


def test_importing_and_listing_loads_no_engine() -> None:
    assert not HEAVY & loaded_by("import core.score; core.score.models()")


def test_the_builtin_model_runs_without_torch() -> None:
    assert not {"torch", "modelscope", "transformers"} & loaded_by(
        "import core.score as s; s.score(['好'], s.load('builtin'))"
    )


def test_the_shipped_models_stand_first_and_are_ready(clean_home: Path) -> None:
    first, second, row, *others = models()
    assert [(model.name, model.ready) for model in (first, second)] == [("builtin", True), ("tiny", True)]
    assert first.size_mb > 1
    assert second.size_mb > 1
    assert (row.name, row.ready, row.emotions) == ("cascade:0.7000:builtin", True, True)
    assert isinstance(load(row.name), TokenCascade)
    assert not any(m.ready for m in others)
    assert all("下载" in m.note for m in others)


def test_the_small_shipped_model_answers_like_the_large_one(clean_home: Path) -> None:
    large, small = load("builtin"), load("tiny")
    assert isinstance(large, TokenBackend)
    assert isinstance(small, TokenBackend)
    assert (small.labels, small.heads, small.window_tokens) == (large.labels, large.heads, large.window_tokens)
    assert small.version != large.version
    same = large.score(probe_texts()).argmax(1) == small.score(probe_texts()).argmax(1)
    assert 0.85 < same.mean() < 1


def test_a_model_that_is_not_here_says_how_to_get_it(clean_home: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"^\[M02\].*iic/.*「模型」页下载.*MB.*builtin"):
        load("structbert")


@pytest.mark.parametrize("name", ["bert-xxl", "/no/such/folder", ""])
def test_an_unknown_name_lists_the_known_ones(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"^\[M0[14]\]"):
        load(name)


@pytest.mark.torch
@pytest.mark.parametrize(
    "place",
    [
        f"data/models/iic/{REPO}",
        f"cache/models/iic/{REPO}",
        f"cache/hub/models/iic/{REPO}",
        f"cache/hub/damo/{REPO}",
        f"cache/models/iic--{REPO}/snapshots/master",
    ],
)
def test_a_model_is_found_wherever_modelscope_or_we_put_it(clean_home: Path, place: str) -> None:
    folders.structbert_folder(clean_home / place)
    info = next(m for m in models() if m.name == "structbert-tiny")
    assert (info.ready, info.location) == (True, str(clean_home / place))
    assert load("structbert-tiny").name == "structbert-tiny"


def test_half_a_download_is_not_a_model(clean_home: Path) -> None:
    folder = clean_home / "data/models/iic" / REPO
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", "utf-8")
    assert not next(m for m in models() if m.name == "structbert-tiny").ready


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    lexicon_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "core.score.onnx", raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"^\[M11\].*onnxruntime.*pip install"):
        load(str(lexicon_folder))


def test_every_entry_has_a_chinese_title_and_note() -> None:
    for entry in ENTRIES.values():
        assert any("\u4e00" <= c <= "\u9fff" for c in entry.title)
        assert entry.note.endswith("。")
