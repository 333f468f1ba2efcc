"""首页: what to do next, the recent jobs, the demo."""

from __future__ import annotations

import streamlit as st

from core.errors import TingfengError
from pages.parts import advice, jobs_list, resources, say, start

st.title("今天先看什么?")

listed = resources.jobs().list()
advice.show(listed)

if st.session_state.pop("demo_asked", False):
    try:
        with st.spinner("正在读取示例…"):
            job = start.start_demo()
        st.switch_page("dashboard.py", query_params={"job": job})
    except TingfengError as exc:
        say.problem(exc)

if listed:
    jobs_list.show(limit=10)
