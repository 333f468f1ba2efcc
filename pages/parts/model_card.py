"""The measured performance of the built-in model, from the card shipped with its weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

#: Descriptions of our cards' test sets, for people who do not know them by name.
_ABOUT = {
    "waimai10k": "外卖",
    "online_shopping": "电商",
    "chnsenticorp": "酒店、电脑和图书",
    "chnsenticorp_htl": "酒店",
    "douban_book_review": "图书",
    "nlpcc2014_sentiment": "商品",
    "weibo2018": "微博",
    "weibo_senti_100k_partial": "微博,按表情标注",
    "ecom_reviews_3class": "电商,三类",
    "bdci_car2018": "汽车,三类",
    "smp2020_usual": "微博情绪,日常",
    "smp2020_virus": "微博情绪,疫情",
    "weibo_emotion8": "微博情绪,八类",
    "cold_offensive": "冒犯言论",
}


def rows(folder: Path) -> list[dict[str, Any]]:
    """Return what the page shows of ``card.json``.

    Args:
        folder: Folder of the weights.

    Returns:
        One row per test set: its name, n, accuracy and interval in percent, macro-F1 and the TF-IDF baseline where
        measured; empty without a card.
    """
    path = folder / "card.json"
    if not path.is_file():
        return []
    card = json.loads(path.read_text(encoding="utf-8"))
    measured = card.get("test", card)
    sets = dict(measured.get("sets", {}))
    if "stress" in measured:
        sets["stress"] = measured["stress"]
    baseline = card.get("baseline", {}).get("sets", {})
    return [_row(name, facts, baseline.get(name, {})) for name, facts in sets.items()]


def _row(name: str, facts: dict[str, Any], baseline: dict[str, Any]) -> dict[str, Any]:
    low, high = facts.get("interval", (None, None))
    return {
        "测试集": "难句(自编)" if name == "stress" else f"{_ABOUT[name]}({name})" if name in _ABOUT else name,
        "条数": facts["n"],
        "准确率": _percent(facts["accuracy"]),
        "95% 下限": _percent(low),
        "95% 上限": _percent(high),
        "宏平均 F1": _percent(facts.get("macro_f1")),
        "TF-IDF 基线准确率": _percent(baseline.get("accuracy")),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)
