"""Navigation and footer, the same around every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.chart import palette
from pages.parts import chart_view, chinese

APP = "听风"
LOGO = Path(__file__).resolve().parent / "logo.svg"
ICON = Path(__file__).resolve().parent / "icon.svg"
#: Hidden: hints that we give in Chinese ourselves, and the tools that Streamlit lays over a chart's own 保存. Lists of
#: choices may grow wider than the box they hang from, so that a long name can be read. On a narrow screen a
#: chart scrolls, not the page.
_STYLE = """<style>
[data-testid=InputInstructions] { display: none }
[data-testid=stFullScreenFrame]:has([data-testid=stVegaLiteChart]) [data-testid=stElementToolbar] { display: none }
[data-testid=stMultiSelectDropdown] { min-width: 24rem }
[data-testid=stVegaLiteChart] { max-width: 100%; overflow-x: auto }
</style>"""
#: The accent of the dark theme is made for white text on it; as text on the dark page it is too dim to read.
_DARK_STYLE = f"""<style>
[data-testid=stTab][aria-selected=true] p, button[role=radio][aria-checked=true] p {{ color: {palette(True).accent} }}
</style>"""
#: File, Chinese title, icon and address of each page, in menu order; the first is the default.
PAGES = (
    ("home.py", "首页", ":material/home:", None),
    ("single.py", "单句分析", ":material/edit_note:", "single"),
    ("batch.py", "批量打标", ":material/table_rows:", "batch"),
    ("brief.py", "一页纸", ":material/summarize:", "brief"),
    ("dashboard.py", "舆情看板", ":material/monitoring:", "dashboard"),
    ("aspects.py", "方面分析", ":material/category:", "aspects"),
    ("keywords.py", "关键词对比", ":material/sell:", "keywords"),
    ("topics.py", "话题", ":material/forum:", "topics"),
    ("compare.py", "对比", ":material/compare_arrows:", "compare"),
    ("dialogue.py", "客服质检", ":material/support_agent:", "dialogue"),
    ("floods.py", "异常与水军", ":material/content_copy:", "floods"),
    ("models.py", "模型", ":material/deployed_code:", "models"),
)


def navigation(folder: Path) -> st.Page:
    """Build the menu and return the page to run.

    Args:
        folder: Absolute path of pages/; with relative paths a cold deep link loses its frame.
    """
    st.logo(LOGO, size="large", link=None)
    return st.navigation(
        [
            st.Page(folder / file, title=title, icon=icon, url_path=address, default=address is None)
            for file, title, icon, address in PAGES
        ]
    )


def name_tab(title: str, detail: str = "") -> None:
    """Say in the browser's tab what it shows: several tabs of one analyst must not all be called the same.

    Args:
        title: Of the page.
        detail: What the page is about, such as a job's name.
    """
    st.set_page_config(page_title=" · ".join(part for part in (detail, title, APP) if part))


def furniture() -> None:
    """Draw the lines under the menu, and say Streamlit's own words in Chinese."""
    st.html(_STYLE + (_DARK_STYLE if chart_view.dark() else ""))
    with st.sidebar:
        st.caption("数据只留在这台电脑上。")
        st.markdown("[接口说明(REST API)](/api/docs)")
        chinese.watch()
