"""方面分析: what people talk about, and whether they speak well or badly of it."""

from __future__ import annotations

import streamlit as st

from core.errors import TingfengError
from core.schema import JobState
from pages.parts import answers, aspect_parts, comments_panel, filter_bar, frame, job_news, job_picker, say

title, picker = st.columns((3, 2), vertical_alignment="center")
title.title("大家说的是哪些方面?各是好是坏?", anchor=False)
try:
    with picker:
        job = job_picker.pick()
    if job is None:
        job_news.nothing_yet()
    else:
        frame.name_tab("方面分析", job.spec.name)
        offered = answers.choices(job.id)
        with st.container():  # keeps its place when there is nothing to say
            if job.state is not JobState.DONE:
                job_news.unfinished(job)
        if offered.n == 0:
            job_news.nothing_labelled(job)
        else:
            chosen = filter_bar.show(offered)
            aspect_parts.show(job, chosen, offered)
            comments_panel.show(job.id, job.spec.name)
except TingfengError as exc:
    say.problem(exc)
