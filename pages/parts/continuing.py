"""A new export behind the tables of a job that is done: one job of both, as an analyst watches a thing week by week."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.jobs import carry_corrections, continued
from core.schema import Job, JobState, TableSource
from pages.parts import links, resources, say

_SEEDED = "batch_onto"


def button(job: Job) -> None:
    """Draw the way from a finished job to a new one that takes it up."""
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
    """Say which job the new tables are put behind; returns it, None = none."""
    identity = links.onto()
    job = resources.store().catalogue.get(identity) if identity else None
    if job is None:
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
    """Take the labels that people set over to the new job, and say so."""
    if earlier is None or earlier.id == identity:
        return
    rows = carry_corrections(resources.store(), earlier.id, identity)
    if rows:
        say.later(f"{rows:,} 处改判已带到新任务")


def _seed(job: Job) -> None:
    """Begin with the options of the job: with others its texts would be judged anew."""
    if st.session_state.get(_SEEDED) == job.id:
        return
    st.session_state[_SEEDED] = job.id
    spec = job.spec
    options = {
        "model": spec.backend,
        "band": spec.score.neutral_band,
        "pii": spec.clean.mask_pii,
        "emotion": spec.score.emotion,
        "words": "\n".join(spec.clean.user_words),
        "name": spec.name,
    }
    for name, value in options.items():
        st.session_state[f"batch_{name}"] = value
