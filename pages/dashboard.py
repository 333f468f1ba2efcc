"""舆情看板: what people are unhappy about, since when, and how sure we are."""

from __future__ import annotations

import streamlit as st

from core.errors import TingfengError
from core.schema import JobState
from pages.parts import answers, comments_panel, dashboard_parts, filter_bar, frame, job_news, job_picker, say

title, picker = st.columns((3, 2), vertical_alignment="center")
title.title("大家在不满什么?从什么时候开始?", anchor=False)
try:
    with picker:
        job = job_picker.pick()
    if job is None:
        job_news.nothing_yet()
    else:
        frame.name_tab("舆情看板", job.spec.name)
        offered = answers.choices(job.id)
        with st.container():  # keeps its place when there is nothing to say
            if job.state is not JobState.DONE:
                job_news.unfinished(job)
        if offered.n == 0:
            job_news.nothing_labelled(job)
        else:
            chosen = filter_bar.show(offered)
            dashboard_parts.figures(job.id, answers.overview(job.id, chosen), offered)
            over_time, about = st.columns((3, 2))
            with over_time:
                dashboard_parts.trend(job.id, chosen)
            with about:
                dashboard_parts.words(job.id, chosen)
            comments_panel.show(job.id, job.spec.name)
            dashboard_parts.angles(job.id, chosen, offered)
except TingfengError as exc:
    say.problem(exc)
