"""Comments written for this project: what the labelled sets lack, by category and in contrast pairs.

``data/comments/<category>.tsv`` holds text, label, category, domain and pair. Sentences of one pair differ in few
words but greatly in meaning; the split keeps them together. None was copied from anywhere, and no author looked at
tests/stress: that set tests what was learned, not what was memorised.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics import Metrics, evaluate_labels, restrict
from core.schema import LABEL_NAMES, LABELS, NEUTRAL
from core.train.config import LOG

FOLDER: Final = Path(__file__).parent / "data" / "comments"
HELD_OUT = 10  # one pair in this many goes to dev
SIDES: Final = [i for i in range(len(LABELS)) if i != NEUTRAL]


def read(split: str) -> pd.DataFrame:
    """Read the comments of one split.

    Args:
        split: train or dev; the hash of a pair's first sentence decides. Anything else: all.

    Returns:
        The columns of `data.read` and ``category``, ``domain``, ``pair`` (unique over all files).
    """
    rows = pd.concat([_table(path) for path in sorted(FOLDER.glob("*.tsv"))], ignore_index=True)
    rows["pair"] = rows["category"] + ":" + rows["pair"]
    first = rows.groupby("pair", sort=False)["text"].transform("first")
    held = np.array([_hash(text) % HELD_OUT == 0 for text in first], bool)
    wanted = {"train": ~held, "dev": held}.get(split, np.ones(len(rows), bool))
    rows = rows.assign(sentiment=[LABELS.index(label) for label in rows["label"]], emotion=-1, offensive=-1, two=False)
    return rows.drop(columns="label")[wanted].reset_index(drop=True)


def measure(rows: pd.DataFrame, p: NDArray[Any]) -> dict[str, tuple[Metrics, Metrics]]:
    """Measure sentiment on our comments, overall and by category.

    Args:
        rows: From `read`.
        p: Sentiment probabilities, shape (rows, 3).

    Returns:
        Category (first ``all``) → metrics of the three labels, and of negative against positive without neutral rows.
    """
    truth, category = rows["sentiment"].to_numpy(np.int64), rows["category"].to_numpy(str)
    result = {}
    for name in ("all", *dict.fromkeys(category.tolist())):
        at = np.flatnonzero((category == name) | (name == "all"))
        sure = at[truth[at] != NEUTRAL]
        pair = evaluate_labels(
            np.searchsorted(SIDES, truth[sure]), restrict(p[sure], SIDES), [LABEL_NAMES[i] for i in SIDES]
        )
        result[name] = (evaluate_labels(truth[at], p[at], LABEL_NAMES), pair)
    return result


def log_measures(title: str, found: dict[str, tuple[Metrics, Metrics]]) -> None:
    """Log one line per category."""
    for name, (three, pair) in found.items():
        LOG.info(
            "%s  comments %-14s n=%-5d acc %.3f  without neutral n=%-5d acc %.3f",
            title, name, three.n, three.accuracy.value, pair.n, pair.accuracy.value,
        )  # fmt: skip


def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, encoding="utf-8", quoting=csv.QUOTE_NONE)


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
