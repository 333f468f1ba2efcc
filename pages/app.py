"""The frame of every page: navigation, title bar and what stands under the menu."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import frame

# a file of our own: for a material icon the browser would ask Google's font server
st.set_page_config(page_title=frame.APP, page_icon=frame.ICON, layout="wide", initial_sidebar_state=220)
page = frame.navigation(Path(__file__).resolve().parent)
frame.name_tab(page.title)
frame.furniture()
page.run()
