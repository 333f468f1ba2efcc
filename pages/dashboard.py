"""舆情看板: what people are unhappy about, since when, and how sure we are."""

from __future__ import annotations

import streamlit as st

from core.results import Choices
from core.schema import Filter, Job
from pages.parts import answers, comments_panel, dashboard_parts, job_page


def draw(job: Job, chosen: Filter, offered: Choices) -> None:
    dashboard_parts.figures(job.id, answers.overview(job.id, chosen), offered)
    over_time, about = st.columns((3, 2))
    with over_time:
        dashboard_parts.trend(job.id, chosen)
    with about:
        dashboard_parts.words(job.id, chosen)
    comments_panel.show(job.id, job.spec.name)
    dashboard_parts.angles(job.id, chosen, offered)


job_page.show("舆情看板", "大家在不满什么?从什么时候开始?", draw)
