"""Arrow types of the labelled table, and the conversion of frames to Arrow tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from core.schema import EMOTION_COLUMNS, LABELLED_COLUMNS, ORIGINAL_PREFIX, Col

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PLAIN", "TYPES", "schema_for", "to_arrow", "union"]

#: Arrow type of each of our non-text columns.
TYPES: Final[dict[str, pa.DataType]] = {
    Col.ROW: pa.int64(),
    Col.ROW_NUMBER: pa.int64(),
    Col.TIME: pa.timestamp("us"),
    Col.RATING: pa.float32(),
    Col.TERMS: pa.list_(pa.string()),
    Col.LABEL: pa.int8(),
    Col.CONFIDENCE: pa.float32(),
    Col.P_NEGATIVE: pa.float32(),
    Col.P_NEUTRAL: pa.float32(),
    Col.P_POSITIVE: pa.float32(),
    Col.NEEDS_REVIEW: pa.bool_(),
    Col.WINDOWS: pa.int16(),
    Col.CUT: pa.bool_(),
    Col.EMOTION: pa.int8(),
    Col.P_EMOTION: pa.float32(),
    Col.P_OFFENSIVE: pa.float32(),
}
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")
#: Columns whose values hardly repeat, so that dictionary encoding would only cost time.
PLAIN: Final = (Col.TEXT, Col.CLEAN_TEXT, Col.TEXT_KEY)


def schema_for(columns: Iterable[str]) -> pa.Schema:
    """Return the Arrow schema of a labelled frame: our columns first, then the file's own as text."""
    names = list(columns)
    felt = [name for name in EMOTION_COLUMNS if name in names]
    own = [name for name in names if name.startswith(ORIGINAL_PREFIX)]
    return pa.schema([(name, TYPES.get(name, pa.string())) for name in (*LABELLED_COLUMNS, *felt, *own)])


def union(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Return one schema with the columns of all; the files' own are in order of first appearance."""
    names: dict[str, None] = {}
    for schema in schemas:
        names.update(dict.fromkeys(schema.names))
    return schema_for(names)


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Convert a labelled frame to an Arrow table with fixed types and column order.

    Lone surrogates, which some JSON exports contain and UTF-8 cannot encode, become U+FFFD.
    """
    schema = schema_for(frame.columns)
    return pa.table([_array(frame[field.name], field.type) for field in schema], schema=schema)


def _array(column: pd.Series, kind: pa.DataType) -> pa.Array:
    try:
        return pa.Array.from_pandas(column, type=kind)
    except (UnicodeEncodeError, pa.ArrowInvalid):
        if kind != pa.string():
            raise
        healed = [_HALF_PAIR.sub("\ufffd", str(text)) for text in column]
        return pa.array(healed, type=kind)
