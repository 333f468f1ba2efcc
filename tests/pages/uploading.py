"""What tests of 批量打标 do with its form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.parts import resources
from tests.pages import made

Page = Callable[..., AppTest]


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    number = at.session_state["batch_round"] if "batch_round" in at.session_state else 0  # noqa: SIM401 - has no get
    at.file_uploader(key=f"batch_upload_{number}").upload(name, data, "application/octet-stream")
    return at.run()


def finished(at: AppTest) -> AppTest:
    resources.jobs().wait(at.query_params["job"], 120)
    return at.run()


def csv_of(tmp_path: Path, n: int = 30, *, encoding: str = "utf-8-sig") -> bytes:
    return made.write(tmp_path / "given.csv", made.rows(n), encoding=encoding).read_bytes()


def started(at: AppTest, name: str = "") -> AppTest:
    at.text_input(key="batch_name").set_value(name).run()
    return finished(at.button(key="batch_start").click().run())
