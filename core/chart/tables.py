"""The numbers behind each chart as a table with Chinese headers, for display and download."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import pandas as pd

from core.chart.text import column_title, format_bucket, side_title, value_title
from core.results import (
    Comparison,
    Contrast,
    Distribution,
    EmotionCounts,
    Heat,
    Keyword,
    Keywords,
    Overview,
    Rank,
    Ranks,
    Stars,
    Trend,
)
from core.schema import LABELS, NEGATIVE, POSITIVE, Share, word_title

__all__ = ["numbers", "share_cells"]


@singledispatch
def numbers(result: object) -> pd.DataFrame:
    """Return the numbers of a result, one row per mark of its chart.

    Args:
        result: A result that has a chart: ``Trend``, ``Keywords``, ``Contrast``, ``Comparison`` …

    Returns:
        A frame with Chinese headers; shares lie in [0, 1] and are NaN where n is 0.

    Raises:
        TypeError: No table for this type of result.
    """
    raise TypeError(f"no table of {type(result).__name__}")


def share_cells(share: Share, title: str = "") -> dict[str, float]:
    """Return a share and its interval as cells of a row, their headers beginning with a title."""
    return {f"{title}占比": share.value, f"{title}占比下限": share.low, f"{title}占比上限": share.high}


def _rank(title: str, rank: Rank) -> dict[str, int]:
    return {f"{title} 名次": rank.place, f"{title} 最高可能名次": rank.low, f"{title} 最低可能名次": rank.high}


def _counts(counts: tuple[int, int, int]) -> dict[str, int]:
    return {"条数": sum(counts), **dict(zip(LABELS, counts, strict=True))}


@numbers.register
def _(result: Overview) -> pd.DataFrame:
    pairs = zip(LABELS, result.now.shares, strict=True)
    records = [{"情感": label, "条数": share.count, **share_cells(share)} for label, share in pairs]
    return pd.DataFrame(records)


@numbers.register
def _(result: Trend) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "时间": format_bucket(bucket, result.frequency),
                **_counts(bucket.counts),
                **share_cells(bucket.negative, LABELS[NEGATIVE]),
            }
            for bucket in result.buckets
        ],
        columns=["时间", "条数", *LABELS, *share_cells(Share(0, 0, 0, 0, 0), LABELS[NEGATIVE])],
    )


@numbers.register
def _(result: Keywords) -> pd.DataFrame:
    sides = ((LABELS[NEGATIVE], result.negative), (LABELS[POSITIVE], result.positive))
    records = [_keyword(side, word) for side, words in sides for word in words]
    share = share_cells(Share(0, 0, 0, 0, 0), LABELS[NEGATIVE])
    columns = ["词", "偏向", "条数", *LABELS, *share, "z 值", "对数优势比"]
    return pd.DataFrame(records, columns=columns)


def _keyword(side: str, word: Keyword) -> dict[str, Any]:
    return {
        "词": word_title(word.term),
        "偏向": side,
        **_counts(word.counts),
        **share_cells(word.negative, LABELS[NEGATIVE]),
        "z 值": word.z,
        "对数优势比": word.log_odds,
    }


@numbers.register
def _(result: Contrast) -> pd.DataFrame:
    first, second = (side_title(side.chosen) for side in result.sides)
    records = [
        {
            "词": word_title(word.word),
            "偏向": first if word.z > 0 else second,
            f"甲({first})次数": word.first.count,
            **share_cells(word.first, "甲提到"),
            f"乙({second})次数": word.second.count,
            **share_cells(word.second, "乙提到"),
            "z 值": word.z,
            "对数优势比": word.log_odds,
        }
        for word in result.words
    ]
    return pd.DataFrame(records)


@numbers.register
def _(result: Comparison) -> pd.DataFrame:
    against = "其余" if result.reference is None else value_title(result.by, result.reference)
    records = []
    for group in result.groups:
        record: dict[str, Any] = {column_title(result.by): value_title(result.by, group.name), "条数": group.n}
        record |= share_cells(group.voice, "声量")
        for label, share in zip(LABELS, group.shares, strict=True):
            record |= share_cells(share, label)
        record |= {
            f"{LABELS[result.label]}占比与{against}之差": group.difference.value,
            "差值下限": group.difference.low,
            "差值上限": group.difference.high,
            "校正后 p 值": group.p_adjusted,
            "不同的评论": group.once,
            "平均评分": group.mean_rating,
        }
        records.append(record)
    return pd.DataFrame(records)


@numbers.register
def _(result: Ranks) -> pd.DataFrame:
    before, after = side_title(result.before), side_title(result.after)
    records = [
        {
            column_title(result.by): value_title(result.by, line.name),
            **_rank(before, line.rank_before),
            **_rank(after, line.rank_after),
            f"{before} 条数": line.before.n,
            **share_cells(line.before, f"{before} {LABELS[result.label]}"),
            f"{after} 条数": line.after.n,
            **share_cells(line.after, f"{after} {LABELS[result.label]}"),
            "占比变化": line.difference.value,
            "变化下限": line.difference.low,
            "变化上限": line.difference.high,
            "校正后 p 值": line.p_adjusted,
        }
        for line in result.lines
    ]
    return pd.DataFrame(records)


@numbers.register
def _(result: Stars) -> pd.DataFrame:
    groups = [("全部有评分的", result.total), *((value_title(result.by, g.name), g) for g in result.groups)]
    records = [
        {
            column_title(result.by): name,
            "有评分的条数": group.stars.n,
            **share_cells(group.stars, f"{result.many:g} 分及以上"),
            **share_cells(group.texts, "正面文字"),
            "星级减文字": group.difference.value,
            "差值下限": group.difference.low,
            "差值上限": group.difference.high,
            "校正后 p 值": group.p_adjusted,
        }
        for name, group in groups
    ]
    return pd.DataFrame(records)


@numbers.register
def _(result: Heat) -> pd.DataFrame:
    records = [
        {
            "方面": cell.aspect,
            column_title(result.by): value_title(result.by, cell.group),
            "提到的评论": cell.share.n,
            **share_cells(cell.share, "说坏话"),
            "与其余各组之差": cell.difference.value,
            "校正后 p 值": cell.p_adjusted,
        }
        for cell in result.cells
    ]
    return pd.DataFrame(records)


@numbers.register
def _(result: Distribution) -> pd.DataFrame:
    kinds = (("置信度", result.confidence), ("评分", result.ratings))
    return pd.DataFrame(
        [
            {"指标": kind, "从": step.low, "到": step.high, **_counts(step.counts)}
            for kind, steps in kinds
            for step in steps
        ],
        columns=["指标", "从", "到", "条数", *LABELS],
    )


@numbers.register
def _(result: EmotionCounts) -> pd.DataFrame:
    records = [
        {"情绪": one.name, "条数": one.share.count, **share_cells(one.share), "平均概率": one.mean_p}
        for one in result.counts
    ]
    return pd.DataFrame(records)
