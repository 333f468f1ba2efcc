"""One job: its progress, its actions, and what became of every row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from core.analyse import unscored, wilson
from core.chart import accounting
from core.errors import TingfengError
from core.files import stem
from core.jobs import RESUMABLE, STAGE_TITLES, Stage, duration
from core.schema import ACTIVE_STATES, LABELS, Job, JobSpec, JobState, RunReport, say_notes
from core.score import short_version
from pages.parts import (
    answers,
    comments_panel,
    continuing,
    filter_bar,
    frame,
    job_news,
    links,
    resources,
    say,
    table_files,
    words_view,
)

_REFRESH_SECONDS = 1
_LISTED_ROWS = 500
_NAME_EM = 24
_STAGES = {"read": "读取", "clean": "清洗", "score": "判断", "store": "保存", "total": "合计"}


def show(identity: str) -> None:
    """Draw a job.

    Args:
        identity: Its id.

    Raises:
        JobError: J04 there is no job with this id.
    """
    job = resources.jobs().get(identity)
    frame.name_tab("批量打标", job.spec.name)
    links.keep()
    _heading(job)
    job_news.known_before(job)
    active = job.state in ACTIVE_STATES
    if job.state is not JobState.DONE:
        st.fragment(_progress, run_every=_REFRESH_SECONDS if active else None)(identity, job.state)
    else:
        words_view.prepare(identity)
    counted = answers.report(job)
    if counted is not None:
        _finished(job, *counted)


def _heading(job: Job) -> None:
    name, actions = st.columns(2, vertical_alignment="center")
    whole, shown = say.escape(job.spec.name), say.short(job.spec.name, _NAME_EM)
    with name.container(horizontal=True, vertical_alignment="center"):
        st.subheader(shown, anchor=False, width="content", help=whole if shown != whole else None)
        say.state_badge(job.state)
    with actions.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if job.rows_done:
            st.page_link("dashboard.py", label="打开看板", icon=":material/monitoring:", query_params={"job": job.id})
        continuing.button(job)
        _delete(job)
        st.button("新建任务", icon=":material/add:", key="job_new", on_click=links.open_job, args=("",))


def _delete(job: Job) -> None:
    with st.popover("删除", icon=":material/delete:", key="job_delete"):
        st.markdown("删除后无法恢复:结果、改判,以及别的任务不再用到的上传文件。")
        st.button("确认删除", type="primary", key="job_delete_sure", on_click=_deleted, args=(job.id,))


def _deleted(identity: str) -> None:
    if _tried(resources.jobs().delete, identity):
        answers.forget()
        links.open_job("")
        say.later("已删除")


def _progress(identity: str, was: JobState) -> None:
    job = resources.jobs().get(identity)
    if job.state is not was:
        st.rerun()  # started or ended: the rest of the page changes too
    say.now()
    now = resources.jobs().progress(identity)
    share = min(1.0, now.rows_done / now.rows_total) if now.rows_total else 0.0
    total = f" / {now.rows_total:,}" if now.rows_total else ""
    doing = say.STATES[job.state][0] if now.stage is Stage.IDLE else STAGE_TITLES[now.stage]
    st.progress(share, text=f"{doing} · {now.rows_done:,}{total} 行")
    done, speed, left, actions = st.columns((1, 1, 1, 2), vertical_alignment="center")
    done.metric("完成", f"{share:.1%}")
    speed.metric("速度", f"{now.rows_per_second:,.0f} 行/秒" if now.rows_per_second else "–")
    left.metric("还要", duration(now.eta_seconds) if now.eta_seconds is not None else "–")
    with actions.container(horizontal=True, horizontal_alignment="right"):
        _controls(job)
    if job.state in ACTIVE_STATES:
        st.caption("可以关掉这个网页,打标会在后台继续;用同一个网址或「首页」的列表就能找回来。")
    if job.error:
        st.error(say.escape(job.error), icon=":material/error:")


def _controls(job: Job) -> None:
    manager = resources.jobs()
    if job.state in ACTIVE_STATES:
        st.button("暂停", icon=":material/pause:", key="job_pause", on_click=_stopped, args=(manager.pause, job.id))
        st.button("取消", icon=":material/block:", key="job_cancel", on_click=_stopped, args=(manager.cancel, job.id))
    if job.state in RESUMABLE:
        st.button(
            "继续" if job.rows_done else "开始",
            type="primary",
            icon=":material/play_arrow:",
            key="job_resume",
            on_click=_tried,
            args=(manager.resume, job.id),
        )


def _stopped(do: Callable[[str], object], identity: str) -> None:
    try:
        do(identity)
    except TingfengError as exc:  # it may have ended just before the click
        ended = resources.jobs().get(identity).state is JobState.DONE
        say.later("来不及停了,任务刚刚已经做完" if ended else str(exc))
        return
    say.later("收到,做完手头的一小批就停")


def _tried(do: Callable[[str], object], identity: str) -> bool:
    """Apply an action to a job that may have changed since the page was drawn."""
    try:
        do(identity)
    except TingfengError as exc:
        say.later(str(exc))
        return False
    return True


def _finished(job: Job, report: RunReport, corrections: int) -> None:
    labelled = sum(report.labels.values())
    columns = [column.container(gap="xxsmall") for column in st.columns(5)]
    with columns[0]:
        st.metric("读入", f"{report.rows_in:,} 行")
        st.caption(f"用时 {duration(report.seconds.get('total', 0.0))}")
    for column, label in zip(columns[1:4], LABELS, strict=True):
        share = wilson(report.labels[label], labelled)
        with column:
            st.metric(label, f"{report.labels[label]:,} 行")
            st.caption(say.share(share))
    with columns[4]:
        st.metric("需复核", f"{report.needs_review:,} 行")
        st.caption("把握低于设定值")
    if corrections:
        st.caption(f":material/edit: 情感和需复核的行数{say.corrections(corrections)}。")
    job_news.noted(report)
    rows, accounts, facts = st.tabs(["逐行结果", "每一行的去向", "运行信息"], on_change="rerun", key="job_tabs")
    if rows.open:
        with rows:
            filter_bar.show(answers.choices(job.id))
            comments_panel.show(job.id, job.spec.name, order="按文件顺序")
    if accounts.open:
        with accounts:
            _accounts(job, report)
    if facts.open:
        with facts:
            _facts(job, report)


def _accounts(job: Job, report: RunReport) -> None:
    counted = accounting(report)
    percent = st.column_config.NumberColumn(format="%.1f%%", width=80)
    number = st.column_config.NumberColumn(format="localized", width=90)
    wide = st.column_config.TextColumn(width=560)
    shown = counted.assign(占比=counted["占比"] * 100)
    st.dataframe(shown, hide_index=True, placeholder="–", column_config={"行数": number, "占比": percent, "说明": wide})
    table_files.button(f"{stem(job.spec.name)}_行数", partial(table_files.numbers_file, counted), key="accounts")
    others = report.blank + report.duplicates + report.rejected
    if not others:
        return
    st.markdown(f"**没有单独判断的 {others:,} 行**" + (f"(列出前 {_LISTED_ROWS} 行)" if others > _LISTED_ROWS else ""))
    st.dataframe(unscored(answers.table(job.id), limit=_LISTED_ROWS), hide_index=True, height=260)
    table_files.button(f"{stem(job.spec.name)}_未单独判断的行", partial(_unscored_file, job.id), key="unscored")


def _unscored_file(identity: str) -> bytes:
    return table_files.numbers_file(unscored(answers.table(identity)))


def _counted_from(spec: JobSpec) -> str:
    times = sorted({source.exported or spec.clean.reference_time for source in spec.sources})
    said = [f"{moment:%Y-%m-%d %H:%M}" for moment in dict.fromkeys((times[0], times[-1]))]
    return said[0] if len(said) == 1 else f"各表从自己的文件算,{said[0]} 到 {said[1]}"


def _facts(job: Job, report: RunReport) -> None:
    seconds = "、".join(
        f"{_STAGES[stage]} {value:,.1f} 秒" for stage, value in report.seconds.items() if stage in _STAGES
    )
    lines = {
        "模型": f"{say.model(report.backend)}(版本 {short_version(report.model_version)})",
        "用时(各步同时进行)": seconds,
        "沿用以前判断过的文字": f"{report.cache_hits:,} 条",
        "中性带": f"{job.spec.score.neutral_band:g}",
        "需复核的界限": f"把握低于 {job.spec.score.review_below:g}",
        "遮盖个人信息": "是" if job.spec.clean.mask_pii else "否",
        "判断情绪": "是" if job.spec.score.emotion else "否",
        "“昨天”等从这时算起": _counted_from(job.spec),
        "文件": "、".join(source.name for source in job.spec.sources),
        "任务编号": job.id,
    }
    rows = [*lines.items(), *((job_news.NOTES_TITLE, note) for note in say_notes(report.notes))]
    written = pd.DataFrame(rows, columns=["项目", "内容"])
    st.table(written.assign(内容=written["内容"].map(say.escape)).to_dict("list"), border="horizontal")
    table_files.button(f"{stem(job.spec.name)}_运行信息", partial(table_files.numbers_file, written), key="facts")
