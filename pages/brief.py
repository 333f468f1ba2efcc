"""一页纸: the five findings that matter, each with its evidence."""

from __future__ import annotations

import streamlit as st

from core.errors import TingfengError
from core.schema import JobState
from pages.parts import answers, brief_parts, filter_bar, frame, job_news, job_picker, say

title, picker = st.columns((3, 2), vertical_alignment="center")
title.title("最要紧的是哪几件事?", anchor=False)
try:
    with picker:
        job = job_picker.pick()
    if job is None:
        job_news.nothing_yet()
    else:
        frame.name_tab("一页纸", job.spec.name)
        offered = answers.choices(job.id)
        if job.state is not JobState.DONE:
            job_news.unfinished(job)
        if offered.n == 0:
            job_news.nothing_labelled(job)
        else:
            chosen = filter_bar.show(offered)
            brief_parts.show(job, answers.overview(job.id, chosen), answers.findings(job.id, chosen))
except TingfengError as exc:
    say.problem(exc)
