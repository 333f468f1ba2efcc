"""Notices about a job beside its results: nothing yet, only a part so far, or already known from before."""

from __future__ import annotations

import streamlit as st

from core.schema import ACTIVE_STATES, Job, JobState, RunReport, say_neutral, say_notes
from pages.parts import resources, say

_REFRESH_SECONDS = 2
#: Title of the remarks on how files were read.
NOTES_TITLE = "读取说明"
_KNOWN = "job_known_before"


def note_known(before: Job) -> None:
    """Remember that files matched an existing job, for ``known_before`` on its page."""
    st.session_state[_KNOWN] = before


def forget_known() -> None:
    """Clear that memory: other files are chosen now."""
    st.session_state.pop(_KNOWN, None)


def known_before(job: Job) -> None:
    """Say that the files just given led to an existing job, and what it is called now."""
    before: Job | None = st.session_state.get(_KNOWN)
    if before is None or before.id != job.id:
        return
    done = "已经打过标" if before.state is JobState.DONE else "已经建过任务"
    named = f",并按您填的改名为「{job.spec.name}」" if job.spec.name != before.spec.name else ""
    said = (
        f"这份文件按同样的设置{done}(任务「{before.spec.name}」,{say.local_time(before.created)}),已为您打开{named}。"
    )
    st.info(say.escape(said), icon=":material/content_copy:")


def noted(report: RunReport) -> None:
    """Point to the remarks on how the files were read, if any; 运行信息 of the job lists them.

    Also say so if rows count once in the analyses but twice here, or if nearly all comments are neutral.
    """
    notes = say_notes(report.notes)
    if notes:
        st.caption(f":material/info: 读取文件时有 {len(notes):,} 处需要留意,见任务「运行信息」里的{NOTES_TITLE}。")
    if report.reexported:
        again = f"其中 {report.reexported:,} 行是前面某一行的重复导出,各页的分析只算一次"
        st.caption(f":material/content_copy: 这里按行数计;{again}。")
    neutral = say_neutral(report.labels)
    if neutral:
        st.caption(f":material/info: {neutral}")


def nothing_yet() -> None:
    """Say how to get something to show."""
    st.info("还没有打过标的评论。上传一份评论表,或先看一个示例。", icon=":material/table_rows:")
    with st.container(horizontal=True):
        st.page_link("batch.py", label="去批量打标", icon=":material/upload_file:")
        st.page_link("home.py", label="去首页看示例", icon=":material/play_circle:")


def unfinished(job: Job) -> None:
    """Say that only part of the job is available; new rows are added on request, completion reloads the page.

    Args:
        job: As it was when the page was drawn.
    """
    every = _REFRESH_SECONDS if job.state in ACTIVE_STATES else None
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


def why_nothing(report: RunReport) -> str:
    """Return why a finished run yielded nothing to show, and what to do."""
    if not report.rows_in:
        return "文件里没有一行评论,只有表头或空行。请换一个文件,或检查表头是哪一行。"
    return f"读入的 {report.rows_in:,} 行里没有可以打标的评论。请看「每一行的去向」,并检查评论列选得对不对。"


def nothing_labelled(job: Job) -> None:
    """Say why there is nothing to show, and what to do."""
    if job.state in ACTIVE_STATES:
        st.info("还没有打好标的评论,有了会自动出现。", icon=":material/hourglass_top:")
    elif job.error:
        st.error(say.escape(job.error), icon=":material/error:")
    elif job.report is None:
        st.info("还没有打好标的评论。请打开任务,让它继续。", icon=":material/info:")
    else:
        st.info(why_nothing(job.report), icon=":material/info:")
        st.page_link("batch.py", label="查看任务", icon=":material/table_rows:", query_params={"job": job.id})
