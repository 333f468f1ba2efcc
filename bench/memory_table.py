"""A labelled table in memory with the query interface of the one on disk; used by benchmarks and tests of analyses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from core.schema import EMOTION_COLUMNS, LABELLED_COLUMNS, Col, Status, original_names

DEFAULTS: dict[str, Any] = {
    Col.FILE: "评论.csv",
    Col.TEXT: "",
    Col.TEXT_KEY: "",
    Col.CLEAN_TEXT: "",
    Col.TIME: pd.NaT,
    Col.SOURCE: "",
    Col.PRODUCT: "",
    Col.RATING: np.nan,
    Col.AUTHOR: "",
    Col.COMMENT_ID: "",
    Col.STATUS: str(Status.SCORED),
    Col.REASON: "",
    Col.LABEL: 1,
    Col.CONFIDENCE: 0.8,
    Col.P_NEGATIVE: 0.1,
    Col.P_NEUTRAL: 0.8,
    Col.P_POSITIVE: 0.1,
    Col.NEEDS_REVIEW: False,
    Col.WINDOWS: 1,
    Col.CUT: False,
    Col.EMOTION: -1,
    Col.P_EMOTION: np.nan,
    Col.P_OFFENSIVE: np.nan,
    Col.REEXPORTED: False,
}
TYPES = {
    **{name: "str" for name, value in DEFAULTS.items() if value == ""},
    Col.LABEL: "int8",
    Col.RATING: "float32",
    Col.CONFIDENCE: "float32",
    Col.TIME: "datetime64[us]",
    Col.ROW: "int64",
}


class MemoryTable:
    """``schema.Table`` over a frame."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._connection = duckdb.connect()
        self._connection.register("given", frame)
        # an empty column of terms has no type of its own
        self._connection.execute(
            f"CREATE TABLE comments AS SELECT * REPLACE ({Col.TERMS}::VARCHAR[] AS {Col.TERMS}) FROM given"
        )
        self.original_columns = original_names(frame.columns)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        return self._connection.cursor().execute(sql, list(parameters)).df()


def make_table(rows: Sequence[dict[str, Any]]) -> MemoryTable:
    """Build a table from rows that specify only the relevant fields."""
    originals = list(dict.fromkeys(name for row in rows for name in row if name.startswith("src:")))
    columns: dict[str, Any] = {}
    for name in (*LABELLED_COLUMNS, *EMOTION_COLUMNS, Col.REEXPORTED, *originals):
        columns[name] = [row.get(name, _default(name, i)) for i, row in enumerate(rows)]
    frame = pd.DataFrame(columns)
    return MemoryTable(frame.astype({**dict.fromkeys(originals, "object"), **TYPES}))


def _default(name: str, i: int) -> Any:
    if name in (Col.ROW, Col.ROW_NUMBER):
        return i if name == Col.ROW else i + 2
    if name == Col.TERMS:
        return []
    return DEFAULTS.get(name, "")
