"""The pieces of 话题: which comments, the topics by size and over time, one topic with its quotes, name and merges."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core import chart
from core.analyse import (
    TopicEdits,
    mark_of_bucket,
    mark_of_topic,
    merge_change,
    rename_change,
    topic_edits,
)
from core.derive import MOST_TOPICS, Merged
from core.derive import Topics as Recipe
from core.results import Choices, Topic, Topics
from core.schema import LABELS, NEGATIVE, Filter
from pages.parts import answers, chart_view, derived, links, resources, say, topic_link

KIND = "topics"
#: From this many comments on, topics are computed only on request.
ASK_FROM_ROWS = 200_000
_ALL, _AUTOMATIC = "all", ""
_NAME, _OTHERS = "topic_name", "topic_others"
_SIZE_WIDTH, _COURSE_WIDTH, _NUMBER_WIDTH = 170, 270, 180


def show(job: str, chosen: Filter, offered: Choices) -> str:
    """Draw the topics under a filter, or their progress.

    Args:
        job: Its id.
        chosen: The filter of the page.
        offered: What the job has.

    Returns:
        The name of the clicked topic; "" if none is clicked.
    """
    recipe = _options()
    base = derived.view(
        job,
        recipe,
        ask=offered.n >= ASK_FROM_ROWS,
        reason=f"归纳 {offered.n:,} 条评论的话题要几十秒到几分钟,在后台进行,期间可以看别的页面。",
    )
    if base is None:
        return ""
    facts = resources.store().derived(job).facts(base) or {}
    edits = topic_edits(facts.get("topics", ()), _changes(job).all())
    view = derived.view(job, Merged(base, edits.merged)) if edits.merged else base
    if view is None:
        return ""
    result = answers.topics(job, chosen, view, facts, edits)
    topic_link.follow(result)
    if not result.topics:
        _nothing(result)
        return ""
    _pictures(job, chosen, result)
    _one(job, _picked(result), result, facts, edits)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(say.escape(chart.describe_topics(result)), width="stretch")
        st.button(
            f"看“其他” {result.other.count:,} 条",
            key="topic_other",
            type="tertiary",
            on_click=links.set_mark,
            args=(mark_of_topic(result.view, 0),),
            disabled=not result.other.count,
        )
    return _clicked_title(result)


def _options() -> Recipe:
    """Draw the options besides the filter; they are kept in the URL."""
    # no columns: in a narrow window the last option would be cut off
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="topics_bar")
    of, k = links.option("of", LABELS[NEGATIVE]), links.option("k", _AUTOMATIC)
    of = of if of in (*LABELS, _ALL) else LABELS[NEGATIVE]
    k = k if k.isascii() and k.isdigit() and 2 <= int(k) <= MOST_TOPICS else _AUTOMATIC
    st.session_state["topics_of"], st.session_state["topics_k"] = of, k
    bar.segmented_control(
        "哪种评论",
        (*LABELS, _ALL),
        required=True,
        format_func=_whose,
        key="topics_of",
        on_change=_chosen,
        label_visibility="collapsed",
    )
    offered = dict.fromkeys([_AUTOMATIC, *(str(n) for n in (4, 6, 8, 10, 12, 15, 20, 25, 30, 40)), k])
    bar.selectbox(
        "话题数",
        list(offered),
        format_func=_number,
        key="topics_k",
        on_change=_chosen,
        label_visibility="collapsed",
        width=_NUMBER_WIDTH,
    )
    return Recipe(() if of == _ALL else (of,), int(k) if k else None)


def _whose(of: str) -> str:
    return "全部评论" if of == _ALL else f"{of}评论"


def _number(k: str) -> str:
    return f"{k} 个话题" if k else "自动定话题数"


def _chosen() -> None:
    of = st.session_state["topics_of"]
    links.set_options({"of": "" if of == LABELS[NEGATIVE] else of, "k": st.session_state["topics_k"]})


def _nothing(result: Topics) -> None:
    whose = f"{'、'.join(result.labels)}评论" if result.labels else "评论"
    if not result.learnt_of:
        said = f"没有{whose},分不出话题。在上面换一种评论看,或直接看下面的原文。"
    elif result.n == 0:
        said = "没有符合筛选条件的评论。取消一两项筛选,或换一种评论看。"
    else:
        said = f"只有 {result.learnt_of:,} 条{whose},太少,分不出话题;可以直接看下面的原文。"
    st.info(said, icon=":material/info:")


def _pictures(job: str, chosen: Filter, result: Topics) -> None:
    size, course = st.columns((6, 5))
    with size:
        chart_view.show(
            chart.topics,
            result,
            name="各话题占多少",
            selection="topic",
            mark=partial(_topic_mark, result.view),
            empty="没有话题。",
            width=_SIZE_WIDTH,
        )
    with course:
        chart_view.show(
            chart.topic_course,
            result,
            name="各话题随时间的变化",
            selection="step",
            mark=partial(_step_mark, job, chosen, result.view),
            empty="这些评论没有日期,看不出变化。",
            width=_COURSE_WIDTH,
            table=chart.topic_steps,
        )


def _topic_mark(view: str, fields: dict[str, Any]) -> Filter | None:
    return mark_of_topic(view, int(fields["number"])) if "number" in fields else None


def _step_mark(job: str, chosen: Filter, view: str, fields: dict[str, Any]) -> Filter | None:
    steps = answers.trend(job, chosen, None)
    first, last = (mark_of_bucket(steps, str(fields.get(name, ""))) for name in ("start", "last"))
    if first is None or last is None:
        return None
    return replace(first, end=last.end, within=mark_of_topic(view, int(fields["number"])).within)


def _clicked(result: Topics) -> str:
    """Return the number of the clicked topic, "0" for comments without one; "" if none is clicked."""
    within = links.mark().within
    return dict(within.equal).get("topic", "") if within is not None and within.view == result.view else ""


def _clicked_title(result: Topics) -> str:
    number = _clicked(result)
    found = (f"话题:{chart.short_name(topic.name)}" for topic in result.topics if str(topic.number) == number)
    return next(found, "")


def _picked(result: Topics) -> Topic:
    """Return the clicked topic, else the largest."""
    number = _clicked(result)
    return next((topic for topic in result.topics if str(topic.number) == number), result.topics[0])


def _one(job: str, topic: Topic, result: Topics, facts: dict[str, Any], edits: TopicEdits) -> None:
    with st.container(border=True, gap="small"):
        heading, change = st.columns((6, 2.4), vertical_alignment="center")
        heading.markdown(
            f"**{say.escape(topic.name)}** · {say.escape(chart.format_share(topic.share))} · "
            f"{chart.stability_title(topic.stable)}({chart.format_percent(topic.stable)} 重现)"
        )
        with change.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
            _changing(job, topic, result, facts)
        st.caption("突出的词:" + say.escape("、".join(topic.terms)))
        for quote in topic.quotes:
            say.quote(quote.text, f"—— {chart.short_name(quote.file, 30)} 第 {quote.row_number:,} 行")


def _changing(job: str, topic: Topic, result: Topics, facts: dict[str, Any]) -> None:
    terms = {int(one["topic"]): one["terms"] for one in facts.get("topics", ())}
    others = {other.number: other.name for other in result.topics if other.number != topic.number}
    with st.popover("改名、合并", icon=":material/edit:", type="tertiary", key=f"topic_change_{topic.number}"):
        st.text_input("名称", value=topic.name, key=f"{_NAME}_{topic.number}", max_chars=40)
        st.button(
            "改名",
            key=f"topic_rename_{topic.number}",
            on_click=_rename,
            args=(job, topic.number, terms[topic.number]),
        )
        st.multiselect(
            "与这些话题合并",
            list(others),
            format_func=others.__getitem__,
            key=f"{_OTHERS}_{topic.number}",
            select_all=False,
            placeholder="选择话题",
        )
        st.button(
            "合并",
            key=f"topic_merge_{topic.number}",
            on_click=_merge,
            args=(job, topic.number, terms),
            disabled=not others,
        )
    if _changes(job).all():
        st.button("撤销上一步", icon=":material/undo:", type="tertiary", key="topic_undo", on_click=_undo, args=(job,))


def _changes(job: str) -> Any:
    return resources.store().edits(job, KIND)


def _rename(job: str, number: int, terms: list[str]) -> None:
    name = str(st.session_state[f"{_NAME}_{number}"]).strip()
    if name:
        _changes(job).add(rename_change(terms, name))
        say.later("已改名")


def _merge(job: str, number: int, terms: dict[int, list[str]]) -> None:
    others = st.session_state[f"{_OTHERS}_{number}"]
    if others:
        _changes(job).add(merge_change([terms[number], *(terms[other] for other in others)]))
        chart_view.clear_mark()
        say.later("已合并")


def _undo(job: str) -> None:
    _changes(job).undo()
    chart_view.clear_mark()
