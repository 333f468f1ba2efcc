"""Setting a wrong label right, with undo for what was done in this session."""

from __future__ import annotations

import streamlit as st

from core.schema import LABELS
from pages.parts import resources, say

STEPS, _CHANGED = "correction_steps", "correction_changed"


def set_label(job: str, row: int, label: int) -> None:
    """Keep a person's label for one row of a job."""
    before = next((c.label for c in resources.store().catalogue.corrections(job) if c.row == row), None)
    _write(job, row, label)
    st.session_state[STEPS] = [*st.session_state.get(STEPS, []), (job, row, before)]
    say.later(f"已改判为{LABELS[label]}")


def undo() -> None:
    """Take back the last step of this session."""
    steps = st.session_state.get(STEPS, [])
    if steps:
        job, row, before = steps.pop()
        _write(job, row, before)


def undo_button() -> None:
    """Offer to take back what was done in this session."""
    steps = st.session_state.get(STEPS, [])
    if steps:
        st.button(f"撤销改判({len(steps)})", icon=":material/undo:", key="undo_correction", on_click=undo)


def take_changed() -> bool:
    """Say, once, that a label was changed since the last call."""
    return bool(st.session_state.pop(_CHANGED, False))


def _write(job: str, row: int, label: int | None) -> None:
    resources.store().catalogue.correct(job, [row], label)
    st.session_state[_CHANGED] = True
