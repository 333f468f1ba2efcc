"""A derived table made in the background: start, watch, stop, retry."""

from __future__ import annotations

import streamlit as st

from core.derive import Failed, Recipe, Running
from core.jobs import duration
from pages.parts import resources, say

_POLL_SECONDS = 1.0
_STOPPED = "derived_stopped"


def view(job: str, recipe: Recipe, *, reason: str = "", ask: bool = False) -> str | None:
    """Return the view of a derived table once it is made; until then draw its status.

    Args:
        job: The job.
        recipe: The table to make.
        reason: Its purpose and expected duration; shown beside the button.
        ask: Wait for a click before starting; otherwise it starts by itself.

    Returns:
        The name of the view, or None: the page then draws nothing that depends on it.
    """
    state = resources.derivation_queue().state(job, recipe)
    stopped = st.session_state.get(_STOPPED) == (job, recipe)
    if state is None and not ask and not stopped:
        resources.derivation_queue().start(job, recipe)
        state = resources.derivation_queue().state(job, recipe)
    if isinstance(state, str):
        return state
    if isinstance(state, Failed):
        say.problem(state.error)
        st.button("重试", key=f"again_{recipe.kind}", on_click=resources.derivation_queue().forget, args=(job, recipe))
    elif isinstance(state, Running):
        _watch(job, recipe)
    else:
        st.info(reason or "这项分析已停止。", icon=":material/info:")
        st.button("开始分析", type="primary", key=f"start_{recipe.kind}", on_click=_start, args=(job, recipe))
    return None


def _start(job: str, recipe: Recipe) -> None:
    st.session_state.pop(_STOPPED, None)
    resources.derivation_queue().start(job, recipe)


def _stop(job: str, recipe: Recipe) -> None:
    """Stop making a table, and remember not to start it automatically again."""
    st.session_state[_STOPPED] = (job, recipe)
    resources.derivation_queue().stop(job, recipe)


@st.fragment(run_every=_POLL_SECONDS)
def _watch(job: str, recipe: Recipe) -> None:
    state = resources.derivation_queue().state(job, recipe)
    if not isinstance(state, Running):
        st.rerun()
        return
    now = state.progress
    share = now.rows_done / now.rows_total if now.rows_total else 0.0
    left = "" if now.eta_seconds is None else f",还要{duration(now.eta_seconds)}"
    count = f" {now.rows_done:,} / {now.rows_total:,}" if now.rows_total else ""
    st.progress(min(share, 1.0), text=f"{state.title}{count}{left}")
    st.button("停止", key=f"stop_{recipe.kind}", on_click=_stop, args=(job, recipe))
