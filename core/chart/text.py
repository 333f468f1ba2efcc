"""Numbers, dates and filters formatted for people; pages, charts and reports all use these formats."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import timedelta
from itertools import accumulate
from typing import Final

from core.results import LEVELS, Bucket, Difference, Frequency, signed
from core.schema import LABELS, ORIGINAL_PREFIX, ROLE_TITLES, Col, Filter, Role, Share, Within, word_title

__all__ = [
    "UNKNOWN",
    "caption",
    "column_title",
    "describe_filter",
    "format_bucket",
    "format_change",
    "format_copies",
    "format_count",
    "format_p",
    "format_percent",
    "format_share",
    "short_name",
    "side_title",
    "text_width",
    "value_title",
    "wrap",
]

#: Titles of the derived tables, by kind.
_DERIVED: Final = {"mentions": "方面", "topics": "话题", "merged": "话题", "floods": "疑似雷同", "dialogues": "对话"}

#: Title of an empty source, product or other value.
UNKNOWN: Final = "未填写"
_MISSING_TITLES: Final = {"month": "无日期", Col.RATING: "无评分"}
_COLUMN_TITLES: Final = {
    Col.SOURCE: ROLE_TITLES[Role.SOURCE],
    Col.PRODUCT: ROLE_TITLES[Role.PRODUCT],
    Col.RATING: ROLE_TITLES[Role.RATING],
    Col.AUTHOR: ROLE_TITLES[Role.AUTHOR],
    Col.FILE: "文件",
    "month": "月份",
}


def format_count(n: int) -> str:
    """Format a number of rows.

    Example:
        >>> format_count(3120)
        '3,120'
    """
    return f"{n:,}"


def format_copies(again: int) -> str:
    """Note that some rows are copies of others, and the consequence for intervals; "" without any.

    Example:
        >>> format_copies(3)
        '3 条是别条的原样重复(短评须同一作者),区间和 p 已按此放宽'
    """
    return f"{format_count(again)} 条是别条的原样重复(短评须同一作者),区间和 p 已按此放宽" if again else ""


def format_percent(value: float) -> str:
    """Format a proportion as a percentage with one decimal; NaN is a dash.

    Example:
        >>> format_percent(0.2344), format_percent(float("nan"))
        ('23.4%', '–')
    """
    return "–" if math.isnan(value) else f"{100 * value:.1f}%"


def format_share(share: Share) -> str:
    """Format a share with its interval and n.

    Example:
        >>> format_share(Share(730, 3120, 0.234, 0.219, 0.25))
        '23.4% (21.9–25.0, n=3,120)'
        >>> format_share(Share(0, 0, float("nan"), float("nan"), float("nan")))
        '– (n=0)'
    """
    if share.n == 0:
        return "– (n=0)"
    return f"{format_percent(share.value)} ({100 * share.low:.1f}–{100 * share.high:.1f}, n={format_count(share.n)})"


def format_change(change: Difference) -> str:
    """Format a difference of two shares in percentage points with its interval.

    Example:
        >>> format_change(Difference(0.052, 0.011, 0.094, 0.01))
        '+5.2 个百分点 (+1.1 至 +9.4)'
    """
    if math.isnan(change.value):
        return "–"
    value, low, high = (signed(100 * part) for part in (change.value, change.low, change.high))
    return f"{value} 个百分点 ({low} 至 {high})"


def format_points(change: Difference, n: int | None = None) -> str:
    """Format a difference like ``format_change``, but short enough for a label next to a mark.

    Example:
        >>> format_points(Difference(0.052, 0.011, 0.094, 0.01)), format_points(Difference(0.0, -0.01, 0.01, 1.0), 3120)
        ('+5.2 (+1.1 至 +9.4)', '0.0 (−1.0 至 +1.0, n=3,120)')
    """
    if math.isnan(change.value):
        return "–" if n is None else f"– (n={format_count(n)})"
    counted = "" if n is None else f", n={format_count(n)}"
    value, low, high = (signed(100 * part) for part in (change.value, change.low, change.high))
    return f"{value} ({low} 至 {high}{counted})"


def format_p(p: float) -> str:
    """Format a p-value.

    Example:
        >>> format_p(0.0312), format_p(1e-9), format_p(float("nan"))
        ('p=0.031', 'p<0.001', '样本太少,未检验')
    """
    if math.isnan(p):
        return "样本太少,未检验"
    return "p<0.001" if p < 0.001 else f"p={p:.3f}"


def format_bucket(bucket: Bucket, frequency: Frequency) -> str:
    """Format the time that a bucket covers.

    Example:
        >>> from datetime import datetime
        >>> none = Share(0, 0, float("nan"), float("nan"), float("nan"))
        >>> format_bucket(Bucket(datetime(2026, 3, 2), datetime(2026, 3, 9), (0, 0, 0), none), Frequency.WEEK)
        '2026-03-02 至 2026-03-08'
    """
    match frequency:
        case Frequency.HOUR:
            return f"{bucket.start:%Y-%m-%d %H:00}–{bucket.end:%H:00}"
        case Frequency.WEEK:
            return f"{bucket.start:%Y-%m-%d} 至 {bucket.end - timedelta(days=1):%Y-%m-%d}"
        case Frequency.MONTH:
            return f"{bucket.start:%Y-%m}"
        case Frequency.YEAR:
            return f"{bucket.start:%Y}"
        case _:
            return f"{bucket.start:%Y-%m-%d}"


def column_title(by: str) -> str:
    """Return the Chinese title of a grouping column; a column of the file keeps its own name.

    Example:
        >>> column_title("source"), column_title("src:省份")
        ('来源', '省份')
    """
    return _COLUMN_TITLES.get(by, by.removeprefix(ORIGINAL_PREFIX))


def value_title(by: str, value: str) -> str:
    """Return the title of a group; for an empty value, what is missing.

    Example:
        >>> value_title("source", ""), value_title("month", ""), value_title("source", "微博")
        ('未填写', '无日期', '微博')
    """
    return value or _MISSING_TITLES.get(by, UNKNOWN)


def describe_filter(chosen: Filter) -> list[str]:
    """Describe in Chinese what a filter keeps, one phrase per condition; no phrases for the default filter.

    Example:
        >>> describe_filter(Filter(start="2026-03-01", labels=("负面",), keyword="退款"))
        ['2026-03-01 起', '情感:负面', '含“退款”']
    """
    said = [_dates(chosen)]
    lists = {
        "情感": chosen.labels,
        "情绪": chosen.emotions,
        "来源": chosen.sources,
        "商品": chosen.products,
        "文件": chosen.files,
    }
    said += [f"{title}:{_listed(values)}" for title, values in lists.items() if values]
    said += [f"{column_title(name)}:{short_name(value) or UNKNOWN}" for name, value in chosen.columns]
    if chosen.ratings:
        low, high = (f"{end:g}" for end in chosen.ratings)
        said.append(f"评分 {low}" if low == high else f"评分 {low}–{high}")
    if chosen.confidence:
        said.append(f"置信度 {chosen.confidence[0]:g}–{chosen.confidence[1]:g}")
    said.append(f"含“{chosen.keyword}”" if chosen.keyword else "")
    said.append(f"含词“{word_title(chosen.term)}”" if chosen.term else "")
    said.append("只看需复核" if chosen.review_only else "")
    said.append("含重复导出的" if chosen.reexported else "")
    said.append(_derived("属于", chosen.within))
    said.append(_derived("不属于", chosen.outside))
    return [phrase for phrase in said if phrase]


def side_title(chosen: Filter | None) -> str:
    """Name one of two compared sets of comments; None = all the others.

    Example:
        >>> side_title(Filter(labels=("负面",))), side_title(Filter(products=("耳机",))), side_title(None)
        ('负面评论', '耳机', '其余评论')
    """
    if chosen is None:
        return "其余评论"
    named = [*chosen.products, *chosen.sources, *chosen.files, *(value for _, value in chosen.columns)]
    said = [short_name(name, 14) or UNKNOWN for name in named[:2]] + [f"等 {len(named)} 个"] * (len(named) > 2)
    dates = _dates(chosen)
    if chosen.start and chosen.end and chosen.start[:4] == chosen.end[:4]:
        dates = f"{chosen.start} 至 {chosen.end[5:]}"
    said += [dates] if dates else []
    if chosen.labels:
        said.append("、".join(chosen.labels) + "评论")
    return " ".join(said) or " ".join(describe_filter(chosen)) or "全部评论"


def short_name(text: str, most: float = 20) -> str:
    """Shorten a name to at most ``most`` em by omitting its middle: long product names differ at their ends.

    Example:
        >>> short_name("一二三四五六七八九十", 7)
        '一二三四…九十'
    """
    if text_width(text) <= most:
        return text
    tail = text[::-1][: _fitting(text[::-1], (most - 1) / 3)][::-1]
    return f"{text[: _fitting(text, most - 1 - text_width(tail))]}…{tail}"


def _derived(how: str, named: Within | None) -> str:
    """Describe what a derived table keeps or excludes, by its kind and values."""
    if named is None:
        return ""
    what = _DERIVED.get(named.view.partition("_")[0], "分析结果")
    values = [_derived_value(column, value) for column, value in named.equal]
    return f"{how}{what}" + (f":{'、'.join(values)}" if values else "")


def _derived_value(column: str, value: str) -> str:
    """Describe a value of a derived table; dialogue numbers are shown from 1, topic 0 is no topic."""
    numbers = {Col.LABEL: LABELS, "verdict": LABELS, "level": LEVELS}.get(column, ())
    if value.isascii() and value.isdigit():
        if int(value) < len(numbers):
            return numbers[int(value)]
        if column == "topic" and value == "0":
            return "其他"
        counted = {"dialogue": f"第 {int(value) + 1} 段", "turn": f"第 {value} 轮", "flood": f"第 {value} 组"}
        return counted.get(column, value)
    return short_name(value)


def _dates(chosen: Filter) -> str:
    if not (chosen.start or chosen.end):
        return ""
    if chosen.start and chosen.end:
        said = chosen.start if chosen.start == chosen.end else f"{chosen.start} 至 {chosen.end}"
    else:
        said = f"{chosen.start} 起" if chosen.start else f"{chosen.end} 止"
    return f"{said},含无日期" if chosen.undated else said


def _listed(values: tuple[str, ...], shown: int = 3) -> str:
    names = "、".join(short_name(value) or UNKNOWN for value in values[:shown])
    return names if len(values) <= shown else f"{names} 等 {len(values)} 个"


def caption(n: int, chosen: Filter, *remarks: str) -> str:
    """Describe below a chart how many comments it shows and which.

    Args:
        n: Comments in the chart.
        chosen: The filter it was made with.
        remarks: Further remarks, such as on undated rows; empty ones are left out.

    Example:
        >>> caption(3120, Filter(sources=("微博",)), "另有 12 条无日期")
        'n=3,120 条 · 来源:微博 · 另有 12 条无日期'
    """
    said = describe_filter(chosen) or ["全部评论"]
    return " · ".join((f"n={format_count(n)} 条", *said, *(remark for remark in remarks if remark)))


def text_width(text: str) -> float:
    """Estimate the width of a text in em without a font: a hanzi or emoji takes 1, other characters about half.

    Source:
        Unicode Standard Annex 11 (East Asian Width): W, F and A are full-width in Chinese fonts.

    Example:
        >>> text_width("质量差"), round(text_width("USB"), 2)
        (3.0, 1.95)
    """
    return sum(_character_width(c) for c in text)


def _character_width(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Cc", "Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    if character in "MWmw@%":
        return 0.95
    return 0.65 if character.isupper() else 0.6


def wrap(text: str, width: float) -> list[str]:
    """Break a caption into lines of at most ``width`` em: between phrases, inside one only if it is too long.

    Example:
        >>> wrap("n=12 条 · 来源:微博 · 评分 1–2", 12)
        ['n=12 条 ·', '来源:微博 · 评分 1–2']
    """
    lines = [""]
    for phrase in re.split(r"(?<= · )", text):
        if lines[-1] and text_width((lines[-1] + phrase).rstrip()) > width:
            lines.append("")
        lines[-1] += phrase
        while text_width(lines[-1].rstrip()) > width and len(lines[-1]) > 1:
            cut = _fitting(lines[-1], width)
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return [line.rstrip() for line in lines]


def _fitting(text: str, width: float) -> int:
    """The number of characters that fit, at least one."""
    return max(1, sum(total <= width for total in accumulate(map(_character_width, text))))
