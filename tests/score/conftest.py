"""The backends for the tests of score/; models are built once per session in a temporary folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.schema import LABELS, Backend
from core.score import load
from core.score.onnx import OnnxBackend
from core.score.onnx import open_folder as open_onnx
from tests.score import folders


class Counting:
    """A minimal backend: positive in the share of 好 among its characters."""

    name, version, labels, window_tokens = "counting", "0" * 16, LABELS, 20

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        p = np.array([(t.count("好") + 1) / (len(t) + 2) for t in texts], np.float32)
        return np.stack([1 - p, np.zeros_like(p), p], axis=1).reshape(-1, 3)

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array([len(t) for t in texts], np.int32)


@pytest.fixture(scope="session")
def lexicon_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders.onnx_folder(tmp_path_factory.mktemp("onnx") / "lexicon")


@pytest.fixture(scope="session")
def lexicon(lexicon_folder: Path) -> OnnxBackend:
    return open_onnx(lexicon_folder, "lexicon")


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folders.structbert_folder(tmp_path_factory.mktemp("structbert") / "tiny")


@pytest.fixture(scope="session")
def tiny_structbert(tiny_folder: Path) -> Backend:
    return load(f"{tiny_folder}#torch")


@pytest.fixture(scope="session")
def compiled(tiny_folder: Path) -> Backend:
    return load(f"{tiny_folder}#onnx-int8")


@pytest.fixture(scope="session")
def compiled_float(tiny_folder: Path) -> Backend:
    return load(f"{tiny_folder}#onnx-fp32")


@pytest.fixture(scope="session")
def openvino(tiny_folder: Path) -> Backend:
    return load(f"{tiny_folder}#openvino-int8")


@pytest.fixture(scope="session")
def cascade(tiny_folder: Path) -> Backend:
    return load(f"cascade:0.9000:{tiny_folder}#onnx-fp32")


_TORCH = ("tiny_structbert", "compiled", "compiled_float", "openvino", "cascade")


@pytest.fixture(params=["counting", "lexicon", "builtin", *(pytest.param(n, marks=pytest.mark.torch) for n in _TORCH)])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Every kind of backend in turn."""
    if request.param == "counting":
        return Counting()
    if request.param == "builtin":
        return load("builtin")
    found: Backend = request.getfixturevalue(request.param)
    return found
