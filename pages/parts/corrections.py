"""Correct a wrong label, with undo of any stored correction, by any session or person."""

from __future__ import annotations

from operator import attrgetter

import streamlit as st

from core.schema import LABELS
from pages.parts import resources, say

_CHANGED = "correction_changed"


def set_label(job: str, row: int, label: int | None) -> None:
    """Store a person's label for one row of a job; None restores the model's label."""
    resources.store().catalogue.correct(job, [row], label)
    st.session_state[_CHANGED] = True
    say.later("已撤销改判,恢复模型的判断" if label is None else f"已改判为{LABELS[label]}")


def undo_button(job: str) -> None:
    """Offer to undo the latest correction of a job: its row may have left the list with its new label."""
    stored = resources.store().catalogue.corrections(job)
    if not stored:
        return
    latest = max(stored, key=attrgetter("at"))
    st.button(
        f"撤销改判({len(stored)})",
        icon=":material/undo:",
        key="undo_correction",
        help=f"撤销最近的一条:{say.local_time(latest.at)} 改判为{LABELS[latest.label]}。别的在列表里逐条撤销。",
        on_click=set_label,
        args=(job, latest.row, None),
    )


def take_changed() -> bool:
    """Return, once, whether a label was changed since the last call."""
    return bool(st.session_state.pop(_CHANGED, False))
