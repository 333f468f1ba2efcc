"""The texts judged in this session on 单句分析: newest first, with undo; not stored on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from core.check import Checked, labelled_frame
from core.export import export
from core.schema import EMOTIONS
from core.settings import get_settings
from pages.parts import say

_ROWS = "single_rows"
_UNDO = "single_undo"
_ROUND = "single_round"
_KEPT = 5_000
_UNDO_STEPS = 20

Entry = dict[str, Any]


def _confidence(row: Checked) -> float:
    return row.confidence


def _probability(index: int) -> Callable[[Checked], float]:
    def of(row: Checked) -> float:
        return row.probabilities[index]

    return of


#: Numeric columns of the table, in order.
_SHARES = {"置信度": _confidence, "负面": _probability(0), "中性": _probability(1), "正面": _probability(2)}


def rows() -> list[Entry]:
    """Return the entries, newest first: ``row`` (Checked), ``time``, ``model``, ``version``."""
    return list(st.session_state.get(_ROWS, []))


def add(checked: Sequence[Checked], model: str, version: str) -> None:
    """Prepend results, in the order they were typed."""
    now = datetime.now(ZoneInfo(get_settings().timezone)).strftime("%Y-%m-%d %H:%M:%S")
    new = [{"row": row, "time": now, "model": model, "version": version} for row in checked]
    _replace((new + rows())[:_KEPT], undoable=False)


def remove(positions: Iterable[int]) -> None:
    """Remove the entries at ``positions``."""
    gone = set(positions)
    _replace([entry for i, entry in enumerate(rows()) if i not in gone])


def clear() -> None:
    """Remove all entries."""
    _replace([])


def undo() -> None:
    """Restore what was last removed."""
    stack = st.session_state.get(_UNDO, [])
    if stack:
        _replace(stack.pop(), undoable=False)


def can_undo() -> bool:
    """Return whether there is something to restore."""
    return bool(st.session_state.get(_UNDO))


def table_key() -> str:
    """Return the key of the table; it changes with the entries, so that no old selection refers to other rows."""
    return f"single_table_{st.session_state.get(_ROUND, 0)}"


def table(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return the entries as the page shows them, shares in percent."""
    return pd.DataFrame(
        {
            "评论": [e["row"].text for e in entries],
            "情感": [say.label_text(e["row"].label) for e in entries],
            **{name: [_percent(value(e["row"])) for e in entries] for name, value in _SHARES.items()},
            "需复核": ["是" if e["row"].needs_review else "" for e in entries],
            "情绪": [_emotion(e["row"]) for e in entries],
            "时间": pd.to_datetime([e["time"] for e in entries]),
            "模型": [say.model(e["model"]) for e in entries],
        }
    )


def file(entries: Sequence[Entry], form: str) -> bytes:
    """Return the entries as a file.

    Args:
        entries: What to write, in this order.
        form: csv or xlsx.
    """
    originals = {
        "时间": [e["time"] for e in entries],
        "评论": [e["row"].text for e in entries],
        "模型": [f"{e['model']} {e['version']}" for e in entries],
    }
    frame = labelled_frame([e["row"] for e in entries], originals)
    out = BytesIO()
    felt = any(e["row"].emotion >= 0 for e in entries)
    export(iter([frame]), out, format=form, original_columns=tuple(originals), emotion=felt)
    return out.getvalue()


def _replace(entries: list[Entry], *, undoable: bool = True) -> None:
    if undoable:
        st.session_state[_UNDO] = [*st.session_state.get(_UNDO, []), rows()][-_UNDO_STEPS:]
    st.session_state[_ROWS] = entries
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _emotion(row: Checked) -> str:
    return f"{EMOTIONS[row.emotion]} {row.p_emotion:.0%}" if row.emotion >= 0 else ""


def _percent(share: float) -> float:
    return round(share * 100, 1)
