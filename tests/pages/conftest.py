"""The pages over their own data folder, with the real job manager and the real model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import get_settings
from pages.parts import resources

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point the process at an empty data folder; stop its jobs afterwards."""
    monkeypatch.setenv("TINGFENG_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    resources.store.clear()
    resources.jobs.clear()
    resources.derivation_queue.clear()
    resources.known_scores.clear()
    yield tmp_path / "data"
    resources.derivation_queue().shutdown()
    resources.jobs().shutdown()
    resources.store().close()
    resources.store.clear()
    resources.jobs.clear()
    resources.derivation_queue.clear()
    resources.known_scores.clear()
    get_settings.cache_clear()


@pytest.fixture
def page(data_dir: Path) -> Callable[..., AppTest]:
    """Return a function that opens a page through the frame, as a visitor does."""

    def opened(file: str = "home.py", **parameters: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages" / "app.py"), default_timeout=SECONDS).run()
        if file != "home.py":
            at.switch_page(file)
        for name, value in parameters.items():
            at.query_params[name] = value
        return at.run()

    return opened
