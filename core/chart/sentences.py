"""Abnormal buckets and their explanations, in whole Chinese sentences with their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from core.chart.text import format_count, format_percent, short_name
from core.metrics import Estimate
from core.results import (
    Anomalies,
    Cause,
    ChangePoint,
    Difference,
    Driver,
    Episode,
    Frequency,
    History,
    Quote,
    Shift,
    Verdict,
    signed,
)

__all__ = [
    "describe_change",
    "describe_copied",
    "describe_drivers",
    "describe_episode",
    "describe_flattery",
    "describe_shift",
    "describe_verdict",
]

_UNITS: Final = {Frequency.HOUR: "小时", Frequency.DAY: "天", Frequency.WEEK: "周", Frequency.MONTH: "个月"}
_THIS: Final = {
    Frequency.HOUR: "这一小时",
    Frequency.DAY: "这一天",
    Frequency.WEEK: "这一周",
    Frequency.MONTH: "这个月",
}
_CAUSES: Final = {
    Cause.REAL: "各来源和商品内部也{rose}了",
    Cause.MIX: "来自负面本来就较{more}的来源或商品的评论变多,各来源和商品内部没有看出变化",
    Cause.BOTH: "评论的构成变了,同样的来源和商品里负面占比也变了",
    Cause.UNCLEAR: "互不重复的评论太少,还分不清是构成变了,还是各来源和商品内部变了",
}
_ONE_VOICE: Final = "看上去异常,只因有的文字反复出现;重复的文字只算一次,就在正常范围内。"
#: Replaces Cause.MIX and Cause.BOTH where new groups account for most of the composition effect.
_CAUSE_UNKNOWN: Final = (
    "构成变了主要是因为有{names}的 {n} 条评论,对照的时段里没有它们,看不出它们是一向负面较{more},还是这段时间才这样"
)
_ALL_UNKNOWN: Final = (
    "这段时间的评论都来自对照的时段里没有的{names},没有同样的来源和商品可以前后对照:"
    "看不出它们是一向负面较{more},还是这段时间才这样"
)
#: Fraction of the composition effect from which it is attributed to new groups; most of their names listed.
_MOSTLY, _SHOWN_GROUPS = 0.5, 3
_NOTHING_TO_COMPARE: Final = "没有可以互相比较的来源或商品,看不出是不是评论的构成变了"
#: Most words named: significant ones, or a few with a remark that none is.
_SHOWN_DRIVERS, _SHOWN_UNCLEAR = 5, 3
#: Tolerance for rounding errors in sums of fractions.
_ROUNDING: Final = 1.001


def describe_verdict(verdict: Verdict, frequency: Frequency, *, copied: bool = False) -> str:
    """Explain why a bucket is abnormal; "" if it is not.

    Args:
        verdict: From ``core.analyse.anomalies``.
        frequency: Frequency of its trend.
        copied: The bucket is in ``Anomalies.copied``: explain why it is not abnormal despite its share.
    """
    if not verdict.abnormal:
        return _ONE_VOICE if copied else ""
    share = verdict.bucket.negative
    seen = f"{format_percent(share.value)}({format_count(share.count)}/{format_count(share.n)} 条)"
    usual = f"预期的 {format_percent(verdict.expected)}"
    limits = f"正常范围 {100 * verdict.low:.1f}%–{100 * verdict.high:.1f}%"
    if verdict.abnormal < 0:
        said = f"负面占比 {seen},低于{usual}({limits})。"
    elif verdict.span > 1:
        said = (
            f"最近 {verdict.span} {_UNITS[frequency]}的负面占比合起来偏高:"
            f"{_THIS[frequency]} {seen},高于{usual}({limits})。"
        )
    else:
        said = f"负面占比 {seen},高于{usual}({limits})。"
    return said + ("这里历史太短,也参照了后面的数据。" if verdict.history is History.AROUND else "")


def describe_copied(found: Anomalies) -> str:
    """Describe how many buckets look abnormal only because of copied texts; "" if there are none.

    Example:
        >>> from core.schema import Filter
        >>> describe_copied(Anomalies(Filter(), Frequency.DAY, (), (), 0.0))
        ''
    """
    if not found.copied:
        return ""
    return f"另有 {len(found.copied)} {_UNITS[found.frequency]}只因有的文字反复出现才显得异常,未标出"


def describe_episode(episode: Episode, frequency: Frequency) -> str:
    """Describe when an episode was, how high the negative share was and what was expected."""
    first, last = episode.verdicts[0].bucket, episode.verdicts[-1].bucket
    form = "%Y-%m-%d %H:00" if frequency is Frequency.HOUR else "%Y-%m-%d"
    when = f"{first.start:{form}}"
    if frequency is Frequency.WEEK and first is last:
        when += " 起的一周"
    elif first is not last:
        when += f" 至 {last.start:{form}}" + (" 起的一周" if frequency is Frequency.WEEK else "")
    higher = "高于" if episode.direction > 0 else "低于"
    share = episode.share
    return (
        f"{when}:负面占比 {format_percent(share.value)}(n={format_count(share.n)}),{higher}预期的 "
        f"{format_percent(episode.expected)}。"
    )


def describe_shift(shift: Shift, *, rows: bool = True) -> str:
    """Explain the cause of an episode; "" if there is no baseline. The components add up as displayed.

    Args:
        shift: From ``core.analyse.shift``.
        rows: Also name the rows of the most typical comments.
    """
    if math.isnan(shift.mix.value):
        return ""
    change = shift.after.value - shift.before.value
    whole, mix = round(100 * change, 1), round(100 * shift.mix.value, 1)
    more, rose, higher = ("多", "升高", "高") if change > 0 else ("少", "降低", "低")
    said = (
        f"比平时的 {format_percent(shift.before.value)}(n={format_count(shift.before.n)}){higher} "
        f"{abs(whole):.1f} 个百分点"
    )
    if shift.cause is Cause.ALONE:
        said += f"({_interval(shift.within)});{_NOTHING_TO_COMPARE}。"
    elif shift.unknown and sum(group.after.n for group in shift.unknown) == shift.after.n:
        said += f"({_interval(shift.mix)});{_ALL_UNKNOWN.format(names=_unknown(shift), more=more)}。"
    else:
        cause = _cause(shift).format(more=more, rose=rose)
        said += (
            f",由两部分相加:同样的来源和商品里负面占比变了 {_part(whole - mix, shift.within)};"
            f"来源和商品的构成变了 {_part(mix, shift.mix)}。也就是说,{cause}。"
        )
    if change > 0:
        said += _words(shift)
    if rows and shift.quotes:
        said += f"典型的负面评论:{_rows(shift.quotes)}。"
    return said


def describe_change(change: ChangePoint) -> str:
    """Describe when and how the level changed lastingly.

    Example:
        >>> from datetime import datetime
        >>> from core.metrics import wilson
        >>> describe_change(ChangePoint(datetime(2026, 3, 1), wilson(20, 100), wilson(35, 100)))
        '2026-03-01 起,负面占比的水平由 20.0% 变为 35.0%'
    """
    when = f"{change.at:%Y-%m-%d}" if not change.at.hour else f"{change.at:%Y-%m-%d %H:00}"
    before, after = format_percent(change.before.value), format_percent(change.after.value)
    return f"{when} 起,负面占比的水平由 {before} 变为 {after}"


def describe_flattery(change: Difference) -> str:
    """Describe whether ratings or texts of the same comments look better, and by how much.

    Args:
        change: The share of many stars minus that of positive texts, ``core.results.Flattery.difference``.

    Example:
        >>> describe_flattery(Difference(-0.062, -0.081, -0.043, 0.001))
        '文字比星级好看,相差 6.2 个百分点(95% 区间 4.3 至 8.1)'
        >>> describe_flattery(Difference(0.01, -0.02, 0.04, 0.5))
        '星级和文字看不出差别(+1.0 个百分点,95% 区间 −2.0 至 +4.0)'
    """
    value, low, high = (100 * part for part in (change.value, change.low, change.high))
    if math.isnan(value) or low <= 0 <= high:
        seen = "" if math.isnan(value) else f"({signed(value)} 个百分点,95% 区间 {signed(low)} 至 {signed(high)})"
        return f"星级和文字看不出差别{seen}"
    better = "星级比文字好看" if value > 0 else "文字比星级好看"
    near, far = sorted((abs(low), abs(high)))
    return f"{better},相差 {abs(value):.1f} 个百分点(95% 区间 {near:.1f} 至 {far:.1f})"


def _part(points: float, part: Estimate) -> str:
    return f"{signed(points)}({_interval(part)})"


def _interval(part: Estimate) -> str:
    return f"95% 区间 {signed(100 * part.low)} 至 {signed(100 * part.high)}"


def describe_drivers(drivers: Sequence[Driver]) -> str:
    """Name the first few words that are significantly over-represented in negative comments; "" if there are none.

    Args:
        drivers: ``Shift.telling``.

    Example:
        >>> describe_drivers([Driver("断连", 12, 25, 3.0, 12, 0.001)])
        '负面评论里比平时明显多的词:断连(12 条,平时约 3 条)。'
    """
    return f"负面评论里比平时明显多的词:{_named(drivers[:_SHOWN_DRIVERS])}。" if drivers else ""


def _words(shift: Shift) -> str:
    """Name the significant words; without any, the top ones with a remark that they may be chance."""
    if shift.telling:
        return describe_drivers(shift.telling)
    if any(driver.clear for driver in shift.drivers):
        return "多出来的负面评论里,没有看出哪个词的比重比平时高。"
    grown = [d for d in shift.drivers if d.after > _ROUNDING * shift.usual_part(d) * shift.after.count]
    named = _named(grown[:_SHOWN_UNCLEAR])
    return f"负面评论里多出最多的词:{named};单看哪一个都可能是偶然。" if named else ""


def _named(drivers: Sequence[Driver]) -> str:
    return "、".join(f"{short_name(d.term)}({_number(d)},{_usual(d.expected)})" for d in drivers)


def _cause(shift: Shift) -> str:
    """Describe the significant component; groups without a baseline are not called habitually negative."""
    more = sum(group.after.count - shift.before.value * group.after.n for group in shift.unknown) / shift.after.n
    if shift.cause in {Cause.MIX, Cause.BOTH} and more / shift.mix.value >= _MOSTLY:
        inside = ";同样的来源和商品里负面占比也变了" if shift.cause is Cause.BOTH else ""
        n = format_count(sum(group.after.n for group in shift.unknown))
        return _CAUSE_UNKNOWN.format(names=_unknown(shift), n=n, more="{more}") + inside
    return _CAUSES[shift.cause]


def _unknown(shift: Shift) -> str:
    """Name what the baseline lacks: products, else sources, else new pairs of them."""
    known = [group for group in shift.groups if group.before.n and group.source is not None]
    products = _fresh([g.product for g in shift.unknown], [g.product for g in known])
    if products:
        return f"商品{products}"
    sources = _fresh([g.source for g in shift.unknown], [g.source for g in known])
    return f"来源{sources}" if sources else "来源和商品的新组合"


def _fresh(names: Sequence[str | None], known: Sequence[str | None]) -> str:
    """Name the values that are not known, if all of them are; "" otherwise."""
    new = [name for name in dict.fromkeys(names) if name]
    if len(new) < len(set(names)) or set(new) & set(known):
        return ""
    shown = "、".join(f"「{short_name(name)}」" for name in new[:_SHOWN_GROUPS])
    return shown + (f"等 {len(new)} 个" if len(new) > _SHOWN_GROUPS else "")


def _number(driver: Driver) -> str:
    repeated = f",重复的文字只算一次是 {format_count(driver.once)} 条" if driver.once < driver.after else ""
    return f"{format_count(driver.after)} 条{repeated}"


def _usual(expected: float) -> str:
    if expected == 0:
        return "平时没有"
    return f"平时约 {expected:.0f} 条" if expected >= 1 else "平时不到 1 条"


def _rows(quotes: Sequence[Quote]) -> str:
    files = list(dict.fromkeys(quote.file for quote in quotes))
    numbers = {name: "、".join(str(q.row_number) for q in quotes if q.file == name) for name in files}
    if len(files) == 1:
        return f"第 {numbers[files[0]]} 行"
    return ";".join(f"{name} 第 {numbers[name]} 行" for name in files)
