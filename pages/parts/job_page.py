"""The common parts of pages about one job: title, choice of the job, what to say without one, the filter bar."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import TingfengError
from core.results import Choices
from core.schema import Filter, Job, JobState
from pages.parts import answers, corrections, filter_bar, frame, job_news, job_picker, say


def show(title: str, question: str, draw: Callable[[Job, Filter, Choices], None]) -> None:
    """Draw a page about the job named in the URL.

    Args:
        title: Of the page in the menu and the browser's tab.
        question: The question that the page answers, as its heading.
        draw: Draws the part below the filter bar, for a job with labelled rows some of which pass the filter.
    """
    heading, picker = st.columns((3, 2), vertical_alignment="center")
    heading.title(question, anchor=False)
    try:
        with picker:
            job = job_picker.pick()
        if job is None:
            job_news.nothing_yet()
            return
        frame.name_tab(title, job.spec.name)
        offered = answers.choices(job.id)
        with st.container():  # keeps its place when it is empty
            if job.state is not JobState.DONE:
                job_news.unfinished(job)
        if offered.n == 0:
            job_news.nothing_labelled(job)
            return
        chosen = filter_bar.show(offered)
        if filter_bar.empty(job.id, chosen):
            corrections.undo_button(job.id)  # with its new label, the last comment may have left the filter
        else:
            draw(job, chosen, offered)
    except TingfengError as exc:
        say.problem(exc)
        st.page_link("home.py", label="去首页看任务列表", icon=":material/home:")
