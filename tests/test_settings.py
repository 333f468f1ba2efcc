"""Settings: environment over file over default, and every one of them documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from core.settings import Settings, describe, load

ROOT = Path(__file__).resolve().parents[1]


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = tmp_path / "tingfeng.toml"
    file.write_text("chunk_rows = 10\nthreads = 3\n", encoding="utf-8")
    settings = load({"TINGFENG_THREADS": "1"}, file)
    assert (settings.chunk_rows, settings.threads, settings.port) == (10, 1, Settings().port)


def test_an_unknown_name_in_the_file_is_an_error_with_the_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "tingfeng.toml"
    file.write_text("chunk_row = 10\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"\[I01\].*chunk_row.*chunk_rows"):
        load({}, file)


def test_a_value_of_the_wrong_kind_is_an_error() -> None:
    with pytest.raises(InputError, match=r"\[I02\].*port"):
        load({"TINGFENG_PORT": "http"})


def test_the_settings_page_lists_every_setting_as_the_code_has_it() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for name, default, sentence in describe():
        assert f"| `{name}` | `{default}` | {sentence} |" in page, f"docs/settings.md lacks or misstates {name}"
