"""Navigation and footer, the same around every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

LOGO = Path(__file__).resolve().parent / "logo.svg"
ICON = Path(__file__).resolve().parent / "icon.svg"
#: Streamlit cannot be told a language: what it writes in English and we say in Chinese ourselves is hidden.
_STYLE = "<style>[data-testid=InputInstructions] {display: none}</style>"
#: File, Chinese title, icon and address of each page, in menu order; the first is the default.
PAGES = (
    ("home.py", "首页", ":material/home:", None),
    ("single.py", "单句分析", ":material/edit_note:", "single"),
    ("batch.py", "批量打标", ":material/table_rows:", "batch"),
    ("dashboard.py", "舆情看板", ":material/monitoring:", "dashboard"),
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


def furniture() -> None:
    """Draw the lines under the menu, and hide Streamlit's English hints."""
    st.html(_STYLE)
    with st.sidebar:
        st.caption("所有数据只留在这台电脑上。")
        st.markdown("[接口说明(REST API)](/api/docs)")
