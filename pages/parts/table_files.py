"""Labelled tables and small results as files, made only when clicked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core.analyse import where
from core.export import small_csv
from core.files import stem
from core.jobs import write_result
from core.schema import Filter
from pages.parts import answers, resources

_FORMATS = {
    "csv": ("CSV", "Excel 双击即可打开,中文不会乱码"),
    "xlsx": ("Excel", "超过 100 万行会分成几个工作表;行数多时较慢"),
    "parquet": ("Parquet", "给 Python、DuckDB 等程序读"),
    "jsonl": ("JSONL", "每行一个 JSON 对象"),
}


def buttons(job: str, name: str, chosen: Filter, total: int, *, key: str) -> None:
    """Draw the download menu of a job's labelled table, in full or filtered.

    Args:
        job: Its id.
        name: Base name of the files.
        chosen: The filter of the page.
        total: Comments that pass it.
        key: Unique on the page.
    """
    with st.popover("下载", icon=":material/download:", key=f"{key}_menu"):
        filtered = chosen != Filter()
        again = bool(answers.choices(job).reexported)
        some = "筛选后的 {:,} 条" if filtered else "图表里算的 {:,} 条(重复导出的只算一次)"
        which = st.radio(
            "哪些行",
            [True, False] if filtered else [False, True] if again else [False],
            format_func={True: some.format(total), False: "全部行(包括空白和重复的行)"}.__getitem__,
            # when options are added to a radio, the server keeps the old value while the browser shows the first option
            key=f"{key}_which_{'some' if filtered else 'again' if again else 'all'}",
        )
        view = _tags(job, key)
        for form, (title, note) in _FORMATS.items():
            st.download_button(
                title,
                data=partial(labelled_file, job, chosen if which else None, form, view),
                file_name=f"{stem(name)}{'_筛选' if which else '_已打标'}.{form}",
                on_click="ignore",
                icon=":material/download:",
                help=note,
                key=f"{key}_{form}",
                width="stretch",
            )
        added = "情感、情绪等九列" if answers.table(job).has_emotions else "情感、置信度等六列"
        united = "接着是来自文件、合并评论等七列,各表的同一种事合在一列,再" if answers.is_mixed(job) else ""
        st.caption(f"原有的列在前,{united}后面是{added}。以 = + - @ 开头的文字会加上 ',防止被当成公式执行。")


def button(name: str, data: Callable[[], bytes], *, key: str) -> None:
    """Draw the download button of a small table.

    Args:
        name: File name without its extension.
        data: Makes the file, such as ``numbers_file``.
        key: Unique on the page.
    """
    st.download_button(
        "下载 CSV", data=data, file_name=f"{name}.csv", on_click="ignore", icon=":material/download:", key=f"save_{key}"
    )


def _tags(job: str, key: str) -> str:
    """Offer grade and reason tags; return the derived table they come from, "" if not wanted or not available."""
    view = answers.whole_mentions(job)
    wanted = st.toggle(
        "加上评价和原因标签",
        key=f"{key}_tags",
        disabled=not view,
        help="两列:评价(好评、中评、差评)和原因标签,如「差评:物流、包装;好评:质量」。"
        + ("" if view else "先在「方面分析」里分析这个任务的全部评论。"),
    )
    return view if wanted else ""


def labelled_file(job: str, chosen: Filter | None, form: str, view: str = "") -> bytes:
    """Return the labelled rows of a job as a file.

    Args:
        job: Its id.
        chosen: Filter of the comments; None for every row of the input.
        form: One of ``core.export.FORMATS``.
        view: Derived table of mentions for the reason tags; "" = without.
    """
    condition, parameters = ("", []) if chosen is None else where(answers.selection(job, chosen))
    with tempfile.TemporaryDirectory(prefix="tingfeng-") as folder:
        path = Path(folder) / f"out.{form}"
        write_result(
            answers.table(job),
            resources.jobs().get(job).spec,
            path,
            format=form,
            tags=view,
            where=condition,
            parameters=parameters,
        )
        return path.read_bytes()


def numbers_file(frame: pd.DataFrame) -> bytes:
    """Return a small table as CSV that Excel displays correctly, with formulas neutralised."""
    return small_csv(frame)
