"""The frame around every page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.elements.exception import _GENERIC_UNCAUGHT_EXCEPTION_TEXT
from streamlit.testing.v1 import AppTest

from pages.parts import chinese
from pages.parts.frame import PAGES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("file", [file for file, *_ in PAGES])
def test_every_page_opens_empty_with_a_question_as_title(page: Callable[..., AppTest], file: str) -> None:
    at = page(file)
    assert not at.exception
    assert at.title[0].value.endswith(("?", "?", "标签"))


def test_every_page_file_stands_in_the_menu() -> None:
    files = {p.name for p in (ROOT / "pages").glob("*.py")} - {"app.py", "__init__.py"}
    assert files == {file for file, *_ in PAGES}


def test_the_message_of_an_unforeseen_error_is_known_in_chinese() -> None:
    known = [words for place, words in chinese._PLACES if "stException" in place]
    assert _GENERIC_UNCAUGHT_EXCEPTION_TEXT in known[0]


def test_no_page_lets_a_text_become_html() -> None:
    for path in (ROOT / "pages").rglob("*.py"):
        assert "unsafe_allow_html" not in path.read_text(encoding="utf-8")
        assert "innerHTML" not in path.read_text(encoding="utf-8")
