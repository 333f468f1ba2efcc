"""The pieces of 异常与水军: their number, the figures without them, the groups, and the rules."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core import chart
from core.analyse import mark_of_flood
from core.derive import Floods as Recipe
from core.results import Choices, Flood, Floods
from core.schema import Filter, Within
from pages.parts import answers, chart_view, derived, links, say

#: From this many comments on, the search starts only on request.
ASK_FROM_ROWS = 200_000
_WIDTH = 270
_RULES = """\
- 只比较至少 15 个字母或汉字、其中至少 10 个不同的评论;“好评”“质量不错”这样的短句从不算。数字、标点、表情不参与比较。
- 两条评论里按原顺序相同的字占 65% 以上算几乎相同(15 字时要 80%,字数越多要求越低);同一组里至少 3 条。
- 满足任意一条就列出:总共 5 条;1 小时内 5 条;一个昵称发过 3 条;30 天内有 3 条,并且至少有 3 个昵称或没有昵称可查。
- 没有时间的评论不看远近。打码和匿名的昵称代表许多人,从不当作一个昵称。
- 另外,同一个昵称 1 小时内发至少 20 条不同的评论也列为一组。
- 同一条评论重复导出(编号相同,或昵称、时间、商品和文字都相同)只算一条。
- 转发、活动文案、平台模板也会雷同:这里只说“疑似”,请看原文再下结论。"""


def show(job: str, chosen: Filter, offered: Choices) -> None:
    """Draw the suspicious groups under a filter, or the progress of the search.

    Args:
        job: Its id.
        chosen: The filter of the page.
        offered: What the job has.
    """
    view = derived.view(
        job,
        Recipe(),
        ask=offered.n >= ASK_FROM_ROWS,
        reason=f"比较 {offered.n:,} 条评论要几十秒到几分钟,在后台进行,期间可以看别的页面。",
    )
    if view is None:
        return
    result = answers.floods(job, chosen, view)
    _figures(result)
    if result.floods:
        picture, detail = st.columns((6, 5))
        with picture:
            chart_view.show(
                chart.floods,
                result,
                name="疑似雷同的评论",
                selection="flood",
                mark=partial(_mark, view),
                empty="没有疑似雷同的评论。",
                width=_WIDTH,
            )
        with detail:
            _one(_picked(result), to_the_minute=result.to_the_minute)
            if chosen.outside is not None:
                st.caption("现在各页都剔除了这些评论,下面的列表里也没有;关掉上面的“剔除疑似雷同”就能看到。")
    elif result.without.whole.n:
        st.success("按下面的规则,没有发现疑似雷同的评论。", icon=":material/check_circle:")
    with st.expander("怎么判断的"):
        st.markdown(_RULES)
        st.caption(_reach(result))
        st.caption("打开上面的“剔除疑似雷同”,各页数字都按剔除后算。")


def _figures(result: Floods) -> None:
    removed, whole, rest, groups = st.columns(4, gap="small")
    with removed:
        say.share_metric("疑似雷同", result.without.removed)
    with whole:
        say.share_metric("负面占比(全部)", result.without.whole)
    with rest:
        say.share_metric("负面占比(剔除后)", result.without.rest)
    with groups:
        st.metric("组数", f"{result.groups:,}")
        st.button(
            f"看这 {result.without.removed.count:,} 条评论",
            key="floods_all",
            type="tertiary",
            icon=":material/forum:",
            on_click=links.set_mark,
            args=(Filter(within=Within(result.view)),),
            disabled=not result.without.removed.count,
        )


def _mark(view: str, fields: dict[str, Any]) -> Filter | None:
    return mark_of_flood(view, int(fields["number"])) if "number" in fields else None


def _picked(result: Floods) -> Flood:
    """Return the group that was clicked, else the largest."""
    within = links.mark().within
    number = dict(within.equal).get("flood") if within is not None and within.view == result.view else None
    return next((flood for flood in result.floods if str(flood.number) == number), result.floods[0])


def _one(flood: Flood, *, to_the_minute: bool) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(f"**第 {flood.number} 组 · 筛选范围内 {flood.n:,} 条**")
        st.markdown("疑似:" + say.escape(chart.describe_flood(flood)) + "。")
        if flood.first is not None and flood.last is not None:
            minutes = f"{flood.first:%Y-%m-%d %H:%M} 至 {flood.last:%Y-%m-%d %H:%M}"
            st.caption(minutes if to_the_minute else say.days(flood.first, flood.last))
        for quote in flood.quotes:
            say.quote(quote.text, f"—— {chart.short_name(quote.file, 30)} 第 {quote.row_number:,} 行")


def _reach(result: Floods) -> str:
    said = f"全表 {result.texts:,} 种不同的文字,其中 {result.compared:,} 种够长,参与比较。"
    said += "" if result.authors else "没有作者列或昵称都是打码、匿名的,只能按文字判断。"
    return said + ("" if result.to_the_minute else "时间只到日或没有时间,不看是否集中在短时间内。")
