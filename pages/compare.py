"""对比: products, sources, periods, regions side by side, and stars against texts."""

from __future__ import annotations

import streamlit as st

from core.errors import TingfengError
from core.schema import JobState
from pages.parts import answers, comments_panel, compare_parts, filter_bar, frame, job_news, job_picker, say

title, picker = st.columns((3, 2), vertical_alignment="center")
title.title("谁更让人不满?和谁比?", anchor=False)
try:
    with picker:
        job = job_picker.pick()
    if job is None:
        job_news.nothing_yet()
    else:
        frame.name_tab("对比", job.spec.name)
        offered = answers.choices(job.id)
        with st.container():  # keeps its place when there is nothing to say
            if job.state is not JobState.DONE:
                job_news.unfinished(job)
        if offered.n == 0:
            job_news.nothing_labelled(job)
        else:
            chosen = filter_bar.show(offered)
            compare_parts.show(job.id, chosen, offered)
            comments_panel.show(job.id, job.spec.name)
except TingfengError as exc:
    say.problem(exc)
