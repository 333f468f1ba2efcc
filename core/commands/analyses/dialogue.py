"""``analyse dialogue``: customer-service dialogues, one row each."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any, Final

from core.commands import console
from core.commands.opened import Opened, add_target, opened
from core.schema import Filter

if TYPE_CHECKING:
    import pandas as pd

    from core.results import Dialogue

__all__ = ["TITLE", "add", "rows"]

TITLE = "客服对话:满意度、情绪最低点、没有化解的不满"
_HOW: Final = {
    "heard": "训练过的模型",
    "words": "训练过的模型(只看文字)",
    "plain": "情绪分",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_target(parser)


def rows(arguments: argparse.Namespace) -> pd.DataFrame:
    """Return one row per dialogue, in the order of the file.

    Raises:
        InputError: N15 the table holds no dialogues.
    """
    # dialogues score their own sentences; labelling rows, or even whole transcripts, would be wasted
    with opened(arguments, labels=False) as found:
        return _dialogues(found)


def _dialogues(found: Opened) -> pd.DataFrame:
    import pandas as pd

    from core.analyse import dialogues
    from core.derive.dialogues import Dialogues

    view = found.derive(Dialogues(found.backend(), whole=True))
    facts = found.store.derived(found.job_id).facts(view) or {}
    _say_how(facts)
    worst = dialogues(found.table, Filter(), view=view, limit=None).dialogues
    places = {one.number: place for place, one in enumerate(worst, 1)}
    listed = sorted(worst, key=_number)
    frame = pd.DataFrame([_record(one, places[one.number], facts) for one in listed], columns=list(_COLUMNS))
    return frame.astype(dict.fromkeys(_WHOLE, "Int64"))


def _number(one: Dialogue) -> int:
    return one.number


def _say_how(facts: dict[str, Any]) -> None:
    """Report which model judged, and when the plain mood score replaces it."""
    model = facts.get("model", "")
    if facts.get("how") == "words":
        console.warn("提示:满意度模型是配另一版本的情感模型训练的,这里只用它从文字学到的部分。")
    elif facts.get("how") == "plain":
        console.warn("提示:没有满意度模型,满意度就是情绪分(各轮情绪的加权平均,越靠后越重)。")
    plain = facts.get("judged", {}).get("plain", 0)
    if model and plain:
        console.warn(f"提示:{plain:,} 段对话没有客户发言或不是中文,满意度就是情绪分。")


_COLUMNS: Final = (
    "会话ID",
    "满意度",
    "最低点",
    "末轮情绪",
    "是否未解决",
    "情绪分",
    "起始情绪",
    "最低点轮次",
    "最低点原话",
    "客服",
    "轮数",
    "最久等待秒",
    "复核名次",
    "复核理由",
    "满意度来源",
)
#: The nullable integer columns among these.
_WHOLE: Final = ("最低点轮次", "轮数", "复核名次")


def _record(one: Dialogue, place: int, facts: dict[str, Any]) -> dict[str, object]:
    version = "" if one.how == "plain" else f" {facts.get('model', '')}"
    values = (
        one.name,
        _rounded(one.satisfaction),
        _rounded(one.lowest),
        _rounded(one.final),
        "是" if one.unresolved else "否",
        _rounded(one.plain),
        _rounded(one.start),
        one.lowest_turn or None,
        one.quote,
        one.agent,
        one.turns,
        _rounded(one.waited),
        place,
        ";".join(one.reasons),
        _HOW[one.how] + version,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _rounded(value: float) -> float:
    return value if math.isnan(value) else round(value, 3)
