"""The filter bar shared by the pages about one job. Its state is the URL (``links``)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from core.chart import describe_filter, describe_without, short_name
from core.derive import Floods
from core.results import Choice, Choices
from core.schema import EMOTIONS, LABEL_EMOJI, LABELS, Filter, Within
from pages.parts import answers, derived, links, resources, say

_KEY = "filter_"
#: The job whose suspicious comments are to be excluded once they are known.
_WANTED = _KEY + "floods_wanted"
_LISTS = {"sources": "来源", "products": "商品", "files": "文件"}
#: Fields that one chip resets together.
_CHIPS: tuple[tuple[str, ...], ...] = (
    ("start", "end", "undated"),
    *((f.name,) for f in fields(Filter) if f.name not in {"start", "end", "undated"}),
)


def show(offered: Choices) -> Filter:
    """Draw the bar and the active conditions.

    Args:
        offered: The values that the job's comments have.

    Returns:
        The active filter.
    """
    chosen, remarks = links.chosen()
    with st.container(key=_KEY + "bar"):  # the frame's style selects it by this name
        dates, source, product, label, keyword, more = st.columns(
            (2.3, 1.5, 1.5, 2.5, 1.8, 1.1), gap="xsmall", vertical_alignment="center"
        )
    with dates:
        _dates(chosen, offered)
    with source:
        _list("sources", chosen, offered.sources)
    with product:
        _list("products", chosen, offered.products)
    with label:
        _seed("labels", list(chosen.labels))
        st.pills(
            "情感",
            LABELS,
            selection_mode="multi",
            format_func=_faced,
            key=_KEY + "labels",
            on_change=_apply,
            label_visibility="collapsed",
            wrap=False,
        )
    with keyword:
        _seed("keyword", chosen.keyword)
        st.text_input(
            "关键词", placeholder="搜索评论", key=_KEY + "keyword", on_change=_apply, label_visibility="collapsed"
        )
    with more:
        _more(chosen, offered)
    # containers of their own, empty or not, so that what follows keeps its place and is not rebuilt when a chip appears
    with st.container():
        for remark in remarks:
            st.caption(f":material/info: {say.escape(remark)}")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        _chips(chosen)
        _floods_switch(chosen)
        if offered.reexported and not chosen.reexported:
            st.caption(
                f"另有 {offered.reexported:,} 行是同一条评论的重复导出,没有重复计算。",
                help="编号相同,或作者和时间相同,并且商品和文字都相同。要都算上,请打开「更多」里的开关。",
                width="content",
            )
    _floods_made(chosen)
    return chosen


def empty(job: str, chosen: Filter) -> bool:
    """Return whether the filter keeps no comment; if so, show its conditions and the count without each.

    Args:
        job: Its id, with labelled comments.
        chosen: The active filter.

    Returns:
        True if there is nothing more to draw.
    """
    if chosen == Filter() or answers.overview(job, chosen).now.n:
        return False
    conditions = _conditions(chosen)
    said = ";".join(title for _, title in conditions)
    st.info(f"没有符合筛选条件的评论。现在的条件:{say.escape(said)}。", icon=":material/filter_alt_off:")
    with st.container(horizontal=True, gap="small"):
        for names, title in conditions if len(conditions) > 1 else ():
            looser = without(chosen, names)
            n = answers.overview(job, looser).now.n
            if n:
                st.button(
                    f"去掉「{say.escape(title)}」:{n:,} 条",
                    key=f"{_KEY}loosen_{names[0]}",
                    on_click=links.set_filter,
                    args=(looser,),
                )
        st.button(
            "清除筛选",
            icon=":material/filter_alt_off:",
            type="primary",
            key=_KEY + "clear_all",
            on_click=links.set_filter,
            args=(Filter(),),
        )
    return True


def without(chosen: Filter, names: tuple[str, ...]) -> Filter:
    """Return a filter with some fields reset to their defaults."""
    default = Filter()
    return replace(chosen, **{name: getattr(default, name) for name in names})


def _seed(name: str, value: Any) -> None:
    """Set a widget from the URL before it is drawn."""
    st.session_state[_KEY + name] = value


def _dates(chosen: Filter, offered: Choices) -> None:
    if offered.first_day is None or offered.last_day is None:
        st.text_input("日期", value="没有日期", disabled=True, label_visibility="collapsed", key=_KEY + "no_dates")
        return
    first, last = date.fromisoformat(offered.first_day), date.fromisoformat(offered.last_day)
    start = date.fromisoformat(chosen.start) if chosen.start else first
    end = max(start, date.fromisoformat(chosen.end) if chosen.end else last)
    half_picked = len(st.session_state.get(_KEY + "dates", ())) == 1
    if not half_picked:
        _seed("dates", (start, end))
    st.date_input(
        "日期",
        min_value=min(first, start),
        max_value=max(last, end),
        format="YYYY-MM-DD",
        key=_KEY + "dates",
        on_change=partial(_apply_dates, first, last),
        label_visibility="collapsed",
    )


def _list(name: str, chosen: Filter, offered: tuple[Choice, ...]) -> None:
    counts = {choice.value: choice.n for choice in offered}
    # a value from the URL that is not among the most frequent must remain selectable
    options = [*counts, *(value for value in getattr(chosen, name) if value not in counts)]
    _seed(name, list(getattr(chosen, name)))
    st.multiselect(
        _LISTS[name],
        options,
        format_func=partial(_counted, counts),
        placeholder=f"全部{_LISTS[name]}",
        key=_KEY + name,
        on_change=_apply,
        label_visibility="collapsed",
        disabled=options in ([], [""]),
        select_all=False,
    )


def _more(chosen: Filter, offered: Choices) -> None:
    fields_here = (
        chosen.ratings,
        chosen.confidence,
        chosen.files,
        chosen.review_only,
        chosen.emotions,
        chosen.reexported,
    )
    used = sum(bool(value) for value in fields_here)
    with st.popover("更多" + (f" {used}" if used else ""), icon=":material/tune:", width="stretch"):
        if offered.ratings and offered.ratings[0] < offered.ratings[1]:
            _seed("ratings", _clipped(chosen.ratings or offered.ratings, offered.ratings))
            st.slider(
                "评分",
                *offered.ratings,
                step=0.5,
                format="%g",
                key=_KEY + "ratings",
                on_change=partial(_apply_range, offered.ratings),
            )
        _seed("confidence", _clipped(chosen.confidence or (0.0, 1.0), (0.0, 1.0)))
        st.slider(
            "置信度",
            0.0,
            1.0,
            step=0.05,
            key=_KEY + "confidence",
            on_change=partial(_apply_range, offered.ratings),
            help="模型对自己判断的把握;不是情绪的强弱。",
        )
        _seed("review_only", chosen.review_only)
        st.toggle("只看需复核", key=_KEY + "review_only", on_change=_apply)
        _seed("undated", chosen.undated)
        st.toggle(
            f"按日期筛选时保留无日期的({offered.undated:,} 条)",
            key=_KEY + "undated",
            on_change=_apply,
            disabled=not offered.undated,
        )
        if offered.reexported:
            _seed("reexported", chosen.reexported)
            st.toggle(f"重复导出的也算({offered.reexported:,} 行)", key=_KEY + "reexported", on_change=_apply)
        if len(offered.files) > 1:
            _list("files", chosen, offered.files)
        if answers.table(links.job_id()).has_emotions:
            _seed("emotions", list(chosen.emotions))
            st.pills("情绪", EMOTIONS, selection_mode="multi", key=_KEY + "emotions", on_change=_apply)


def _conditions(chosen: Filter) -> list[tuple[tuple[str, ...], str]]:
    """Return the fields and the title of each active condition."""
    default = Filter()
    found = []
    for names in _CHIPS:
        only = replace(default, **{name: getattr(chosen, name) for name in names})
        if only != default:
            found.append((names, "、".join(describe_filter(only)) or "含无日期"))
    return found


def _chips(chosen: Filter) -> None:
    # a condition shown by the switch needs no chip
    conditions = [one for one in _conditions(chosen) if one[0] != ("outside",) or not _leaves_floods_out(chosen)]
    for names, title in conditions:
        st.button(
            say.escape(title),
            icon=":material/close:",
            icon_position="right",
            key=f"{_KEY}chip_{names[0]}",
            on_click=links.set_filter,
            args=(without(chosen, names),),
            help="取消这一项筛选",
            wrap=False,
        )
    if len(conditions) > 1:
        st.button("全部取消", type="tertiary", key=_KEY + "clear", on_click=links.set_filter, args=(Filter(),))


def _floods_switch(chosen: Filter) -> None:
    """Draw the switch that excludes suspicious comments from every figure."""
    _seed("floods", _leaves_floods_out(chosen) or st.session_state.get(_WANTED) == links.job_id())
    st.toggle(
        "剔除疑似雷同",
        key=_KEY + "floods",
        on_change=_floods_switched,
        disabled=chosen.outside is not None and not _leaves_floods_out(chosen),
        help="多个账号发的几乎相同的评论、同一账号的重复评论等;规则和每一组见「异常与水军」。",
    )


def _floods_made(chosen: Filter) -> None:
    """Exclude the suspicious comments as soon as they are known; say what that changes."""
    job, named = links.job_id(), chosen.outside
    if named is not None and _leaves_floods_out(chosen):
        if named.view not in resources.store().derived(job).views():
            found = derived.view(job, Floods())  # from an older link, or rows were added since: search again
            if found is not None:
                links.set_filter(replace(chosen, outside=Within(found)))
                st.rerun()
            st.stop()
        st.caption(say.escape(describe_without(answers.without(job, chosen, named.view))))
    elif st.session_state.get(_WANTED) == job and named is None:
        view = derived.view(job, Floods(), ask=True, reason="已停止查找疑似雷同的评论。")
        if view is not None:
            st.session_state.pop(_WANTED)
            links.set_filter(replace(chosen, outside=Within(view)))
            st.rerun()


def _leaves_floods_out(chosen: Filter) -> bool:
    return chosen.outside is not None and chosen.outside.view.startswith(Floods().kind + "_")


def _floods_switched() -> None:
    job = links.job_id()
    if st.session_state[_KEY + "floods"]:
        resources.derivation_queue().start(job, Floods())
        st.session_state[_WANTED] = job
    else:
        st.session_state.pop(_WANTED, None)
        links.set_filter(replace(links.chosen()[0], outside=None))


def _apply() -> None:
    """Write the widget values to the URL; runs before the page does."""
    state = st.session_state
    names = ("labels", "sources", "products", "files", "keyword", "review_only", "undated", "emotions", "reexported")
    said = {name: state[_KEY + name] for name in names if _KEY + name in state}
    said = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    links.set_filter(replace(links.chosen()[0], **said))


def _apply_dates(first: date, last: date) -> None:
    picked = st.session_state[_KEY + "dates"]
    if len(picked) == 1:  # the second day is still to come
        return
    start, end = picked or (first, last)
    changed = replace(
        links.chosen()[0],
        start=None if start <= first else start.isoformat(),
        end=None if end >= last else end.isoformat(),
    )
    links.set_filter(changed)


def _apply_range(ratings: tuple[float, float] | None) -> None:
    whole = {"ratings": ratings, "confidence": (0.0, 1.0)}
    picked = {name: st.session_state[_KEY + name] for name in whole if _KEY + name in st.session_state}
    said = {name: None if value == whole[name] else tuple(value) for name, value in picked.items()}
    links.set_filter(replace(links.chosen()[0], **said))


def _clipped(bounds: tuple[float, float], whole: tuple[float, float]) -> tuple[float, float]:
    low, high = (min(max(bound, whole[0]), whole[1]) for bound in bounds)
    return low, high


def _faced(label: str) -> str:
    return f"{LABEL_EMOJI[LABELS.index(label)]} {label}"


def _counted(counts: dict[str, int], value: str) -> str:
    name = short_name(value) or "未填写"
    return f"{name} · {counts[value]:,}" if value in counts else name
