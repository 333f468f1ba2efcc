"""Chunks of rows built by hand for the tests of clean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from core.clean import clean
from core.schema import CleanOptions, Mapping, RowChunk, TableSource

REFERENCE = datetime(2024, 3, 5, 10, 0)


def make_chunk(columns: dict[str, list[str]], *, reasons: Sequence[str] = (), default_source: str = "") -> RowChunk:
    frame = pd.DataFrame(columns, dtype="str")
    source = TableSource(
        path=Path("评论.csv"),
        name="评论.csv",
        format="csv",
        columns=tuple(columns),
        mapping=Mapping(),
        sha256="0" * 64,
        size_bytes=1,
        default_source=default_source,
    )
    why = np.array(list(reasons) or [""] * len(frame), dtype=object)
    return RowChunk(source, frame, np.arange(2, len(frame) + 2, dtype=np.int64), why)


def clean_rows(texts: list[str], *, mask_pii: bool = False, user_words: tuple[str, ...] = ()) -> pd.DataFrame:
    options = CleanOptions(REFERENCE, mask_pii=mask_pii, user_words=user_words)
    return clean(make_chunk({"评论": texts}), Mapping(text=("评论",)), options, first_row=0)
