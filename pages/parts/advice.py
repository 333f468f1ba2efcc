"""The recommended next step, drawn at the top of 首页."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import analyse
from core.errors import TingfengError
from core.schema import ACTIVE_STATES, LABELS, NEGATIVE, Filter, Job, JobState, RunReport, word_title
from pages.parts import answers, job_news, say

_WORDS = 8
_NAME_EM = 40
STOPPED = {JobState.PAUSED, JobState.FAILED}


def show(jobs: Sequence[Job]) -> None:
    """Draw the next step for the newest job, or how to get started.

    Args:
        jobs: Newest first.
    """
    with st.container(border=True):
        if not jobs:
            _begin()
        elif jobs[0].state in ACTIVE_STATES:
            _watch(jobs[0])
        elif jobs[0].state in STOPPED:
            _resume(jobs[0])
        else:
            _latest(next((job for job in jobs if job.report is not None), None))
            _left_over(jobs)


def _left_over(jobs: Sequence[Job]) -> None:
    paused = sum(job.state == JobState.PAUSED for job in jobs)
    failed = sum(job.state == JobState.FAILED for job in jobs)
    parts = ([f"{paused} 个任务停在半路"] if paused else []) + ([f"{failed} 个任务出错"] if failed else [])
    if parts:
        st.caption(f"另有 {'、'.join(parts)},可在「批量打标」里继续或删除。")


def _begin() -> None:
    st.subheader("还没有数据:先上传一份评论表", anchor=False)
    st.markdown(
        "1. 上传 CSV、Excel、JSON 等评论表,列名和编码会自动识别;\n"
        "2. 每一行都会得到情感和把握程度,中途可以暂停,关掉网页也会继续;\n"
        "3. 打开舆情看板,看大家在不满什么、从什么时候开始。"
    )
    with st.container(horizontal=True):
        _go("上传评论表", "batch.py", ":material/upload_file:", first=True)
        _demo_button()


def _watch(job: Job) -> None:
    st.subheader(f"「{say.short(job.spec.name, _NAME_EM)}」正在打标", anchor=False)
    st.markdown("可以关掉这个网页,打标会在后台继续;已完成的部分现在就能在看板里看。")
    with st.container(horizontal=True):
        _go("查看进度", "batch.py", ":material/progress_activity:", job, first=True)
        _go("打开看板", "dashboard.py", ":material/monitoring:", job)


def _resume(job: Job) -> None:
    done = f"停在第 {job.rows_done:,} 行" if job.rows_done else "出错了" if job.error else "还没有开始"
    st.subheader(f"「{say.short(job.spec.name, _NAME_EM)}」{done}", anchor=False)
    kept = "已完成的部分都已保存,可以接着打标。" if job.rows_done else "文件已经保存好,可以开始打标。"
    st.markdown(say.escape(job.error) if job.error else kept)
    _go("去继续" if job.rows_done or job.error else "去开始", "batch.py", ":material/play_arrow:", job, first=True)


def _latest(job: Job | None) -> None:
    try:
        counted = None if job is None else answers.report(job)
    except TingfengError as exc:  # a damaged table must not hide the other jobs
        say.problem(exc)
        return
    if job is None or counted is None:
        _begin()
    else:
        _read(job, *counted)


def _read(job: Job, report: RunReport, corrections: int) -> None:
    counts = report.labels
    negative = analyse.wilson(counts[LABELS[NEGATIVE]], sum(counts.values()))
    name = say.short(job.spec.name, _NAME_EM)
    if negative.n == 0:
        st.subheader(f"「{name}」里没有可以打标的评论", anchor=False)
        st.markdown(job_news.why_nothing(report))
        _go("查看任务", "batch.py", ":material/table_rows:", job, first=True)
        return
    found = f"{negative.value:.1%} 是负面,大家在不满什么?" if negative.count else "没有一条是负面"
    st.subheader(f"「{name}」:{found}", anchor=False)
    review = report.needs_review
    note = say.corrections(corrections)
    st.markdown(
        f"负面 {say.share(negative)}{note and f',{note}'}。"
        + (f"另有 {review:,} 条把握不大,建议先复核再下结论。" if review else "")
    )
    job_news.noted(report)
    _complaints(job)
    with st.container(horizontal=True):
        _go("打开看板", "dashboard.py", ":material/monitoring:", job, first=True)
        _go("上传新的评论表", "batch.py", ":material/upload_file:")
        _demo_button()


def _complaints(job: Job) -> None:
    """Draw the words that distinguish negative comments, each a link to the dashboard; none explained by chance."""
    try:
        terms = answers.keywords(job.id, Filter()).negative[:_WORDS]
    except TingfengError as exc:  # a damaged table must not hide the other jobs
        say.problem(exc)
        return
    if not terms or analyse.by_chance(word.z for word in terms):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        # without words on the positive side there is no contrast: these are merely the most frequent
        telling = "最突出" if any(word.z for word in terms) else "说得最多"
        st.caption(f"负面评论里{telling}的词", width="content")
        for i, word in enumerate(terms):
            label = f"{say.escape(word_title(word.term))} {word.counts[NEGATIVE]:,}"
            if st.button(label, key=f"complaint_{i}", help="看含有这个词的评论", type="tertiary"):
                address = analyse.to_params(Filter(term=word.term))
                st.switch_page("dashboard.py", query_params={"job": job.id, **address})


def _go(label: str, page: str, icon: str, job: Job | None = None, *, first: bool = False) -> None:
    if st.button(label, icon=icon, type="primary" if first else "secondary", key=f"go_{page}"):
        st.switch_page(page, query_params={"job": job.id} if job is not None else None)


def _demo_button() -> None:
    st.button("看一个示例", icon=":material/play_circle:", on_click=_ask_demo, key="demo")


def _ask_demo() -> None:
    st.session_state["demo_asked"] = True
