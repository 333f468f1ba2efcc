"""The aspect pack on its page: which one was used and why, with a table to view and edit it."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from core.derive.packs import pack, reset_pack, save_pack, undo_pack
from core.errors import TingfengError
from core.mine.aspects import COLUMNS, Pack, pack_from_rows, rows_of, shipped, write
from core.settings import get_settings
from pages.parts import say

_ROWS_HEIGHT = 320


def show(facts: dict[str, Any]) -> None:
    """Say which pack is used, and draw its table, collapsed.

    Args:
        facts: Of the derived table of mentions.
    """
    say.now()
    title = str(facts.get("pack", ""))
    folder = get_settings().data_dir
    used = pack(folder, title)
    changed = "(已修改)" if used != shipped(title) else ""
    with st.expander(f"词库:{title}{changed} · {_why(facts)}", icon=":material/menu_book:", key="aspect_pack_box"):
        others = facts.get("found") or []
        if others:
            names = "、".join(row["name"] for row in others)
            st.caption(f"从评论里发现、词库没有的方面:{say.escape(names)}。")
        st.caption(
            "词之间用空格隔开;词里的 … 代表一到六个字。不算的词:含有上面的词、但不是那个意思的,例如「贵州」不是「贵」。"
        )
        key = "aspect_pack_rows_" + hashlib.sha256(write(used).encode()).hexdigest()[:8]
        edited = st.data_editor(
            rows_of(used),
            key=key,
            num_rows="dynamic",
            height=_ROWS_HEIGHT,
            hide_index=True,
            column_config={name: st.column_config.TextColumn(title_) for name, title_ in COLUMNS.items()},
        )
        _buttons(title, edited, others, used)


def _why(facts: dict[str, Any]) -> str:
    if not facts.get("chosen"):
        return f"{facts.get('covered', 0):.0%} 的评论用到它的词"
    return f"按评论自动选择,把握 {facts.get('sure', 0):.0%},{facts.get('covered', 0):.0%} 的评论用到它的词"


def _buttons(title: str, edited: Any, others: list[dict[str, str]], used: Pack) -> None:
    with st.container(horizontal=True):
        st.button("保存修改", type="primary", key="pack_save", on_click=_save, args=(title, edited))
        if others:
            added = [*rows_of(used), *others]
            st.button("把发现的方面加进词库", key="pack_add", on_click=_save, args=(title, added))
        st.button("撤销上次修改", key="pack_undo", on_click=_undo, args=(title,))
        st.button("恢复自带", key="pack_reset", on_click=_reset, args=(title,), disabled=used == shipped(title))
    st.caption("修改只存在这台电脑的数据文件夹里,对所有任务有效,保存后重新分析。")


def _save(title: str, rows: Any) -> None:
    try:
        changed = pack_from_rows(rows, title)
        if changed == pack(get_settings().data_dir, title):
            say.later("没有改动")
            return
        save_pack(get_settings().data_dir, changed)
        say.later("已保存")
    except TingfengError as exc:
        say.later(str(exc))


def _undo(title: str) -> None:
    say.later("已撤销" if undo_pack(get_settings().data_dir, title) else "没有可以撤销的修改")


def _reset(title: str) -> None:
    reset_pack(get_settings().data_dir, title)
    say.later("已恢复自带的词库")
