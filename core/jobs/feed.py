"""Prefetching: one thread reads and cleans the next chunks while the model scores this one."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clean import clean
from core.prefetch import Prefetcher
from core.read import read
from core.schema import Col, JobSpec, RowChunk, Status

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Batch", "feed"]

#: Maximum number of prefetched chunks: enough that the model never waits, few enough to bound memory.
_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """Cleaned rows, ready to be scored.

    Attributes:
        first_row: Position of the batch's first row in the job.
        frame: The result of ``core.clean.clean``.
        facts: ragged and undated rows, read_seconds and clean_seconds.
    """

    first_row: int
    frame: pd.DataFrame
    facts: dict[str, float]


def feed(spec: JobSpec, *, rows_done: int, chunk_rows: int) -> Generator[Batch, None, None]:
    """Yield the rows of a job in order, prepared by a background thread that ends with the iterator.

    Args:
        spec: The job.
        rows_done: Rows to skip; the end of a stored chunk.
        chunk_rows: Maximum rows per batch.

    Raises:
        ReadError: As ``core.read.read``, when iteration reaches that row.
    """
    yield from Prefetcher(_batches(spec, rows_done, chunk_rows), depth=_AHEAD, name="tingfeng-feed")


def _batches(spec: JobSpec, rows_done: int, chunk_rows: int) -> Iterator[Batch]:
    position = 0
    read_seconds = 0.0
    for source in spec.sources:
        chunks = read(source, chunk_rows=chunk_rows)
        while True:
            started = time.perf_counter()
            chunk = next(chunks, None)
            read_seconds += time.perf_counter() - started
            if chunk is None:
                break
            if position >= rows_done and len(chunk.frame):
                yield _cleaned(chunk, spec, position, read_seconds)
                read_seconds = 0.0
            position += len(chunk.frame)


def _cleaned(chunk: RowChunk, spec: JobSpec, position: int, read_seconds: float) -> Batch:
    started = time.perf_counter()
    frame = clean(chunk, chunk.source.mapping, spec.clean, first_row=position)
    readable = frame[Col.STATUS] != Status.REJECTED
    undated = int((frame[Col.TIME].isna() & readable).sum()) if chunk.source.mapping.time else 0
    facts = {
        "ragged": float(chunk.ragged),
        "undated": float(undated),
        "read_seconds": read_seconds,
        "clean_seconds": time.perf_counter() - started,
    }
    return Batch(position, frame, facts)
