"""The pieces of 方面分析: the choice of the pack, the aspects, one aspect in detail."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core import chart
from core.analyse import mark_of_aspect, narrow
from core.derive import Mentions
from core.derive.packs import all_packs, pack
from core.mine.aspects import PACKS
from core.results import AspectCount, Aspects, Choices, Trend
from core.schema import LABELS, NEGATIVE, POSITIVE, Filter, Job
from core.settings import get_settings
from pages.parts import answers, aspect_pack, chart_view, dashboard_parts, derived, links, resources, say

#: Comments analysed by default; all of them on request.
SAMPLE_ROWS = 5000
_AUTOMATIC = "自动选择"
_CHART_WIDTH, _TREND_WIDTH = 330, 340
_LISTED = 16


def show(job: Job, chosen: Filter, offered: Choices) -> None:
    """Draw the choice of the pack and, when the mentions are found, the aspects."""
    wanted, further, whole = st.columns((1.4, 1.6, 3), vertical_alignment="center", gap="small")
    with wanted:
        title = _pack_choice()
    with further:
        found = _found_choice()
    every = links.option("all") == "1"
    recipe = _recipe(job, title, found=found, every=every)
    with whole:
        _sample_choice(offered.n, every=every)
    view = derived.view(job.id, recipe, reason="")
    if view is None:
        return
    facts = resources.store().derived(job.id).facts(view) or {}
    aspect_pack.show(facts)
    result = answers.aspects(job.id, chosen, view, facts)
    if not result.mentioning.n:
        return  # the list of comments says that there is nothing
    picture, close = st.columns((1.25, 1), gap="medium")
    with picture:
        _aspects(result)
    with close:
        _closely(job.id, chosen, result)


def _pack_choice() -> str | None:
    asked = links.option("pack")
    st.session_state["aspect_pack"] = asked if asked in PACKS else _AUTOMATIC
    st.selectbox(
        "词库",
        [_AUTOMATIC, *PACKS],
        key="aspect_pack",
        on_change=_pack_changed,
        label_visibility="collapsed",
        help="按行业收好的方面和说法。自动选择看评论里用了哪个词库的词。",
    )
    return asked if asked in PACKS else None


def _pack_changed() -> None:
    picked = st.session_state["aspect_pack"]
    links.set_options({"pack": "" if picked == _AUTOMATIC else picked, "aspect": ""})


def _found_choice() -> bool:
    found = links.option("found") != "0"
    st.session_state["aspect_found"] = found
    st.toggle(
        "也找词库外的方面",
        key="aspect_found",
        on_change=_found_changed,
        help="从这些评论里找常被评价的名词、名词短语和新词,图上带 * 的就是。",
    )
    return found


def _found_changed() -> None:
    links.set_options({"found": "" if st.session_state["aspect_found"] else "0"})


def _sample_choice(rows: int, *, every: bool) -> None:
    """Offer to analyse all comments of a large job, and say so while only a sample is."""
    if rows <= SAMPLE_ROWS:
        return
    st.session_state["aspect_all"] = every
    st.toggle(
        f"分析全部 {rows:,} 条(默认均匀抽取约 {SAMPLE_ROWS:,} 条)",
        key="aspect_all",
        on_change=_every_changed,
        help="在后台进行,可以停止,做过一次就留着。",
    )


def _every_changed() -> None:
    links.set_options({"all": "1" if st.session_state["aspect_all"] else ""})


def _recipe(job: Job, title: str | None, *, found: bool, every: bool) -> Mentions:
    folder = get_settings().data_dir
    return Mentions(
        all_packs(folder) if title is None else (pack(folder, title),),
        job.spec.model_version,
        partial(resources.backend, job.spec.backend),
        found=found,
        sample=None if every else SAMPLE_ROWS,
        user_words=job.spec.clean.user_words,
    )


def _aspects(result: Aspects) -> None:
    said = f"**{chart.format_share(result.mentioning)}** 的评论说到这些方面 · 点一段看评论"
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    bar.markdown(said, width="content")
    chart_view.show(
        chart.aspects,
        result,
        name="各方面被怎么说",
        selection="aspect",
        mark=partial(_mark, result.view),
        empty="这些评论没有说到词库里的方面。换一个词库,或在「词库」里加词。",
        width=_CHART_WIDTH,
        most=_LISTED,
        bar=bar,
    )


def _mark(view: str, fields: dict[str, Any]) -> Filter | None:
    if not fields.get("aspect"):
        return None
    label = fields.get("label")
    return mark_of_aspect(view, str(fields["aspect"]), LABELS.index(label) if label in LABELS else None)


def _closely(job: str, chosen: Filter, result: Aspects) -> None:
    """Draw one aspect in detail: the clicked one, else the one that most comments criticise."""
    one = _picked(result)
    if one is None:
        return
    with st.container(gap="xxsmall"):
        st.markdown(f"**{say.escape(one.name)}** · {one.n:,} 条评论说到{'(从评论里发现)' if one.found else ''}")
        st.caption(say.escape(f"负面 {say.share(one.negative)} · 正面 {say.share(one.positive)}"))
        for title, label in (("坏话", NEGATIVE), ("好话", POSITIVE)):
            words = chart.opinion_line(one, label)
            if words:
                st.caption(f"{title}:{say.escape(words)}")
        st.caption(f"叫法:{say.escape('、'.join(one.words))}")
    course = answers.aspect_trend(job, chosen, result.view, one.name, links.frequency())
    if not course.buckets:
        return
    chart_view.show(
        chart.trend,
        course,
        name=f"{one.name}的负面占比随时间的变化",
        selection="bucket",
        mark=partial(_bucket_mark, course, result.view, one.name),
        empty="",
        width=_TREND_WIDTH,
        what=f"{one.name}:负面占比",
    )


def _picked(result: Aspects) -> AspectCount | None:
    within = links.shown().within
    wanted = dict(within.equal).get("aspect") if within is not None and within.view == result.view else None
    return next((one for one in result.aspects if one.name == wanted), next(iter(result.aspects), None))


def _bucket_mark(course: Trend, view: str, aspect: str, fields: dict[str, Any]) -> Filter | None:
    days = dashboard_parts.bucket_mark(course, fields)
    return None if days is None else narrow(mark_of_aspect(view, aspect), days)
