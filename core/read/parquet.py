"""Parquet files: columns and rows as text, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.read.cells import text_of
from core.read.header import unique_names
from core.read.inflation import check_size, damaged
from core.read.rows import Row

_BATCH_ROWS = 4096


def columns(path: Path) -> tuple[str, ...]:
    """Return the column names.

    Raises:
        ReadError: R07 too large once inflated, R08 damaged.
    """
    with _opened(path) as file:
        return unique_names(file.schema_arrow.names)


def count(path: Path) -> int:
    """Return the number of rows from the file's metadata."""
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def rows(path: Path) -> Iterator[Row]:
    """Yield all rows, numbered from 1, including blank rows at the end."""
    number = 0
    with _opened(path) as file:
        try:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                texts = [_texts(column) for column in batch.columns]
                for cells in zip(*texts, strict=True):
                    number += 1
                    yield (number, list(cells), "")
        except (pa.ArrowException, OSError, ValueError) as exc:
            raise damaged(path.name) from exc
        if number != file.metadata.num_rows:
            raise damaged(path.name)


def _texts(column: Any) -> list[str]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    try:
        return [text_of(value) for value in column.to_pylist()]
    except OverflowError:  # a time outside Python's range of years
        return [text_of(value) for value in column.cast(pa.string()).to_pylist()]


def _opened(path: Path) -> Any:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as exc:
        raise damaged(path.name) from exc
    groups = file.metadata.num_row_groups
    check_size(path, sum(file.metadata.row_group(i).total_byte_size for i in range(groups)))
    return file
