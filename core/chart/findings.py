"""The findings of the one-page overview in whole Chinese sentences, each with its numbers and the rule behind it."""

from __future__ import annotations

import math
from typing import Final

from core.chart.sentences import describe_drivers
from core.chart.text import column_title, format_count, format_percent, format_share, short_name
from core.results import MISREAD, Finding, FindingKind, Findings

__all__ = ["FINDING_TITLES", "describe_finding", "describe_findings", "headline"]

FINDING_TITLES: Final[dict[FindingKind, str]] = {
    FindingKind.RISE: "时段",
    FindingKind.SOURCE: "来源",
    FindingKind.PRODUCT: "商品",
    FindingKind.FACET: "列",
    FindingKind.WORD: "词",
    FindingKind.ASPECT: "方面",
    FindingKind.STARS: "高分差评",
}
_HEADLINES: Final[dict[FindingKind, str]] = {
    FindingKind.RISE: "{name} 的负面评论比往常多",
    FindingKind.SOURCE: "来源「{name}」比其他来源更负面",
    FindingKind.PRODUCT: "商品「{name}」比其他商品更负面",
    FindingKind.FACET: "{column}为「{name}」的评论比其余更负面",
    FindingKind.WORD: "提到「{name}」的评论格外负面",
    FindingKind.ASPECT: "「{name}」挨的批评比其他方面多",
    FindingKind.STARS: "打了最高分 {name} 分,文字却被判为负面",
}
_AGAINST: Final[dict[FindingKind, str]] = {
    FindingKind.RISE: "按此前的水平预期 {expected}",
    FindingKind.SOURCE: "其余评论 {expected}",
    FindingKind.PRODUCT: "其余评论 {expected}",
    FindingKind.FACET: "这一列为其他值的评论 {expected}",
    FindingKind.WORD: "其余评论 {expected}",
    FindingKind.ASPECT: "对其余方面的评价 {expected}",
    FindingKind.STARS: "而内置模型约把 {expected} 的好评误判为负面(因品类而异,{low}–{high},18 类 7,004 条好评中测得)",
}
_SHARES: Final[dict[FindingKind, str]] = {
    FindingKind.ASPECT: "提到它的评论里说它不好的占",
    FindingKind.STARS: "最高分的评论里负面占",
}
_SUBJECT_EM: Final = 34
#: Other names of a finding that are said.
_ALSO: Final = 2


def headline(finding: Finding) -> str:
    """Say what a finding is about, in one line."""
    column = column_title(finding.mark.columns[0][0]) if finding.kind is FindingKind.FACET else ""
    named = {"name": short_name(finding.subject, _SUBJECT_EM), "column": short_name(column, _SUBJECT_EM)}
    return _HEADLINES[finding.kind].format(**named)


def describe_finding(finding: Finding) -> str:
    """Say a finding's numbers.

    Example:
        >>> from core.metrics import wilson
        >>> from core.schema import Filter
        >>> share = wilson(40, 100)
        >>> describe_finding(Finding(FindingKind.WORD, "退款", share, 0.2, 20.0, 11.0, Filter()))
        '负面占比 40.0% (30.9–49.8, n=100),其余评论 20.0%:多出约 20 条负面(至少 11 条)。'
    """
    against = _AGAINST[finding.kind].format(
        expected=format_percent(finding.expected), low=format_percent(MISREAD.low), high=format_percent(MISREAD.high)
    )
    said = (
        f"{_SHARES.get(finding.kind, '负面占比')} {format_share(finding.share)},{against}:"
        f"多出约 {finding.excess:,.0f} 条负面(至少 {math.floor(finding.excess_low):,} 条{_sampled(finding)})。"
    )
    if finding.during is not None:
        said += f"筛选只到天:按天看到的是全天的 {format_count(finding.behind)} 条评论。"
    if finding.also:
        said += f"大体是同一批负面评论的还有:{';'.join(map(headline, finding.also[:_ALSO]))}。"
    return said + describe_drivers(finding.words)


def _sampled(finding: Finding) -> str:
    """Say that the excess is extrapolated from a sample, if it is."""
    counted = (finding.share.value - finding.expected) * finding.share.n
    return f",由 {counted / finding.excess:.0%} 的抽样推算" if counted < 0.995 * finding.excess else ""


def describe_findings(result: Findings) -> str:
    """Say by which rules the findings were chosen."""
    rules = (
        "候选:异常升高的时段(对照此前的水平,或对照其余全部时间)、来源、商品和词(对照其余评论)、"
        "文件自己的列(如科室、门店;数量、日期和评价类的列不算)里的各个值(对照这一列为其他值的评论)、"
        "方面(做过方面分析时,对照其余方面)、最高分却负面的评论(对照模型的误判率,误判多的品类也会有的不算)。"
        "全部候选合起来校正后 p < 0.05(哪里都没有问题的表,20 份里至多 1 份会列出一项)、"
        "且 95% 区间下限也多出至少 1 条负面才算数;"
        "有原样重复的评论时(短评须同一作者),时段以外的区间和 p 已按此放宽;按“比预期多出的负面条数”排序,"
        "每类最多两项;同类的一项,负面评论有一半以上也属于更大的一项时并入它;不同类的两项,合起来有一半以上相同时只列较大的。"
    )
    alike = f",{result.alike} 项与更大的发现大体相同而未列" if result.alike else ""
    return f"{rules}共 {result.considered:,} 项够格{alike}。"
