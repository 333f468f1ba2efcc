"""What 舆情看板 says while there is nothing, or not everything, to look at."""

from __future__ import annotations

import streamlit as st

from core.schema import Job, JobState
from pages.parts import resources, say

_REFRESH_SECONDS = 2
_ACTIVE = {JobState.QUEUED, JobState.RUNNING}


def nothing_yet() -> None:
    """Say how to get something to look at."""
    st.info("还没有打过标的评论。上传一份评论表,或先看一个示例。", icon=":material/table_rows:")
    with st.container(horizontal=True):
        st.page_link("batch.py", label="去批量打标", icon=":material/upload_file:")
        st.page_link("home.py", label="去首页看示例", icon=":material/play_circle:")


def unfinished(job: Job) -> None:
    """Say that only part of the job is there yet; what is labelled meanwhile comes when asked for, the end by itself.

    Args:
        job: As it was when the page was drawn.
    """
    every = _REFRESH_SECONDS if job.state in _ACTIVE else None
    st.fragment(_news, run_every=every)(job.id, job.state, job.rows_done)


def _news(identity: str, was: JobState, shown: int) -> None:
    job = resources.jobs().get(identity)
    if job.state is not was or (not shown and job.rows_done):
        st.rerun()
    total = f" / {job.rows_total:,}" if job.rows_total else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f":material/hourglass_top: 任务{say.STATES[job.state][0]},下面只统计已打标的 {shown:,}{total} 行。",
            width="content",
        )
        more = job.rows_done - shown
        if more > 0 and st.button(f"加上新的 {more:,} 行", icon=":material/refresh:", type="tertiary", key="news"):
            st.rerun()
        st.page_link("batch.py", label="查看任务", icon=":material/table_rows:", query_params={"job": identity})


def nothing_labelled(job: Job) -> None:
    """Say why there is nothing to look at, and what to do."""
    if job.state in _ACTIVE:
        st.info("还没有打好标的评论,有了会自动出现。", icon=":material/hourglass_top:")
    elif job.error:
        st.error(say.escape(job.error), icon=":material/error:")
    elif job.report is None:
        st.info("还没有打好标的评论。请打开任务,让它继续。", icon=":material/info:")
    else:
        read = f"读入的 {job.report.rows_in:,} 行里没有可以打标的评论。请看每一行的去向,并检查评论列选得对不对。"
        said = read if job.report.rows_in else "文件里没有一行评论,只有表头或空行。请换一个文件,或检查表头是哪一行。"
        st.info(said, icon=":material/info:")
        st.page_link("batch.py", label="查看任务", icon=":material/table_rows:", query_params={"job": job.id})
