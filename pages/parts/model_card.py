"""The measured numbers of the built-in model, from the card that is shipped with its weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def rows(folder: Path) -> list[dict[str, Any]]:
    """Return what the page shows of ``card.json``.

    Args:
        folder: Of the weights.

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
        "测试集": "难句(自编)" if name == "stress" else name,
        "条数": facts["n"],
        "准确率": _percent(facts["accuracy"]),
        "95% 下限": _percent(low),
        "95% 上限": _percent(high),
        "宏平均 F1": _percent(facts.get("macro_f1")),
        "TF-IDF 基线准确率": _percent(baseline.get("accuracy")),
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)
