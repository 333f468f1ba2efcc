"""批量打标: a table of comments goes in, every row comes back labelled."""

from __future__ import annotations

import streamlit as st

from core.errors import TingfengError
from pages.parts import job_form, job_view, jobs_list, links, resources, say

st.title("这些评论说了什么?先给每一行打上标签", anchor=False)
say.now()
try:
    if links.job_id():
        job_view.show(links.job_id())
    else:
        job_form.show()
        if resources.jobs().list():
            jobs_list.show(limit=50, growing=True)
except TingfengError as exc:
    say.problem(exc)
    st.button("新建任务", icon=":material/add:", key="job_other", on_click=links.open_job, args=("",))
