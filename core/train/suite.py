"""Evaluate any backend on all labelled sets, each on its own classes only: one table, with intervals.

``evaluate --suite`` prints it; the training step ``evaluate`` puts it into the model card.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import InputError
from core.gold_labels import parse_labels
from core.metrics import Metrics, evaluate_labels, restrict
from core.schema import EMOTIONS, LABEL_NAMES, NEUTRAL, Backend, ScoreOptions
from core.score import TokenBackend, score, score_heads
from core.train import data

__all__ = ["HEADS", "SIX", "Measured", "Suite", "ask", "head_of", "measure", "measure_set", "pooled", "set_names"]

#: Class names of every head, in the order of its probabilities.
HEADS: Final[dict[str, tuple[str, ...]]] = {
    "sentiment": LABEL_NAMES,
    "emotion": EMOTIONS,
    "offensive": data.OFFENSIVE,
}
#: SMP's six emotions have neither 厌恶 nor 喜好: there only the other classes are possible.
SIX: Final = tuple(i for i, name in enumerate(EMOTIONS) if name not in ("厌恶", "喜好"))
_FILE: Final = re.compile(r"(?P<name>.+)\.(?P<split>train|dev|test)\.csv(\.gz)?$")
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Measured:
    """One set: the head evaluated, the possible classes, and the metrics."""

    name: str
    head: str
    classes: tuple[str, ...]
    metrics: Metrics


@dataclass(frozen=True)
class Suite:
    """All sets of a folder.

    Attributes:
        sets: The sets that could be measured.
        skipped: Name → why a set was left out, in Chinese.
        pooled: All rows with a sentiment label together; None if there are none.
    """

    sets: tuple[Measured, ...]
    skipped: dict[str, str]
    pooled: Metrics | None


def set_names(folder: Path, split: str) -> list[str]:
    """Return the sets of a folder: the known ones in their order, then any other ``<name>.<split>.csv[.gz]``."""
    found = [match for path in sorted(folder.iterdir()) if (match := _FILE.match(path.name))]
    names = dict.fromkeys(m["name"] for m in found if m["split"] == split or _borrows(m["name"], split))
    known = [name for name, item in data.SETS.items() if name in names and item.kind != "none"]
    return known + [name for name in names if name not in data.SETS]


def measure(backend: Backend, folder: Path, split: str, tell: Callable[[str], None] | None = None) -> Suite:
    """Measure a model on every set of a folder.

    Args:
        backend: Any model.
        folder: With files ``<name>.<split>.csv.gz`` or ``.csv`` of columns text and label.
        split: train, dev or test.
        tell: Called with the name of each set before it is scored.

    Returns:
        Metrics per set. A set of emotions or offence is skipped if the model has no such head.

    Raises:
        InputError: I06 the folder holds no file of that split.
    """
    names = set_names(folder, split) if folder.is_dir() else []
    if not names:
        raise InputError(
            "I06", f"{folder} 里没有 {split} 数据集。", f"文件应名为 <名称>.{split}.csv.gz,有 text 和 label 两列。"
        )
    sets, skipped, pool = [], {}, []
    for name in names:
        if tell is not None:
            tell(name)
        rows = _read(folder, name, split)
        if rows.empty:
            skipped[name] = "没有可用的行"
            continue
        answers = ask(backend, rows["text"].tolist(), (head_of(name),))
        if head_of(name) not in answers:
            skipped[name] = f"模型没有 {head_of(name)} 输出"
            continue
        sets.append(measure_set(name, rows, answers[head_of(name)]))
        if "sentiment" in answers:
            pool.append((rows, answers["sentiment"]))
    return Suite(tuple(sets), skipped, pooled(pool))


def ask(backend: Backend, texts: Sequence[str], heads: Sequence[str]) -> dict[str, Floats]:
    """Return a model's probabilities on texts, long ones in windows; sentiment always.

    The texts are used as the sets have them, without ``core.clean``: their labels belong to the whole text, and
    cleaning would remove quoted parts (a weibo that only reposts another would be blank).

    Args:
        backend: Any model.
        texts: Raw texts.
        heads: Additional heads; one that the model lacks is left out.

    Returns:
        Head → probabilities (n, classes) in the order of ``HEADS``.
    """
    answers = {"sentiment": score(texts, backend, ScoreOptions()).probabilities}
    more = [name for name in heads if name != "sentiment" and name in getattr(backend, "heads", {})]
    if more and isinstance(backend, TokenBackend):
        for name, p in score_heads(texts, backend, more).items():
            answers[name] = _in_order(p, backend.heads[name], HEADS[name])
    return answers


def head_of(name: str) -> str:
    """Return the head a set is measured on."""
    kind = data.SETS[name].kind if name in data.SETS else ""
    return {"emotion": "emotion", "offensive": "offensive"}.get(kind, "sentiment")


def measure_set(name: str, rows: pd.DataFrame, p: NDArray[Any]) -> Measured:
    """Measure one set on its own classes.

    Args:
        name: Name of the set.
        rows: From ``data.read``.
        p: Probabilities of its head, shape (rows, classes).

    Returns:
        Metrics; two-class sets are scored on negative against positive, SMP's emotion sets on their six.
    """
    head = head_of(name)
    known = rows[head].to_numpy(np.int64) >= 0
    truth, p = rows[head].to_numpy(np.int64)[known], p[known]
    columns = list(range(p.shape[1]))
    if head == "sentiment" and rows["two"].to_numpy(bool)[known].all():
        columns = [i for i in columns if i != NEUTRAL]
    elif head == "emotion" and name.startswith("smp2020"):
        columns = list(SIX)
    classes = tuple(HEADS[head][i] for i in columns)
    metrics = evaluate_labels(np.searchsorted(columns, truth), restrict(p, columns), classes)
    return Measured(name, head, classes, metrics)


def pooled(parts: Sequence[tuple[pd.DataFrame, Floats]]) -> Metrics | None:
    """Measure all sentiment rows together; rows of two-class sets cannot be predicted neutral.

    Args:
        parts: Rows of ``data.read`` and their sentiment probabilities, shape (rows, 3).

    Returns:
        None if no row has a sentiment label.
    """
    truth, p = [np.zeros(0, np.int64)], [np.zeros((0, len(LABEL_NAMES)))]
    for rows, answer in parts:
        known = rows["sentiment"].to_numpy(np.int64) >= 0
        one = answer[known].astype(np.float64)
        two = rows["two"].to_numpy(bool)[known]
        one[two, NEUTRAL] = 0
        truth.append(rows["sentiment"].to_numpy(np.int64)[known])
        p.append(restrict(one, range(len(LABEL_NAMES))))
    whole = np.concatenate(truth)
    return evaluate_labels(whole, np.concatenate(p), LABEL_NAMES) if len(whole) else None


def _read(folder: Path, name: str, split: str) -> pd.DataFrame:
    if name in data.SETS:
        return data.read(folder, name, split)
    path = next(p for p in (folder / f"{name}.{split}.csv.gz", folder / f"{name}.{split}.csv") if p.is_file())
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if not {"text", "label"} <= set(table.columns):
        raise InputError("I06", f"{path.name} 缺少 text 或 label 列。", f"现有的列:{'、'.join(table.columns)}。")
    table = table[(table["text"].str.strip() != "") & (table["label"].str.strip() != "")].reset_index(drop=True)
    truth = parse_labels(table["label"].tolist()) if len(table) else np.zeros(0, np.int64)
    return pd.DataFrame({"text": table["text"], "sentiment": truth, "two": NEUTRAL not in truth})


def _borrows(name: str, split: str) -> bool:
    return split == "dev" and name in data.NO_DEV


def _in_order(p: Floats, own: Sequence[str], wanted: Sequence[str]) -> Floats:
    """Reorder a model's classes to ours; a class it lacks has probability 0."""
    result = np.zeros((len(p), len(wanted)), np.float32)
    for i, name in enumerate(own):
        if name in wanted:
            result[:, wanted.index(name)] = p[:, i]
    return result
