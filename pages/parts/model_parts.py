"""The pieces of the page 模型."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import TingfengError
from core.schema import ModelInfo
from core.score import SHIPPED
from pages.parts import downloads, listing, model_card, resources, say, table_files

_LIST = "models"
#: Title and width of each column.
_COLUMNS = {"模型": 2.6, "类别": 1.7, "大小": 1.0, "适合做什么": 4.2, "": 1.6}


def in_use(models: Sequence[ModelInfo], chosen: str, default: str) -> None:
    """Draw the model of this session."""
    try:
        with st.spinner("正在载入模型…"):
            backend = resources.backend(chosen)
    except TingfengError as exc:
        say.problem(exc)
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        title = next((model.title for model in models if model.name == chosen), chosen)
        st.markdown(f"**正在使用:{say.escape(title)}**")
        st.caption(f"分{'、'.join(backend.labels)} {len(backend.labels)} 类")
        if chosen != default:
            st.button("恢复默认", icon=":material/restart_alt:", on_click=resources.choose_model, args=(default,))


def table(models: Sequence[ModelInfo], chosen: str, default: str) -> None:
    """Draw the list of models with the actions for each."""
    _download_progress()
    listing.titles(_LIST, _COLUMNS, kept=("类别", "大小"), right=("大小",))
    for model in models:
        _row(model, chosen, default)


def _row(model: ModelInfo, chosen: str, default: str) -> None:
    name, labels, size, note, action = listing.line(_LIST, model.name, _COLUMNS)
    mark = " :gray[:small[默认]]" if model.name == default else ""
    name.markdown(f"**{say.escape(model.title)}**{mark}")
    labels.markdown("、".join(model.labels))
    size.markdown(f"{model.size_mb:,.0f} MB", text_alignment="right")
    note.markdown(say.escape(model.note))
    with action:
        if model.name == chosen:
            st.badge("使用中", color="green", icon=":material/check:")
        elif model.ready:
            st.button("使用", key=f"use_{model.name}", on_click=resources.choose_model, args=(model.name,))
        else:
            st.button(
                "下载",
                key=f"download_{model.name}",
                icon=":material/download:",
                on_click=downloads.begin,
                args=(model.name,),
                help="从魔搭社区(modelscope.cn)下载,需要网络;只有点了才会下载。",
            )


def _download_progress() -> None:
    under_way = bool(downloads.running())
    st.fragment(_bars, run_every=1 if under_way else None)(under_way)


def _bars(was_under_way: bool) -> None:
    current = downloads.running()
    for name, fraction in current:
        st.progress(
            fraction, text=f"正在下载 {say.escape(say.model(name))}:{fraction:.0%}。可以离开这一页,下载会继续。"
        )
    if current:
        return  # an error drawn now would be gone at the next refresh
    if was_under_way:
        st.rerun()
    for error in downloads.take_failures():
        say.problem(error)


def details(models: Sequence[ModelInfo], chosen: str) -> None:
    """Draw, collapsed, what only administrators need: ids, folders, the version in use."""
    with st.expander("编号、版本和所在文件夹", icon=":material/info:", on_change="rerun", key="model_details") as fold:
        if not fold.open:
            return
        names = {"模型": [m.title for m in models], "编号": [m.name for m in models]}
        places = [m.location or "—" for m in models]
        st.table(
            {title: [say.escape(value) for value in values] for title, values in (names | {"文件夹": places}).items()},
            border="horizontal",
        )
        st.caption("编号用于命令行的 --backend 和接口的 backend。")
        try:
            backend = resources.backend(chosen)
        except TingfengError:  # already shown above
            return
        st.caption(f"正在使用的模型:版本 {say.escape(backend.version)},一次读 {backend.window_tokens} 个词元。")


def folder_form(models: Sequence[ModelInfo], chosen: str) -> None:
    """Let a person enter a local folder; say which one is in use."""
    in_folder = chosen not in {model.name for model in models}
    with st.expander("使用本机的模型文件夹", icon=":material/folder_open:", expanded=in_folder):
        if in_folder:
            st.success(f"正在使用文件夹 {say.escape(chosen)}", icon=":material/check:")
        st.caption("StructBERT 布局(config.json、vocab.txt、model.safetensors 或 pytorch_model.bin),或内置模型的布局。")
        with st.form("model_folder", border=False):
            path = st.text_input("文件夹的完整路径", placeholder="/home/me/models/structbert-finetuned")
            if st.form_submit_button("使用这个文件夹", icon=":material/check:"):
                _use_folder((path or "").strip())


def _use_folder(path: str) -> None:
    if not path:
        st.warning("请先填写文件夹的路径。")
        return
    try:
        with st.spinner("正在载入…"):
            resources.backend(path)
    except TingfengError as exc:
        say.problem(exc)
        return
    resources.choose_model(path)
    st.rerun()


def cards(models: Sequence[ModelInfo]) -> None:
    """Draw the measured numbers of the models that ship with Tingfeng, each with its n."""
    st.subheader("随软件自带的模型有多准", anchor=False)
    shipped = {m.title: Path(m.location) for m in models if m.name in SHIPPED and m.location}
    for tab, (title, folder) in zip(st.tabs(list(shipped)), shipped.items(), strict=True):
        with tab:
            _card(title, folder)
    st.caption("两分类数据集只比较正负;区间为 95%。数据来源与做法见 docs/model_card.md。")


def _card(title: str, folder: Path) -> None:
    try:
        rows = model_card.rows(folder)
    except (OSError, ValueError, KeyError, TypeError):
        st.caption("评测结果文件 card.json 读不出来;模型本身不受影响。")
        return
    if not rows:
        st.caption("这个模型还没有附带评测结果。")
        return
    share = st.column_config.NumberColumn(format="%.1f%%")
    shown = [name for name, value in rows[0].items() if isinstance(value, float) or value is None]
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="—",
        column_config={"条数": st.column_config.NumberColumn(format="localized"), **dict.fromkeys(shown, share)},
    )
    save = partial(table_files.numbers_file, pd.DataFrame(rows))
    table_files.button(f"{title}评测", save, key=f"card_{folder.name}")
