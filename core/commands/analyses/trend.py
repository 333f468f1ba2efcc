"""``analyse trend``: the negative share over time, with its anomalies."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Final

from core.commands import console
from core.commands.opened import add_target, opened
from core.errors import InputError
from core.results import Frequency
from core.schema import NEGATIVE, Filter
from core.store import LabelledTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TITLE", "add", "rows"]

TITLE = "走势与异常"
_STEPS: Final = (Frequency.DAY, Frequency.WEEK, Frequency.HOUR)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)
    parser.add_argument("--freq", choices=_STEPS, type=Frequency, default=Frequency.DAY, help="步长,默认 day")


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per bucket.

    Raises:
        InputError: N05 no comment has a time.
    """
    with opened(arguments) as found:
        return _trend(found.table, arguments.freq)


def _trend(table: LabelledTable, frequency: Frequency) -> pd.DataFrame:
    import pandas as pd

    from core import analyse as core_analyse
    from core.chart import describe_shift, describe_verdict

    chosen = Filter()
    result = core_analyse.trend(table, chosen, frequency)
    if not result.buckets:
        raise InputError("N05", "没有一条评论有能识别的时间,画不出走势。", "请用 --time 指定时间列。")
    if result.frequency is not frequency:
        console.warn("提示:时间跨度太长,已改用更大的步长。")
    if result.undated:
        console.warn(f"提示:{result.undated:,} 条评论没有能识别的时间,不在表中。")
    found = core_analyse.anomalies(result, core_analyse.design_effects(table, chosen))
    reasons: dict[datetime, str] = {}
    for episode in found.episodes:
        explained = core_analyse.shift(table, chosen, episode, overdispersion=found.overdispersion)
        reasons |= {verdict.bucket.start: describe_shift(explained) for verdict in episode.verdicts}
    form = "%Y-%m-%d %H:00" if result.frequency is Frequency.HOUR else "%Y-%m-%d"
    return pd.DataFrame(
        {
            "日期": [f"{b.start:{form}}" for b in result.buckets],
            "评论数": [b.n for b in result.buckets],
            "负面数": [b.counts[NEGATIVE] for b in result.buckets],
            "负面占比": [round(b.negative.value, 4) for b in result.buckets],
            "下限": [round(b.negative.low, 4) for b in result.buckets],
            "上限": [round(b.negative.high, 4) for b in result.buckets],
            "异常": [int(v.abnormal != 0) for v in found.verdicts],
            "说明": [
                describe_verdict(v, result.frequency, copied=v.bucket in found.copied) + reasons.get(v.bucket.start, "")
                for v in found.verdicts
            ],
        }
    )
