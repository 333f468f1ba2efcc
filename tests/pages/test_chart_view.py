"""What all charts and tables of the pages share."""

from __future__ import annotations

import pytest
from streamlit.elements.arrow import DataframeSelectionState, DataframeState
from streamlit.testing.v1 import AppTest

from pages.parts.chart_view import word_room


def _keyed() -> None:
    import streamlit as st

    from pages.parts import chart_view

    st.session_state["used"] = chart_view.grid_key("words", st.session_state["content"])


def key_of(at: AppTest, content: str) -> str:
    at.session_state["content"] = content
    return str(at.run().session_state["used"])


@pytest.mark.parametrize("marked", [{}, {"rows": [0]}, {"cells": [(0, "词")]}])
def test_a_table_is_built_anew_only_when_other_content_comes_under_a_mark(marked: dict[str, list[int]]) -> None:
    at = AppTest.from_function(_keyed)
    first = key_of(at, "all")
    nothing = {"rows": [], "columns": [], "cells": []}
    at.session_state[first] = DataframeState(selection=DataframeSelectionState(nothing | marked))
    assert key_of(at, "all") == first
    assert (key_of(at, "negative") == first) is not bool(marked)


def test_a_column_of_words_has_room_for_eight_hanzi_and_no_more_than_the_table_can_spare() -> None:
    assert word_room(["失败", "强制绑定手机号码"]) >= 8 * 14
    assert word_room(["失败"]) < word_room(["强制绑定手机号码"])
    assert word_room(["长" * 40]) <= 140
