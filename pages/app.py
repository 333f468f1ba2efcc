"""The frame of every page: navigation, title bar and the footer of the menu."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import frame

# a local file: for a material icon the browser would contact Google's font server
st.set_page_config(page_title=frame.APP, page_icon=frame.ICON, layout="wide", initial_sidebar_state=220)
page = frame.navigation(Path(__file__).resolve().parent)
frame.name_tab(page.title)
frame.furniture()
page.run()
