"""Files labelled earlier: their labels become a labelled table without running a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.clean import Deduper
from core.jobs.feed import feed
from core.jobs.spec import clean_options, job_id
from core.schema import (
    EXPORT_COLUMNS,
    LABELS,
    Col,
    JobSpec,
    JobState,
    ScoreOptions,
    Status,
    TableSource,
    exported,
    holds_labels,
    original,
)
from core.settings import Settings
from core.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["has_labels", "read_labels"]

_LABEL, _CONFIDENCE, _NEGATIVE, _NEUTRAL, _POSITIVE, _REVIEW = EXPORT_COLUMNS
_BACKEND: Final = "file"
_PLACES: Final = {name: i for i, name in enumerate(LABELS)}


def has_labels(source: TableSource) -> bool:
    """Return whether a table is one of our exports, with a label and the probability of 负面 in each row."""
    return holds_labels(source.columns)


def read_labels(
    sources: Sequence[TableSource], store: Store, settings: Settings, *, rows: Callable[[int], None] | None = None
) -> str:
    """Read tables together with their labels.

    Args:
        sources: Tables for which ``has_labels`` is true.
        store: Where the rows go; preferably in a temporary folder.
        settings: For the time zone and the chunk size.
        rows: Called with the number of rows read so far.

    Returns:
        The id of a job in ``store`` that holds the rows in file order. A row with an unknown label, or with no text to
        score, is blank.

    Raises:
        ReadError: A file cannot be read.
        StoreError: S01, S03 the data folder cannot be written.
    """
    spec = JobSpec(tuple(sources), _BACKEND, _BACKEND, clean_options(sources, settings), ScoreOptions())
    identity = job_id(spec)
    chunks = store.chunks(identity)
    seen = Deduper()
    for batch in feed(spec, rows_done=0, chunk_rows=settings.chunk_rows):
        chunks.write(_labelled(batch.frame, seen), first_row=batch.first_row, facts=batch.facts)
        if rows is not None:
            rows(batch.first_row + len(batch.frame))
    store.catalogue.add(identity, spec, chunk_rows=settings.chunk_rows, state=JobState.DONE)
    return identity


def _labelled(frame: pd.DataFrame, seen: Deduper) -> pd.DataFrame:
    """Add the score columns of a job to cleaned rows, from the file's own columns; ``seen`` holds earlier texts."""
    own = {name: exported([c.removeprefix(original("")) for c in frame.columns], name) for name in EXPORT_COLUMNS}
    said = _texts(frame, own[_LABEL])
    places = np.array([_PLACES.get(name, -1) for name in said.tolist()], np.int8)
    label = np.where((frame[Col.STATUS] == Status.PENDING).to_numpy(), places, np.int8(-1)).astype(np.int8)
    known = label >= 0
    numbers = {
        name: np.where(known, _numbers(frame, own[name]), np.nan).astype(np.float32)
        for name in (_NEGATIVE, _NEUTRAL, _POSITIVE, _CONFIDENCE)
    }
    again = seen.mark(np.where(known, frame[Col.TEXT_KEY].to_numpy(dtype=object), "").tolist())
    told = np.select([~known, again], [Status.BLANK, Status.DUPLICATE], Status.SCORED)
    status = frame[Col.STATUS].where(frame[Col.STATUS] != Status.PENDING, told)
    labelled = frame.copy(deep=False)
    labelled[Col.STATUS] = [str(one) for one in status]
    labelled[Col.LABEL] = label
    labelled[Col.CONFIDENCE] = numbers[_CONFIDENCE]
    labelled[Col.P_NEGATIVE], labelled[Col.P_NEUTRAL] = numbers[_NEGATIVE], numbers[_NEUTRAL]
    labelled[Col.P_POSITIVE] = numbers[_POSITIVE]
    labelled[Col.NEEDS_REVIEW] = known & (_texts(frame, own[_REVIEW]) == "是")
    labelled[Col.WINDOWS] = known.astype(np.int16)
    labelled[Col.CUT] = np.zeros(len(frame), np.bool_)
    return labelled


def _texts(frame: pd.DataFrame, column: str | None) -> np.ndarray:
    if column is None:
        return np.full(len(frame), "", dtype=object)
    return frame[original(column)].astype(str).str.strip().to_numpy(dtype=object)


def _numbers(frame: pd.DataFrame, column: str | None) -> np.ndarray:
    import pandas as pd

    return pd.to_numeric(pd.Series(_texts(frame, column)), errors="coerce").to_numpy(np.float64)
