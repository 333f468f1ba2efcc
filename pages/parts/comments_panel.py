"""The comments behind what is shown: selected, sorted, paged, corrected and downloaded here."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from core.chart import describe_filter
from core.results import CommentPage
from core.schema import Col, Filter, word_forms
from pages.parts import answers, chart_view, comment_list, corrections, job_news, links, resources, say, table_files

PAGE_ROWS = 10
_PAGE, _ORDER, _OF = "comments_page", "comments_order", "comments_of"
_WHOLE, _CLICKED = "comments_whole", "comments_clicked"
#: Title → sort column and whether to sort in descending order.
ORDERS = {
    "最负面的在前": (Col.P_NEGATIVE, True),
    "最正面的在前": (Col.P_POSITIVE, True),
    "最没把握的在前": (Col.CONFIDENCE, False),
    "最新的在前": (Col.TIME, True),
    "最早的在前": (Col.TIME, False),
    "按文件顺序": (Col.ROW, False),
}


@st.fragment
def show(job: str, name: str, *, order: str = "最负面的在前", come: bool = True, within: str = "") -> None:
    """Draw the panel of a job for the filter and mark of the URL.

    Args:
        job: Its id.
        name: What downloaded files are called.
        order: One of ``ORDERS``, until the user chooses another.
        come: Scroll here after a click on a mark, unless the click is answered further up.
        within: Description of the clicked rows of a derived table; "" = their numbers.
    """
    if corrections.take_changed() or st.session_state.pop(_WHOLE, False):
        st.rerun()  # the figures and charts above change too
    say.now()
    chosen = links.shown()
    with st.container(key="comments_bar"):  # the frame's style selects it by this name
        heading, ordering, download = st.columns((5, 1.6, 1), vertical_alignment="center")
    with ordering:
        picked = _order(order)
    _keep_place(job, chosen, picked)
    page = _fetch(job, chosen, picked)
    with heading:
        _heading(page, within)
    with download, st.container(horizontal=True, horizontal_alignment="right"):
        table_files.buttons(job, name, chosen, page.total, key="comments_files")
    if page.total == 0:
        report = resources.jobs().get(job).report
        if chosen == Filter() and report is not None:
            st.info(job_news.why_nothing(report), icon=":material/info:")
        else:
            st.info("没有符合筛选条件的评论。取消一两项筛选再看。", icon=":material/filter_alt_off:")
        corrections.undo_button(job)
        return
    comment_list.show(
        page.frame,
        wanted=[chosen.keyword, *word_forms(chosen.term), *answers.evidence(job, chosen, page.frame[Col.ROW].tolist())],
        come=_come() if come else "",
        key="comments_list",
        on_relabel=partial(corrections.set_label, job),
    )
    _pages(page)
    corrections.undo_button(job)


def _come() -> str:
    """Scroll to the comments after a click on a word or mark, but not when a page is opened with one."""
    clicked = repr((links.chosen()[0].term, links.mark()))
    before = st.session_state.get(_CLICKED, clicked)
    st.session_state[_CLICKED] = clicked
    nothing = not links.chosen()[0].term and links.mark() == Filter()
    return "" if nothing or clicked == before else clicked


def _order(default: str) -> str:
    st.session_state.setdefault(_ORDER, default)
    return str(st.selectbox("排序", list(ORDERS), key=_ORDER, label_visibility="collapsed"))


def _keep_place(job: str, chosen: Filter, order: str) -> None:
    """Return to the first page when the comments change."""
    if st.session_state.get(_OF) != (job, chosen, order):
        st.session_state[_OF] = (job, chosen, order)
        st.session_state[_PAGE] = 1


def _fetch(job: str, chosen: Filter, order: str) -> CommentPage:
    column, descending = ORDERS[order]
    fetch = partial(answers.page, job, chosen, order=column, descending=descending, limit=PAGE_ROWS)
    page = fetch(offset=(st.session_state[_PAGE] - 1) * PAGE_ROWS)
    if page.frame.empty and page.total:  # corrected labels no longer pass the filter: there are fewer pages now
        st.session_state[_PAGE] = _last(page)
        page = fetch(offset=(_last(page) - 1) * PAGE_ROWS)
    return page


def _last(page: CommentPage) -> int:
    return max(1, -(-page.total // page.limit))


def _heading(page: CommentPage, within: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(f"评论原文 · {page.total:,} 条", anchor=False, width="content")
        said = [*describe_filter(replace(page.filter, within=None)), within] if within else describe_filter(page.filter)
        if said:
            st.caption(say.escape(" · ".join(said)), width="content")
        if links.mark() != Filter():
            st.button("取消点选", icon=":material/undo:", key="clear_mark", on_click=_clear)


def _clear() -> None:
    chart_view.clear_mark()
    st.session_state[_WHOLE] = True


def _pages(page: CommentPage) -> None:
    last = _last(page)
    number = st.session_state[_PAGE]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", gap="small"):
        first_row, last_row = page.offset + 1, page.offset + len(page.frame)
        st.caption(
            f"第 {first_row:,}–{last_row:,} 条,共 {page.total:,} 条 · 第 {number:,} / {last:,} 页", width="content"
        )
        for title, icon, target in (
            ("第一页", ":material/first_page:", 1),
            ("上一页", ":material/chevron_left:", number - 1),
            ("下一页", ":material/chevron_right:", number + 1),
            ("最后一页", ":material/last_page:", last),
        ):
            st.button(
                title,
                icon=icon,
                key=f"comments_{icon}",
                on_click=_go,
                args=(target,),
                disabled=not 1 <= target <= last or target == number,
            )


def _go(page: int) -> None:
    st.session_state[_PAGE] = page
