"""The files of a job being prepared: streamed to the data folder at once; only their paths are remembered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import TingfengError
from core.settings import get_settings
from pages.parts import resources, say, start

#: Streamlit's uploader cannot be localised. Only its own two texts are covered.
_CHINESE = """<style>
[data-testid="stFileUploaderDropzone"] button p { font-size: 0; }
[data-testid="stFileUploaderDropzone"] button p::after { content: "选择文件"; font-size: 0.93rem; }
[data-testid="stFileUploaderDropzoneInstructions"] span { font-size: 0; }
[data-testid="stFileUploaderDropzoneInstructions"] span::after {
  content: "或把文件拖到这里,可以一次多个"; font-size: 0.85rem; }
</style>"""
_FILES, _ROUND, _NUMBER, _REFUSED = "batch_files", "batch_round", "batch_number", "batch_refused"

#: ``path`` on disk, ``name`` as given by the user, ``key`` unique in the session.
File = dict[str, Any]


def files() -> list[File]:
    """Return the files added so far, in order."""
    return list(st.session_state.get(_FILES, []))


def show() -> None:
    """Draw the uploader and store the dropped files."""
    st.html(_CHINESE)
    round_number = st.session_state.get(_ROUND, 0)
    dropped = st.file_uploader(
        "评论表",
        accept_multiple_files=True,
        key=f"batch_upload_{round_number}",
        max_upload_size=get_settings().max_file_mb,
        label_visibility="collapsed",
    )
    st.caption(
        "CSV、TSV、Excel(xlsx、xls、xlsb、ods)、网页表格(html、mht、xml)、聊天记录(txt)、JSON、JSONL、Parquet,"
        "或装着它们的 zip;按内容识别,不看扩展名。"
        f"每个文件最大 {get_settings().max_file_mb:,} MB。"
    )
    if dropped:
        _take_in(dropped)
    for name, error in st.session_state.get(_REFUSED, []):
        say.problem(error, about=name)
    if not files():
        st.button("没有文件?用示例数据试一试", icon=":material/play_circle:", key="batch_sample", on_click=_add_samples)


def remove(key: str) -> None:
    """Forget one file; its content goes with the next clean-up of the data folder."""
    st.session_state[_FILES] = [file for file in files() if file["key"] != key]


def clear() -> None:
    """Forget all files, and which could not be saved."""
    st.session_state[_FILES] = []
    st.session_state[_REFUSED] = []


def _take_in(dropped: Sequence[Any]) -> None:
    """Stream files to disk, then start a fresh uploader, so that Streamlit frees its copies in memory.

    The uploader is reset even if a file cannot be saved; otherwise every rerun would add the others again.
    """
    refused: list[tuple[str, TingfengError]] = []
    with st.spinner("正在保存文件…"):
        for file in dropped:
            try:
                _add(resources.store().uploads.save(file.name, file), file.name)
            except TingfengError as exc:
                refused.append((file.name, exc))
    st.session_state[_REFUSED] = refused
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()


def _add_samples() -> None:
    for name in start.DEMO_FILES:
        _add(start.SAMPLES / name, name)


def _add(path: Path, name: str) -> None:
    number = st.session_state.get(_NUMBER, 0) + 1
    st.session_state[_NUMBER] = number
    entry = {"path": str(path), "name": _unique(name), "key": str(number)}
    st.session_state[_FILES] = [*files(), entry]


def _unique(name: str) -> str:
    """Make a name unique among the files: rows are traced back by file name."""
    taken = {file["name"] for file in files()}
    stem, dot, ending = name.rpartition(".")
    number, found = 2, name
    while found in taken:
        found = f"{stem} ({number}){dot}{ending}" if dot else f"{name} ({number})"
        number += 1
    return found
