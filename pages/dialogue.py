"""客服质检: were customers satisfied, where was dissatisfaction left unresolved, which replies made it worse."""

from __future__ import annotations

import streamlit as st

from core.errors import TingfengError
from core.schema import ACTIVE_STATES, JobState
from pages.parts import answers, comments_panel, dialogue_parts, filter_bar, frame, job_news, job_picker, say

title, picker = st.columns((3, 2), vertical_alignment="center")
title.title("客户满意吗?问题解决了没有?", anchor=False)
try:
    with picker:
        job = job_picker.pick()
    if job is None:
        job_news.nothing_yet()
    else:
        frame.name_tab("客服质检", job.spec.name)
        offered = answers.choices(job.id)
        if job.state is not JobState.DONE:
            job_news.unfinished(job)
        if offered.n == 0:
            job_news.nothing_labelled(job)
        elif job.state in ACTIVE_STATES:
            st.info("打标完成后会自动开始听对话:一段对话要等它的每一句都到齐。", icon=":material/hourglass_top:")
        elif not dialogue_parts.holds_dialogues(job.id):
            dialogue_parts.how_to()
        else:
            chosen = filter_bar.show(offered)
            if not filter_bar.empty(job.id, chosen) and dialogue_parts.show(job, chosen):
                comments_panel.show(job.id, job.spec.name, come=False)
except TingfengError as exc:
    say.problem(exc)
