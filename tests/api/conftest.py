"""An API over a backend that knows two words, so that every expected score can be computed by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from starlette.applications import Starlette

from core.api import close, create, mounted
from core.errors import ModelMissingError
from core.jobs import Jobs
from core.schema import LABELS, Backend, ModelInfo
from core.settings import Settings
from core.store import Store


class TwoWords:
    """Answers 0.8 positive for 好, 0.8 negative for 差, 0.8 neutral otherwise."""

    name = "two-words"
    version = "0123456789ab"
    labels = LABELS
    window_tokens = 10_000

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[0.8 if "差" in t else 0.1, 0.1, 0.8 if "好" in t and "差" not in t else 0.1] for t in texts]
        array = np.array(rows, np.float32).reshape(-1, 3)
        array[:, 1] = 1 - array[:, 0] - array[:, 2]
        return array

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array([len(t) for t in texts], np.int32)


MODELS = [
    ModelInfo("two-words", "两个字", LABELS, True, "", 0.0, "测试用"),
    ModelInfo("absent", "没有下载", LABELS, False, "", 400.0, "需要下载"),
]


class Exploding(TwoWords):
    """Fails with the text in its message, as careless code would."""

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise RuntimeError("".join(texts))


def load(name: str) -> Backend:
    if name == "exploding":
        return Exploding()
    if name == "two-words":
        return TwoWords()
    raise ModelMissingError("M02", f"本机没有模型 {name}。", "请先下载。")


def settings(**changes: Any) -> Settings:
    return replace(Settings(backend="two-words", data_dir=Path("/nowhere")), **changes)


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Callable[[], Jobs]]:
    """Return a getter of the job manager over the test's data folder, created on first use."""
    made: list[Jobs] = []
    lock = threading.Lock()

    def manager() -> Jobs:
        with lock:
            if not made:
                made.append(Jobs(Store(tmp_path / "data", max_file_mb=1), load_backend=load))
            return made[0]

    yield manager
    for one in made:
        one.shutdown()
        one.store.close()


@pytest.fixture
def client(jobs: Callable[[], Jobs]) -> Iterator[Callable[..., TestClient]]:
    """Return a factory of clients of an API mounted at /api as in Home.py; keywords are settings."""
    made: list[FastAPI] = []

    def make(
        base_url: str = "http://localhost:8501", *, backends: Callable[[str], Backend] = load, **changes: Any
    ) -> TestClient:
        api = create(load_backend=backends, list_models=lambda: MODELS, jobs=jobs, settings=settings(**changes))
        made.append(api)
        outer = Starlette(routes=[mounted(api)])
        return TestClient(outer, base_url=base_url, raise_server_exceptions=False)

    yield make
    for api in made:
        close(api)
