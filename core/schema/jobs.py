"""Jobs: what decides a result, where it stands, and what a run reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from core.schema.columns import Reason
from core.schema.rows import CleanOptions, TableSource
from core.schema.scores import ScoreOptions

__all__ = [
    "DOUBTFUL_REFERENCE",
    "PROBLEMS_KEPT",
    "Job",
    "JobSpec",
    "JobState",
    "RowProblem",
    "RunReport",
    "default_name",
]


class JobState(StrEnum):
    """Where a job stands. PAUSED, CANCELLED, FAILED and an orphaned RUNNING can be resumed."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class JobSpec:
    """Everything that decides a job's result; its hash is the job's id.

    Attributes:
        sources: The tables in order, each with the mapping the person confirmed.
        backend: Registry name or folder.
        model_version: ``Backend.version``.
        clean: Cleaning options; ``reference_time`` and ``latest_time`` are not part of the id.
        score: Labelling options.
        name: What the person calls the job; not part of the id.
    """

    sources: tuple[TableSource, ...]
    backend: str
    model_version: str
    clean: CleanOptions
    score: ScoreOptions
    name: str = ""

    @property
    def is_mixed(self) -> bool:
        """Whether the tables call their comments, times and so on differently, so that no column holds them all."""
        return len({source.mapping for source in self.sources}) > 1


def default_name(sources: Sequence[TableSource]) -> str:
    """Return what a job over some tables is called when nobody gives it a name."""
    return sources[0].name + (f" 等 {len(sources)} 个表" if len(sources) > 1 else "")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One blank or rejected row in a report."""

    file: str
    row_number: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did; ``rows_in == scored + blank + duplicates + rejected`` always holds.

    Attributes:
        undated: Rows whose time could not be read, of those in tables with a time column.
        truncated: Rows longer than the model's limit, scored in windows.
        cut: Of these, rows with text beyond the last window that was not scored.
        ragged: Rows with more or fewer cells than the header.
        labels: Count per label over scored and duplicate rows, keys ``LABELS``.
        needs_review: Rows marked for review.
        problems: The first ``PROBLEMS_KEPT`` blank and rejected rows.
        reasons: Count per Reason.
        cache_hits: Scored texts answered from the score cache.
        seconds: Wall time per stage, keys read, clean, encode, score, store, total; stages run side by side.
        settings: The options in force, plain JSON values; ``reference_doubtful``: relative times were not counted.
    """

    rows_in: int
    scored: int
    blank: int
    duplicates: int
    rejected: int
    undated: int
    truncated: int
    cut: int
    ragged: int
    needs_review: int
    labels: dict[str, int]
    reasons: dict[str, int]
    problems: tuple[RowProblem, ...]
    backend: str
    model_version: str
    cache_hits: int
    seconds: dict[str, float]
    settings: dict[str, Any]


#: Why rows have no time where ``settings["reference_doubtful"]`` of a report is true; see ``core.clean.is_doubtful``.
DOUBTFUL_REFERENCE: Final = "文件的修改时间不会是导出的时间,“昨天”“3月1日”这类时间没有推算"

#: Blank and rejected rows listed one by one in a report; all of them stay in the labelled table.
PROBLEMS_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the catalogue knows it; times are UTC and aware."""

    id: str
    spec: JobSpec
    state: JobState
    created: datetime
    updated: datetime
    rows_done: int = 0
    rows_total: int | None = None
    error: str = ""
    report: RunReport | None = None
