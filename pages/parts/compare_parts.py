"""The pieces of 对比: shares and differences, volume, ranks, aspects by groups, ratings against texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from core import chart
from core.analyse import MONTH, mark_of_group, narrow, recent_periods
from core.results import Choices, Clash, Heat, Ranks, Stars
from core.schema import LABELS, NEGATIVE, Col, Filter, Within, original
from pages.parts import answers, chart_view, links, resources, say

TABS = ("占比与差异", "声量", "名次变化", "哪些方面", "星级与文字")
_REST = "其余评论"


def show(job: str, chosen: Filter, offered: Choices) -> None:
    """Draw what to compare by, and the comparisons, each only when its tab is open."""
    kinds = _kinds(job, offered)
    by, label, reference = st.columns((2, 1.3, 2), gap="small")
    first = first_kind(kinds, offered)
    wanted = links.option("by", first)
    wanted = wanted if wanted in kinds else first
    _choice(by, "按什么比", "by", list(kinds), wanted, format_func=kinds.__getitem__)
    asked = links.option("label", "0")
    number = int(asked) if asked in {"0", "1", "2"} else NEGATIVE
    _choice(label, "比哪种情感", "label", ["0", "1", "2"], str(number), format_func=_label_name)
    result = answers.compare(job, chosen, wanted, number, _reference())
    names = ["", *("=" + group.name for group in result.groups)]
    held = "" if result.reference is None else "=" + result.reference
    _choice(reference, "和谁比", "ref", names, held, format_func=partial(_reference_name, wanted))
    tabs = st.tabs(TABS, on_change="rerun", key="compare_tabs")
    draws: tuple[Callable[[], None], ...] = (
        partial(_shares, result),
        partial(_voices, result),
        partial(_ranks, job, chosen, wanted, number, offered),
        partial(_aspects, job, chosen, wanted),
        partial(_stars, job, chosen, wanted),
    )
    for tab, draw in zip(tabs, draws, strict=True):
        if tab.open:
            with tab:
                draw()


def _kinds(job: str, offered: Choices) -> dict[str, str]:
    kinds = {Col.PRODUCT: "商品", Col.SOURCE: "来源", Col.FILE: "文件", MONTH: "月份", Col.RATING: "评分"}
    if offered.first_day is None:
        del kinds[MONTH]
    if offered.ratings is None:
        del kinds[Col.RATING]
    return kinds | {original(name): f"列:{name}" for name in answers.table(job).original_columns}


def first_kind(kinds: dict[str, str], offered: Choices) -> str:
    """Return the first grouping with something to compare, if any.

    Args:
        kinds: The possible groupings; months among them where comments are dated.
        offered: What the job has.
    """
    distinct = {Col.PRODUCT: "products", Col.SOURCE: "sources", Col.FILE: "files"}
    several = [kind for kind in kinds if offered.distinct.get(distinct.get(kind, ""), 0) > 1]
    if offered.first_day and offered.last_day and offered.first_day[:7] != offered.last_day[:7]:
        several.append(MONTH)
    return next(iter([*several, *kinds]))


def _choice(place: Any, title: str, name: str, values: list[str], now: str, **look: Any) -> None:
    """Draw a choice that is stored in the URL."""
    key = f"compare_{name}"
    st.session_state[key] = now
    place.selectbox(title, values, key=key, on_change=partial(_chosen, name, key), **look)


def _chosen(name: str, key: str) -> None:
    changed = {name: st.session_state[key]}
    # another column has other groups
    links.set_options(changed | ({"ref": ""} if name == "by" else {}))


def _label_name(number: str) -> str:
    return LABELS[int(number)]


def _reference() -> str | None:
    asked = links.option("ref")
    return asked.removeprefix("=") if asked.startswith("=") else None


def _reference_name(by: str, value: str) -> str:
    return chart.short_name(chart.value_title(by, value.removeprefix("="))) if value else _REST


def _shares(result: Any) -> None:
    if not result.groups:
        st.info("没有可比较的分组。", icon=":material/info:")
        return
    left, right = st.columns((1.15, 1), gap="small")
    look: dict[str, Any] = {"empty": "没有可比较的分组。", "mark": partial(_group, result.by)}
    by = chart.column_title(result.by)
    with left:
        chart_view.show(
            chart.compare, result, name=f"按{by}比较{LABELS[result.label]}占比", selection="group", width=230, **look
        )
    with right:
        look["empty"] = "只有一组,没有可以比的。在「按什么比」里换一列,或放宽筛选。"
        chart_view.show(chart.differences, result, name=f"按{by}比较的差异", selection="group", width=230, **look)


def _voices(result: Any) -> None:
    chart_view.show(
        chart.voices,
        result,
        name=f"各{chart.column_title(result.by)}的声量",
        selection="name",
        mark=partial(_group, result.by),
        empty="没有可比较的分组。",
        width=560,
    )


def _group(by: str, fields: dict[str, Any]) -> Filter | None:
    name = fields.get("name")
    return None if name is None else mark_of_group(by, str(name))


def _ranks(job: str, chosen: Filter, by: str, label: int, offered: Choices) -> None:
    found = None
    if offered.first_day and offered.last_day:
        found = recent_periods(chosen.start or offered.first_day, chosen.end or offered.last_day)
    if found is None or by == MONTH:
        reason = "按月份分组时没有名次。" if by == MONTH else "评论没有日期,或都在同一天,看不出名次变化。"
        st.info(reason, icon=":material/info:")
        return
    result = answers.ranks(job, chosen, by, found, label)
    st.caption(
        f"最近一段({say.escape(chart.side_title(result.after))})对之前一样长的一段"
        f"({say.escape(chart.side_title(result.before))});用上面的日期可以改变范围。"
    )
    chart_view.show(
        chart.ranks,
        result,
        name="名次变化",
        selection="rank",
        mark=partial(_rank, result),
        empty=f"两段时间各有 {result.least} 条评论的组不到两个,比不出名次。",
        width=330,
    )


def _rank(result: Ranks, fields: dict[str, Any]) -> Filter | None:
    found = mark_of_group(result.by, str(fields["name"])) if fields.get("name") else None
    days = Filter(start=result.before.start, end=result.after.end)
    return None if found is None else narrow(days, found)


def _aspects(job: str, chosen: Filter, by: str) -> None:
    shelf = resources.store().derived(job)
    view = shelf.latest("mentions")
    facts = shelf.facts(view) if view else None
    if view is None or facts is None:
        st.info("这里用「方面分析」找出的方面。请先打开那一页分析一次,再回到这里。", icon=":material/info:")
        return
    if facts.get("sampled_from"):
        st.caption(f"方面取自按其中均匀抽取的 {facts['n']:,} 条(共 {facts['sampled_from']:,} 条)。")
    result = answers.heat(job, chosen, by, view)
    chart_view.show(
        chart.heat,
        result,
        name=f"各{chart.column_title(by)}的方面",
        selection="cell",
        mark=partial(_cell, result),
        empty="这些评论里没有找到方面。",
        width=820,
    )


def _cell(result: Heat, fields: dict[str, Any]) -> Filter | None:
    if not fields.get("aspect"):
        return None
    mention = Within(result.view, (("aspect", str(fields["aspect"])), ("verdict", str(NEGATIVE))))
    group = mark_of_group(result.by, str(fields.get("group", "")))
    return narrow(Filter(within=mention), group or Filter())


def _stars(job: str, chosen: Filter, by: str) -> None:
    result = answers.stars(job, chosen, by)
    if not result.total.stars.n:
        st.info("这些评论没有评分。有评分列时,可以看出哪些高分其实在抱怨。", icon=":material/info:")
        return
    left, right = st.columns((1, 1.5), gap="medium")
    with left:
        _clashes(result)
    with right:
        chart_view.show(
            chart.flattery,
            result,
            name="星级与文字",
            selection="group",
            mark=partial(_group, by),
            empty="没有有评分的评论。",
            width=195,
        )


def _clashes(result: Stars) -> None:
    total = result.total
    st.markdown("**星级和文字对不上的评论** · 点一行看评论")
    names = (f"{result.many:g} 分及以上,文字却是差评", f"{result.few:g} 分及以下,文字却是好评")
    shown = {
        "哪些": list(names),
        "条数": [clash.share.count for clash in result.clashes],
        "占这些星级(95% 区间)": [chart.format_share(clash.share) for clash in result.clashes],
    }
    key = chart_view.grid_key("clashes", chart_view.keyed(""))
    st.dataframe(
        shown,
        hide_index=True,
        key=key,
        on_select=partial(_clash_clicked, key, result.clashes),
        selection_mode="single-cell",
        column_config={"条数": st.column_config.NumberColumn(format="localized", width=60)},
    )
    st.markdown(
        f"**{say.escape(chart.describe_flattery(total.difference))}**:"
        f"{result.many:g} 分及以上占 {say.escape(chart.format_share(total.stars))},"
        f"文字为正面的占 {say.escape(chart.format_share(total.texts))}。"
    )
    st.caption("只看有评分的评论;中性文字不算正面,所以这个差也含打高分但只作陈述的评论。")


def _clash_clicked(key: str, clashes: tuple[Clash, Clash]) -> None:
    cells = st.session_state[key].selection.cells
    links.set_mark(clashes[cells[0][0]].mark if cells else None)
