"""The job that a page shows: chosen from a list, kept in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.chart import short_name
from core.schema import Job, JobState
from pages.parts import links, resources, say

_KEY = "picked_job"


def pick() -> Job | None:
    """Draw the list of jobs that have rows and return the chosen one.

    If the URL names none, that is the job this session last viewed, with its filter; otherwise the latest.

    Raises:
        JobError: J04 the URL names a job that does not exist.
    """
    known = resources.jobs().list()
    listed = [job for job in known if job.rows_done or job.state is JobState.DONE]
    if not links.job_id():
        links.take_up({job.id for job in known})
    named = links.job_id()
    if named:
        job = resources.jobs().get(named)
        listed = listed if named in {each.id for each in listed} else [job, *listed]
    elif not listed:
        return None
    else:
        job = listed[0]
        links.open_job(job.id)
    links.keep()
    _draw(job, listed)
    return job


def _draw(job: Job, listed: Sequence[Job]) -> None:
    known = {each.id: each for each in listed}
    st.session_state[_KEY] = job.id
    st.selectbox(
        "任务",
        list(known),
        format_func=partial(_title, known),
        key=_KEY,
        on_change=_changed,
        label_visibility="collapsed",
    )


def _changed() -> None:
    links.open_job(st.session_state[_KEY])


def _title(known: dict[str, Job], identity: str) -> str:
    job = known[identity]
    state = "" if job.state is JobState.DONE else f" · {say.STATES[job.state][0]}"
    return f"{short_name(job.spec.name)} · {say.local_time(job.created)[5:]}{state}"
