"""Append a new export to the tables of a finished job: one job of both, for monitoring week by week."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.jobs import carry_corrections, continued
from core.schema import Job, JobState, TableSource
from pages.parts import links, resources, say

#: Session keys: the job whose options fill the form, and those options.
_SEEDED = "batch_onto"
_OPTIONS = ("batch_model", "batch_band", "batch_pii", "batch_emotion", "batch_words", "batch_name")


def button(job: Job) -> None:
    """Draw the button that continues a finished job in a new one."""
    if job.state is JobState.DONE:
        st.button(
            "加新导出",
            icon=":material/playlist_add:",
            key="job_onto",
            on_click=links.continue_job,
            args=(job.id,),
            help="把新一期的表接在这个任务后面,一起看。",
        )


def show() -> Job | None:
    """Say which job the new tables are appended to, and return it; None if none."""
    identity = links.onto()
    job = resources.store().catalogue.get(identity) if identity else None
    if job is None:
        _forget()
        return None
    _seed(job)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/playlist_add: 接着「{say.escape(job.spec.name)}」"
            f"({len(job.spec.sources)} 个表,{job.rows_done:,} 行)。"
            "在下面上传新的导出:判断过的文字直接沿用,两边都有的评论只算一次,改判也带过去。原任务不变。"
        )
        st.button("不接了", icon=":material/close:", key="batch_onto_off", on_click=links.open_job, args=("",))
    return job


def tables(earlier: Job | None, further: Sequence[TableSource]) -> Sequence[TableSource]:
    """Return all tables of the new job.

    Raises:
        JobError: As ``core.jobs.continued``.
    """
    return further if earlier is None else continued(earlier.spec, further)


def carry(earlier: Job | None, identity: str) -> None:
    """Copy people's corrections to the new job, and say so."""
    if earlier is None or earlier.id == identity:
        return
    rows = carry_corrections(resources.store(), earlier.id, identity)
    if rows:
        say.later(f"{rows:,} 处改判已带到新任务")


def _seed(job: Job) -> None:
    """Prefill the form with the job's options: with others its texts would be scored again."""
    if st.session_state.get(_SEEDED) == job.id and "batch_name" in st.session_state:
        return
    spec = job.spec
    score, words = spec.score, "\n".join(spec.clean.user_words)
    values = (spec.backend, score.neutral_band, spec.clean.mask_pii, score.emotion, words, spec.name)
    for key, value in zip((_SEEDED, *_OPTIONS), (job.id, *values), strict=True):
        st.session_state[key] = value


def _forget() -> None:
    """Clear the options prefilled from a job that is not continued after all."""
    if st.session_state.pop(_SEEDED, None) is not None:
        for key in _OPTIONS:
            st.session_state.pop(key, None)
