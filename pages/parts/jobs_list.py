"""The recent jobs with state, progress and result; refreshes itself while one is running."""

from __future__ import annotations

import streamlit as st

from core.analyse import wilson
from core.errors import TingfengError
from core.jobs import duration
from core.schema import ACTIVE_STATES, LABELS, NEGATIVE, Job, JobState
from pages.parts import answers, listing, resources, say

_LIST = "jobs"
_MORE = "jobs_more"
#: Title and width of each column.
_COLUMNS = {"名称": 3.4, "状态": 1.3, "行数": 2.2, "负面占比": 2.6, "建立时间": 1.7, "": 1.2}
REFRESH_SECONDS = 2
_NAME_EM = 24


def show(limit: int, *, growing: bool = False) -> None:
    """Draw the jobs, newest first.

    Args:
        limit: Maximum number of jobs.
        growing: Offer to show more of them, ``limit`` at a time; otherwise say where the others are.
    """
    st.subheader("最近的任务", anchor=False)
    active = any(job.state in ACTIVE_STATES for job in resources.jobs().list())
    st.fragment(_rows, run_every=REFRESH_SECONDS if active else None)(limit, growing, active)


def _rows(limit: int, growing: bool, was_active: bool) -> None:
    jobs = resources.jobs().list()
    if was_active and not any(job.state in ACTIVE_STATES for job in jobs):
        st.rerun()  # the last one has ended: the advice above changes too
    listing.titles(_LIST, _COLUMNS, kept=("负面占比", "建立时间"))
    shown = limit * (1 + st.session_state.get(_MORE, 0)) if growing else limit
    for job in jobs[:shown]:
        _row(job)
    if len(jobs) <= shown:
        return
    elsewhere = "。" if growing else ";其余在「批量打标」里。"
    st.caption(f"只列出最近 {shown:,} 个,共 {len(jobs):,} 个任务{elsewhere}")
    if growing:
        st.button("显示更多", icon=":material/expand_more:", key="jobs_show_more", on_click=_show_more)


def _show_more() -> None:
    st.session_state[_MORE] = st.session_state.get(_MORE, 0) + 1


def _row(job: Job) -> None:
    name, state, rows, negative, created, action = listing.line(_LIST, job.id, _COLUMNS)
    whole, shown = say.escape(job.spec.name), say.short(job.spec.name, _NAME_EM)
    name.markdown(shown, help=whole if shown != whole else None)
    with state:
        say.state_badge(job.state)
    with rows:
        _progress(job)
    with negative:
        _negative(job)
    created.markdown(say.local_time(job.created))
    with action:
        if job.state == JobState.DONE:
            st.page_link("dashboard.py", label="看板", icon=":material/monitoring:", query_params={"job": job.id})
        else:
            st.page_link("batch.py", label="查看", icon=":material/table_rows:", query_params={"job": job.id})


def _negative(job: Job) -> None:
    try:
        counted = answers.report(job)
    except TingfengError:  # a damaged table must not hide the other jobs; its own page says what to do
        st.caption("结果读不出来")
        return
    if counted is None:
        st.caption("完成后显示")
        return
    report, corrections = counted
    share = say.share(wilson(report.labels[LABELS[NEGATIVE]], sum(report.labels.values())))
    note = say.corrections(corrections)
    st.markdown(share + (f"  \n:gray[:small[{note}]]" if note else ""))


def _progress(job: Job) -> None:
    if job.state == JobState.DONE or job.rows_total is None:
        st.markdown(f"{job.rows_done:,} 行")
        return
    progress = resources.jobs().progress(job.id)
    done = min(1.0, progress.rows_done / max(1, job.rows_total))
    text = f"{progress.rows_done:,} / {job.rows_total:,}"
    if job.state == JobState.RUNNING and progress.eta_seconds is not None:
        text += f" · 还要 {duration(progress.eta_seconds)}"
    st.progress(done, text=text)
