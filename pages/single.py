"""单句分析: one or more typed lines, judged at once, with the words that explain the verdict."""

from __future__ import annotations

import streamlit as st

from core.check import check
from core.errors import TingfengError
from core.settings import get_settings
from pages.parts import history, resources, say, single_parts

st.title("这句话是褒是贬?")

lines = single_parts.form()
if lines:
    model = resources.chosen_model()
    try:
        with st.spinner("正在判断…"):
            backend = resources.backend(model)
            answers = check(lines, backend, resources.score_options(backend), resources.known_scores())
            history.add(answers, model, backend.version)
    except TingfengError as exc:
        say.problem(exc)

entries = history.rows()
if entries:
    detail = st.container()
    selected = single_parts.history_table(entries)
    with detail:
        single_parts.detail(entries[selected], get_settings().review_below)
elif not lines:
    single_parts.examples()
single_parts.undo_button()
