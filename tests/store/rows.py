"""Labelled rows made by hand for the tests of store/, export/ and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from core.clean import text_key
from core.schema import (
    LABELLED_COLUMNS,
    CleanOptions,
    Col,
    JobSpec,
    Mapping,
    ScoreOptions,
    Status,
    TableSource,
    original,
)

TEXTS = ("物流太慢了", "味道一般", "非常喜欢", "", "质量很差", "好用不贵", "物流太慢了")
LABELS_OF = (0, 1, 2, -1, 0, 2, 0)
STATUSES = (
    Status.SCORED,
    Status.SCORED,
    Status.SCORED,
    Status.BLANK,
    Status.SCORED,
    Status.SCORED,
    Status.DUPLICATE,
)


def labelled(n: int, *, first: int = 0, own: Sequence[str] = ("订单号", "评论")) -> pd.DataFrame:
    """n rows that repeat TEXTS, each with its own order number."""
    places = [(first + i) % len(TEXTS) for i in range(n)]
    texts = [TEXTS[p] for p in places]
    label = np.array([LABELS_OF[p] for p in places], np.int8)
    confidence = np.where(label < 0, np.nan, 0.5 + 0.05 * np.array(places)).astype(np.float32)
    frame = pd.DataFrame(
        {
            Col.ROW: np.arange(first, first + n, dtype=np.int64),
            Col.FILE: "a.csv",
            Col.ROW_NUMBER: np.arange(first, first + n, dtype=np.int64) + 2,
            Col.TEXT: texts,
            Col.CLEAN_TEXT: texts,
            Col.TEXT_KEY: [text_key(t) if t else "" for t in texts],
            Col.TIME: pd.Series([pd.Timestamp(2026, 9, 1 + p) for p in places], dtype="datetime64[us]"),
            Col.SOURCE: "微博",
            Col.PRODUCT: "",
            Col.RATING: np.full(n, np.nan, np.float32),
            Col.AUTHOR: "",
            Col.COMMENT_ID: "",
            Col.STATUS: [str(STATUSES[p]) for p in places],
            Col.REASON: ["empty" if not t else "" for t in texts],
            Col.TERMS: [[t[:2], t[2:]] if t else [] for t in texts],
            Col.LABEL: label,
            Col.CONFIDENCE: confidence,
            Col.P_NEGATIVE: np.where(label == 0, confidence, np.where(label < 0, np.nan, 0)).astype(np.float32),
            Col.P_NEUTRAL: np.where(label == 1, confidence, np.where(label < 0, np.nan, 0)).astype(np.float32),
            Col.P_POSITIVE: np.where(label == 2, confidence, np.where(label < 0, np.nan, 0)).astype(np.float32),
            Col.NEEDS_REVIEW: (confidence < 0.6),
            Col.WINDOWS: (label >= 0).astype(np.int16),
            Col.CUT: np.zeros(n, bool),
        }
    )[list(LABELLED_COLUMNS)]
    for i, name in enumerate(own):
        frame[original(name)] = texts if name == "评论" else [f"{name}{i}-{row}" for row in range(first, first + n)]
    return frame


def spec(
    *, sha256: str = "ab" * 32, path: Path = Path("/nowhere/a.csv"), name: str = "一月", **changes: object
) -> JobSpec:
    """A job over one table."""
    source = TableSource(
        path=path,
        name="a.csv",
        format="csv",
        columns=("订单号", "评论"),
        mapping=Mapping(text=("评论",)),
        sha256=sha256,
        size_bytes=10,
    )
    values: dict[str, object] = {
        "sources": (source,),
        "backend": "builtin",
        "model_version": "v" * 16,
        "clean": CleanOptions(datetime(2026, 9, 30, 12)),
        "score": ScoreOptions(),
        "name": name,
        **changes,
    }
    return JobSpec(**values)  # type: ignore[arg-type]
