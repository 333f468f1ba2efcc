"""One uploaded file: how it was read, the roles of its columns, and controls to correct both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core import chart
from core.errors import TingfengError
from core.files import stem
from core.jobs import time_example
from core.read import inspect, preview, sheet_names, with_mapping
from core.schema import ROLE_TITLES, Mapping, ReadOptions, Role, TableSource
from core.settings import get_settings
from pages.parts import say, table_files, uploads

NOTHING = ReadOptions()
_ENCODINGS = {"utf-8": "UTF-8", "gb18030": "GBK / GB18030", "big5hkscs": "Big5(繁体)", "utf-16": "UTF-16"}
#: Also encodings detected in concatenated or doubly converted files; users need not choose these.
_TITLES = _ENCODINGS | {"tingfeng-lines": "UTF-8 与 GBK 混合", "tingfeng-twice": "UTF-8(错转过两次)"}
_FORMATS = {"chat": "聊天记录"}
_DELIMITERS = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线", "\uff0c": "全角逗号"}
#: Most tables of one file with a form of their own; a zip may hold thousands.
_FORMS = 12
_PREVIEW_ROWS = 20
#: A larger file is unlikely to consist of a header only.
_SMALL_BYTES = 1_000_000
#: In pixels: narrowest and widest column selector; that of the text column; a hanzi; the space beside a name.
_NARROWEST, _WIDEST, _TEXT_WIDTH, _EM, _BESIDE_NAME = 112, 330, 230, 14, 50


def show(file: uploads.File, *, opened: bool) -> list[TableSource]:
    """Draw one file.

    Args:
        file: Of ``uploads.files``.
        opened: Expand it.

    Returns:
        Its tables with the confirmed columns, without those left out; [] if it cannot be read.
    """
    with st.container(border=True):
        heading, actions = st.columns((5, 2), vertical_alignment="center")
        with actions.container(horizontal=True, horizontal_alignment="right"):
            how = st.popover("读取方式", icon=":material/tune:", key=f"how_{file['key']}")
            st.button(
                "移除",
                icon=":material/close:",
                key=f"remove_{file['key']}",
                on_click=uploads.remove,
                args=(file["key"],),
            )
        with how:
            options = _options(file)
        try:
            with st.spinner("正在识别…"):
                tables = inspected(file["path"], file["name"], options)
        except TingfengError as exc:
            heading.markdown(f"**{say.escape(file['name'])}**")
            say.problem(exc)
            return []
        heading.markdown(f"**{say.escape(file['name'])}**" + (f" · {len(tables)} 个表" if len(tables) > 1 else ""))
        forms = [_table(file, i, options, opened=opened) for i in range(min(_FORMS, len(tables)))]
        if len(tables) > _FORMS:
            st.caption(f"其余 {len(tables) - _FORMS} 个表按自动识别的列处理。")
        return [table for table in forms if table is not None] + tables[_FORMS:]


@st.cache_data(show_spinner=False, max_entries=200)
def inspected(path: str, name: str, options: ReadOptions) -> list[TableSource]:
    """Return the tables of a file; inspected once per file and options."""
    return inspect([Path(path)], options, [name])


@st.cache_data(show_spinner=False, max_entries=200)
def _preview(path: str, name: str, options: ReadOptions, index: int) -> pd.DataFrame:
    return preview(inspected(path, name, options)[index], _PREVIEW_ROWS)


@st.cache_data(show_spinner=False, max_entries=200)
def _sheets(path: str, name: str) -> tuple[str, ...]:
    return sheet_names(inspected(path, name, NOTHING)[0])


def _options(file: uploads.File) -> ReadOptions:
    """Draw the reading options of a file that override detection."""
    try:
        found = inspected(file["path"], file["name"], NOTHING)[0]
        sheets = _sheets(file["path"], file["name"])
    except TingfengError:
        found, sheets = None, ()
    st.caption("留空的按内容自动识别。")
    encoding = delimiter = None
    if found is None or found.encoding:
        encoding = _choice("编码", _ENCODINGS, f"enc_{file['key']}", found and _ENCODINGS.get(found.encoding or ""))
    if found is None or found.delimiter:
        delimiter = _choice(
            "分隔符", _DELIMITERS, f"sep_{file['key']}", found and _DELIMITERS.get(found.delimiter or "")
        )
    chosen: list[str] = []
    if len(sheets) > 1:
        chosen = st.multiselect(
            "工作表", sheets, key=f"sheet_{file['key']}", placeholder="自动:有评论的", select_all=False
        )
    header = None
    if found is None or found.delimiter or found.sheet or found.format == "chat":
        header = st.number_input(
            "表头在第几行(0 = 没有表头)",
            min_value=0,
            value=None,
            placeholder=f"自动:第 {found.header_row} 行" if found else "自动",
            key=f"head_{file['key']}",
        )
    return ReadOptions(encoding, delimiter, tuple(chosen) or None, header)


def _choice(title: str, names: dict[str, str], key: str, found: str | None) -> str | None:
    return st.selectbox(
        title,
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=f"自动:{found}" if found else "自动",
        key=key,
    )


def _table(file: uploads.File, index: int, options: ReadOptions, *, opened: bool) -> TableSource | None:
    """Draw one table; return None if the user leaves it out or a column is invalid."""
    tables = inspected(file["path"], file["name"], options)
    table = tables[index]
    key = f"{file['key']}_{index}_{options!r}"
    if len(tables) > 1 and not st.checkbox(say.escape(table.name), value=True, key=f"use_{key}"):
        return None
    st.caption(say.escape(facts(table)))
    for note in table.notes:
        st.caption(f":material/info: {say.escape(note)}")
    mapping = _roles(table, key)
    if not mapping["text"]:
        st.warning("[R03] 找不到评论列。请在「评论」里选择一列或几列。", icon=":material/warning:")
    if _may_be_empty(table) and _preview(file["path"], file["name"], options, index).empty:
        st.warning("表头下面没有一行数据。请换一个文件,或在「读取方式」里改表头在第几行。", icon=":material/warning:")
    with st.expander(
        f"前 {_PREVIEW_ROWS} 行和识别依据",
        expanded=opened or not table.mapping.text,
        on_change="rerun",
        key=f"open_{key}",
    ) as details:
        if details.open:
            frame = _preview(file["path"], file["name"], options, index)
            _evidence(table, _time_read(table, frame, mapping["time"]))
            _first_rows(table, frame, f"preview_{key}")
    return with_mapping(table, **mapping) if mapping["text"] else None


def _may_be_empty(table: TableSource) -> bool:
    """Return whether it is small enough to count its rows at each run, before the preview is opened."""
    return table.size_bytes <= _SMALL_BYTES


def _first_rows(table: TableSource, frame: pd.DataFrame, key: str) -> None:
    if frame.empty:  # Streamlit labels an empty grid in English, and an empty file is not worth downloading
        return
    st.dataframe(frame, height=178, row_height=28, hide_index=True, key=key)
    name = f"{stem(table.name)}_前{_PREVIEW_ROWS}行"
    table_files.button(name, partial(table_files.numbers_file, frame), key=key)


def facts(table: TableSource) -> str:
    """Describe in one line how a table was read.

    Args:
        table: Of ``core.read.inspect``.
    """
    size = table.size_bytes / 1024
    parts = [
        _FORMATS.get(table.format, table.format.upper()),
        f"工作表「{table.sheet}」" if table.sheet else "",
        _TITLES.get(table.encoding or "", (table.encoding or "").upper()),
        f"{_DELIMITERS.get(table.delimiter, table.delimiter)}分隔" if table.delimiter else "",
        "没有表头" if table.header_row == 0 else f"表头第 {table.header_row} 行",
        f"{len(table.columns)} 列",
        f"{size / 1024:,.1f} MB" if size >= 1024 else f"{size:,.0f} KB",
        f"识别为 {table.layout}" if table.layout else "",
    ]
    return " · ".join(part for part in parts if part)


def _roles(table: TableSource, key: str) -> dict[str, Any]:
    """Draw a column selector for each role; return the arguments of ``with_mapping``."""
    chosen: dict[str, Any] = {}
    width = _room(table.columns)
    # no columns: in a seventh of the page a name such as mblog.created_at is truncated, and so is its dropdown list
    with st.container(horizontal=True, gap="xsmall", key=f"roles_{key}"):
        for field in fields(Mapping):
            role = Role(field.name)
            reason = table.evidence.get(role)
            detected = getattr(table.mapping, field.name)
            draw = partial(_text_columns if role is Role.TEXT else _one_column, table.columns, detected)
            chosen[field.name] = draw(ROLE_TITLES[role], reason, key=f"role_{field.name}_{key}", width=width)
    return chosen


def _room(columns: Sequence[str]) -> int:
    """Return the width in pixels of a selector that shows these names."""
    longest = max(map(chart.text_width, columns), default=0.0)
    return round(min(_WIDEST, max(_NARROWEST, _EM * longest + _BESIDE_NAME)))


def _text_columns(
    columns: Sequence[str], detected: tuple[str, ...], title: str, reason: str | None, *, key: str, width: int
) -> tuple[str, ...]:
    picked = st.multiselect(
        f"{title}(可选几列)",
        columns,
        default=list(detected),
        help=reason,
        key=key,
        placeholder="请选择",
        select_all=False,
        width=max(_TEXT_WIDTH, width),
    )
    return tuple(picked)


def _one_column(
    columns: Sequence[str], detected: str | None, title: str, reason: str | None, *, key: str, width: int
) -> str | None:
    index = columns.index(detected) if detected in columns else None
    return st.selectbox(title, columns, index=index, help=reason, key=key, placeholder="没有", width=width)


def _time_read(table: TableSource, frame: pd.DataFrame, column: str | None) -> str:
    """Say how a cell of the time column without an explicit day is read; "" if there are none."""
    example = time_example(frame[column], table, get_settings()) if column else None
    return f"例如「{column}」里的 {example[0]} → {example[1]}" if example else ""


def _evidence(table: TableSource, time_read: str) -> None:
    found = [(role, table.evidence[role]) for role in Role if role in table.evidence]
    said = [f"**{ROLE_TITLES[role]}**:{say.escape(reason)}" for role, reason in found]
    said += [f"**时间的读法**:{say.escape(time_read)}"] if time_read else []
    st.caption("  \n".join(said) or "没有列能认出用途。")
