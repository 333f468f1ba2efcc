"""``label --backend cascade``: the threshold, and how many texts went to each model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from core.commands import console
from core.commands.files import lasting_name
from core.commands.model_options import chosen
from core.errors import InputError
from core.jobs import CascadeTarget, planned_cascade
from core.schema import Backend, RunReport, Share, TableSource
from core.score import Engine, ThresholdChoice, first_for, shipped_title, split_cascade
from core.settings import get_settings

__all__ = ["chosen_for", "tell_cascade"]


def chosen_for(arguments: argparse.Namespace, sources: Sequence[TableSource]) -> tuple[str, Backend]:
    """Open the model for some tables; for a cascade with an aim, find its threshold first.

    Args:
        arguments: With --backend, --engine, --precision, --agreement and --minutes.
        sources: The tables.

    Raises:
        InputError: I03 an aim without a cascade, two aims, or one out of range.
        ModelError: A model cannot be opened.
    """
    aim = CascadeTarget(arguments.agreement, arguments.minutes)
    if aim == CascadeTarget():
        return chosen(arguments)
    settings = get_settings()
    cascade = split_cascade(arguments.backend or settings.backend)
    if cascade is None or None not in (aim.agreement, aim.minutes):
        raise InputError(
            "I03", "--agreement 和 --minutes 只能选一个,并且要与 --backend cascade 一起用。", "请改正后重试。"
        )
    if (aim.agreement is not None and not 0 <= aim.agreement <= 1) or (aim.minutes is not None and not aim.minutes > 0):
        raise InputError("I03", "--agreement 应在 0 到 1 之间,--minutes 应大于 0。", "请改正后重试。")
    second = lasting_name(cascade[1] or settings.cascade_backend) + Engine(arguments.engine, arguments.precision).suffix
    name, backend, choice = planned_cascade(sources, second, aim, settings, console.warn)
    _tell(choice, second)
    return name, backend


def _tell(choice: ThresholdChoice, second: str) -> None:
    part = f"约 {_share(choice.second)} 的文本会交给 {second}"
    if choice.threshold == 0:
        part = f"全部由{shipped_title(first_for(second))}判定,{second} 不参与"
    agreement = f";与 {second} 单独打标的一致率 {_share(choice.agreement)}" if choice.agreement.n else ""
    console.warn(f"级联阈值 {choice.threshold:.4f}:{part}{agreement}。按样本估计。")


def _share(share: Share) -> str:
    return f"{share.value:.1%}({share.low:.1%}–{share.high:.1%},n={share.n:,})"


def tell_cascade(report: RunReport) -> None:
    """Report after the run how many texts each model of a cascade judged."""
    if "cascade_threshold" not in report.settings:
        return
    asked = int(report.settings["cascade_second_texts"])
    alone = max(0, report.scored - report.cache_hits - asked)
    second = report.settings["cascade_second"] or get_settings().cascade_backend
    console.say(
        f"级联(阈值 {report.settings['cascade_threshold']:.4f}):{shipped_title(first_for(second))}判定 {alone:,} 条,"
        f"{second} 判定 {asked:,} 条(过长的按段计),沿用缓存 {report.cache_hits:,} 条。"
    )
