"""Settings: environment over file over default, and every one of them documented."""

from __future__ import annotations

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize(
    ("name", "value"),
    [("THREADS", "-1"), ("CHUNK_ROWS", "0"), ("NEUTRAL_BAND", "nan"), ("REVIEW_BELOW", "1.5"), ("PORT", "65536")],
)
def test_a_value_out_of_its_range_is_an_error_that_names_the_range(name: str, value: str) -> None:
    with pytest.raises(InputError, match=rf"\[I02\].*{name.lower()}.*{value}.*–"):
        load({f"TINGFENG_{name}": value})


@pytest.mark.parametrize("field", [f for f in fields(Settings) if f.metadata["least"] is not None])
def test_the_default_and_both_ends_of_a_range_are_taken(field: Field[Any]) -> None:
    for value in (field.default, field.metadata["least"], field.metadata["largest"]):
        assert getattr(load({f"TINGFENG_{field.name.upper()}": str(value)}), field.name) == value


def test_every_number_has_a_range() -> None:
    assert {f.name for f in fields(Settings) if isinstance(f.default, int | float)} == {
        f.name for f in fields(Settings) if f.metadata["least"] is not None
    }


@pytest.mark.parametrize("line", ["chunk_rows = 1.5", "chunk_rows = true", "chunk_rows = []"])
def test_what_is_no_whole_number_in_the_file_is_an_error(tmp_path: Path, line: str) -> None:
    file = tmp_path / "tingfeng.toml"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=r"\[I02\].*chunk_rows"):
        load({}, file)


def test_an_unknown_time_zone_is_an_error() -> None:
    with pytest.raises(InputError, match=r"\[C02\].*Mars/X"):
        load({"TINGFENG_TIMEZONE": "Mars/X"})


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "tingfeng.toml"
    file.write_text("chunk_rows = 10\n", encoding="utf-8-sig")
    assert load({}, file).chunk_rows == 10


@pytest.mark.parametrize("content", [None, b"chunk_rows 10", "chunk_rows = 10 # 行".encode("gbk")])
def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=r"\[I07\].*mine\.toml"):
        load({}, file)


def test_the_settings_page_lists_every_setting_as_the_code_has_it() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for name, default, values, sentence in describe():
        assert f"| `{name}` | `{default}` | {values} | {sentence} |" in page, (
            f"docs/settings.md lacks or misstates {name}"
        )
