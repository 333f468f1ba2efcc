"""Navigation and footer, shared by all pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.chart import palette
from pages.parts import chart_view, chinese

APP = "听风"
LOGO = Path(__file__).resolve().parent / "logo.svg"
ICON = Path(__file__).resolve().parent / "icon.svg"
#: Up to these widths, pixels, a window has no room for anything beside a chart, or for wide margins.
_NARROW, _MARGINS = 1240, 1365
#: Hidden: hints that we give in Chinese ourselves, and the toolbar that Streamlit overlays on a chart's own 保存.
#: Dropdown lists may be wider than their box, so that long names can be read.
_STYLE = """<style>
[data-testid=InputInstructions] { display: none }
[data-testid=stFullScreenFrame]:has([data-testid=stVegaLiteChart]) [data-testid=stElementToolbar] { display: none }
[data-testid=stMultiSelectDropdown] { min-width: 24rem }
</style>"""
#: Narrow windows: what is beside a chart moves below it. A chart shrinks to its container, down to the size at which
#: its numbers remain legible (where the browser can tell its width); then the chart scrolls, not the page, with a hint
#: whose animation runs only if there is something to scroll. The parts of the filter bar and of the bar above the
#: comments keep the width that shows their values, and wrap to a second row.
_NARROW_STYLE = f"""<style>
[data-testid=stVegaLiteChart] {{ max-width: 100%; overflow-x: auto }}
[data-testid=stVegaLiteChart] > svg {{ max-width: 100%; min-width: calc(0.75 * attr(width px)); height: auto }}
@supports (animation-timeline: scroll()) {{
  @keyframes tingfeng-scrolls {{ from, to {{ max-height: 2em; opacity: 1 }} }}
  [data-testid=stVegaLiteChart]::after {{
    content: "← 左右滑动看全图 →"; position: sticky; left: 0; display: block; text-align: center; font-size: 0.8rem;
    max-height: 0; opacity: 0; overflow: hidden;
    animation: tingfeng-scrolls linear; animation-timeline: scroll(nearest inline)
  }}
}}
.st-key-filter_bar [data-testid=stColumn] {{ flex: 1 1 0; min-width: 7.6rem }}
.st-key-filter_bar [data-testid=stColumn]:nth-child(1) {{ min-width: 13.6rem }}
.st-key-filter_bar [data-testid=stColumn]:nth-child(4) {{ min-width: 15.6rem }}
.st-key-filter_bar [data-testid=stColumn]:last-child {{ flex-grow: 0.4; min-width: 6rem }}
.st-key-comments_bar [data-testid=stColumn]:nth-child(2) {{ min-width: 9.6rem }}
.st-key-comments_bar [data-testid=stColumn]:last-child {{ min-width: 6.4rem }}
@media (min-width: 769px) and (max-width: {_MARGINS}px) {{
  [data-testid=stMainBlockContainer] {{ padding-left: 2rem; padding-right: 2rem }}
}}
@media (max-width: {_NARROW}px) {{
  [data-testid=stHorizontalBlock]:has([data-testid=stVegaLiteChart], [data-testid^=stBidiComponent])
    > [data-testid=stColumn] {{ min-width: 100% }}
  .st-key-filter_bar [data-testid=stColumn]:nth-child(-n+3) {{ flex-basis: 30% }}
}}
</style>"""
#: The dark theme's accent is designed for white text on it; as text on the dark page it is too dim to read.
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
    """Set the browser tab's title, so that several tabs can be told apart.

    Args:
        title: Title of the page.
        detail: The subject of the page, such as a job's name.
    """
    st.set_page_config(page_title=" · ".join(part for part in (detail, title, APP) if part))


def furniture() -> None:
    """Draw the lines under the menu, and translate Streamlit's own texts into Chinese."""
    st.html(_STYLE + _NARROW_STYLE + (_DARK_STYLE if chart_view.dark() else ""))
    with st.sidebar:
        st.caption("数据只留在这台电脑上。")
        st.markdown("[接口说明(REST API)](/api/docs)")
        chinese.watch()
