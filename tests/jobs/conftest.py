"""Fixtures of the tests of runs and of the manager: small chunks, an empty data folder, a file of comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import get_settings
from tests.jobs_kit import ROWS, comments


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TINGFENG_CHUNK_ROWS", "100")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return comments(tmp_path / "in.csv", ROWS)
