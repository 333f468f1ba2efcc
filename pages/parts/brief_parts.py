"""The pieces of 一页纸: the data examined, the findings, and the page to download."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from core import chart
from core.export import BriefItem, brief
from core.files import stem
from core.results import Finding, Findings, Overview, Quote
from core.schema import NEGATIVE, POSITIVE, Job
from core.settings import get_settings
from pages.parts import links, say

_NAME_EM = 30


def show(job: Job, overview: Overview, result: Findings) -> None:
    """Draw the page.

    Args:
        job: The job.
        overview: Its key figures under the filter of the URL.
        result: Its findings under the same filter.
    """
    facts = _facts(job, overview)
    heading, download = st.columns((6, 1), vertical_alignment="center")
    heading.caption("  \n".join(map(say.escape, facts)))
    download.download_button(
        "下载",
        data=partial(_page, job, facts, result),
        file_name=f"{stem(job.spec.name)}_一页纸.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
        help="一个网页文件,可以直接打印或转发;里面没有链接和脚本。",
    )
    if not result.findings:
        st.info(
            "没有哪个时段、来源、商品、列里的值、词或方面的负面评论明显多出来。评论越多,越小的差别才看得出来。",
            icon=":material/info:",
        )
    for number, finding in enumerate(result.findings, 1):
        _finding(number, finding)
    st.caption(say.escape(chart.describe_findings(result)))


def _facts(job: Job, overview: Overview) -> list[str]:
    now = overview.now
    first = f"{now.n:,} 条评论"
    if now.first is not None and now.last is not None:
        first += f",{say.days(now.first, now.last)}"
    first += f";负面 {chart.format_share(now.shares[NEGATIVE])},正面 {chart.format_share(now.shares[POSITIVE])}"
    if overview.changes is not None:
        first += f";负面与上一个等长时段相比 {chart.format_change(overview.changes[NEGATIVE])}"
    second = f"需复核 {chart.format_share(now.needs_review)};{say.model(job.spec.backend)} {job.spec.model_version}"
    filtered = chart.describe_filter(overview.filter)
    return [first, second, *(["筛选:" + " · ".join(filtered)] if filtered else [])]


def _finding(number: int, finding: Finding) -> None:
    with st.container(border=True, gap="small"):
        what, more = st.columns((6, 1), vertical_alignment="center")
        what.markdown(f"**{number}. {say.escape(chart.headline(finding))}**")
        more.page_link(
            "dashboard.py", label="看评论", icon=":material/forum:", query_params=links.address_of(finding.mark)
        )
        st.caption(say.escape(chart.describe_finding(finding)))
        for quote in finding.quotes:
            say.quote(quote.text, _where(quote))


def _where(quote: Quote) -> str:
    return f"—— {chart.short_name(quote.file, _NAME_EM)} 第 {quote.row_number:,} 行"


def _page(job: Job, facts: list[str], result: Findings) -> bytes:
    items = [
        BriefItem(chart.headline(f), chart.describe_finding(f), [(say.beginning(q.text), _where(q)) for q in f.quotes])
        for f in result.findings
    ]
    now = datetime.now(ZoneInfo(get_settings().timezone))
    foot = [chart.describe_findings(result), f"听风 · {now:%Y-%m-%d %H:%M}"]
    return brief(f"{stem(job.spec.name)} · 一页纸", facts, items, foot)
