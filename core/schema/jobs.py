"""Jobs: what determines a result, its state, and the report of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from core.schema.columns import LABELS, NEUTRAL, Reason
from core.schema.rows import CleanOptions, TableSource
from core.schema.scores import ScoreOptions

__all__ = [
    "ACTIVE_STATES",
    "DOUBTFUL_REFERENCE",
    "PROBLEMS_KEPT",
    "Job",
    "JobSpec",
    "JobState",
    "ReadingNote",
    "RowProblem",
    "RunReport",
    "default_name",
    "reading_notes",
    "say_neutral",
    "say_notes",
]


class JobState(StrEnum):
    """State of a job. PAUSED, CANCELLED, FAILED and an orphaned RUNNING can be resumed."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FAILED = "failed"
    DONE = "done"


#: States of a job that waits or runs.
ACTIVE_STATES: Final = frozenset({JobState.QUEUED, JobState.RUNNING})


@dataclass(frozen=True, slots=True)
class JobSpec:
    """Everything that determines a job's result; its hash is the job's id.

    Attributes:
        sources: The tables in order, each with the mapping the user confirmed.
        backend: Registry name or folder.
        model_version: ``Backend.version``.
        clean: Cleaning options; ``reference_time`` and ``latest_time`` are not part of the id.
        score: Labelling options.
        name: The user's name for the job; not part of the id.
    """

    sources: tuple[TableSource, ...]
    backend: str
    model_version: str
    clean: CleanOptions
    score: ScoreOptions
    name: str = ""

    @property
    def is_mixed(self) -> bool:
        """Whether the tables name their columns differently, so that no single column holds all comments, times, …."""
        mappings = [source.mapping for source in self.sources]
        named = zip(*((m.text, m.time, m.source, m.product, m.rating, m.author) for m in mappings), strict=True)
        # a missing column is not a different name
        return any(len({name for name in names if name}) > 1 for names in named)


def default_name(sources: Sequence[TableSource]) -> str:
    """Return the default name of a job over some tables."""
    return sources[0].name + (f" 等 {len(sources)} 个表" if len(sources) > 1 else "")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One blank or rejected row in a report."""

    file: str
    row_number: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """A Chinese note on how a table was read; see ``TableSource.notes``."""

    file: str
    note: str


def reading_notes(sources: Iterable[TableSource]) -> tuple[ReadingNote, ...]:
    """Return the notes on some tables, in order, without duplicates."""
    return tuple(dict.fromkeys(ReadingNote(source.name, note) for source in sources for note in source.notes))


def say_notes(notes: Iterable[ReadingNote]) -> list[str]:
    """Format notes for display; a note that several tables share lists their names, up to five.

    Example:
        >>> say_notes([ReadingNote("甲.csv", "没有找到表头。"), ReadingNote("乙.csv", "没有找到表头。")])
        ['甲.csv、乙.csv:没有找到表头。']
    """
    files: dict[str, list[str]] = {}
    for one in notes:
        files.setdefault(one.note, []).append(one.file)
    return [f"{_few(names)}:{note}" for note, names in files.items()]


def _few(names: Sequence[str]) -> str:
    shown = "、".join(names[:_FILES_NAMED])
    return shown if len(names) <= _FILES_NAMED else f"{shown} 等 {len(names):,} 个"


@dataclass(frozen=True, slots=True)
class RunReport:
    """The outcome of a run; ``rows_in == scored + blank + duplicates + rejected`` always holds.

    Attributes:
        undated: Rows whose time could not be parsed, in tables with a time column.
        truncated: Rows longer than the model's limit, scored in windows.
        cut: Of these, rows with text beyond the last window that was not scored.
        ragged: Rows with more or fewer cells than the header.
        labels: Count per label over scored and duplicate rows, keys ``LABELS``.
        needs_review: Rows marked for review.
        problems: The first ``PROBLEMS_KEPT`` blank and rejected rows.
        reasons: Count per Reason.
        cache_hits: Scored texts found in the score cache.
        seconds: Wall time per stage, keys read, clean, encode, score, store, total; stages overlap in time.
        settings: The options in force, plain JSON values; ``reference_doubtful``: relative times were not resolved.
        notes: Notes on how the tables were read; those of ``JobSpec.sources``.
        reexported: Of the duplicates, rows that are the same comment as an earlier row, exported again.
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
    notes: tuple[ReadingNote, ...] = ()
    reexported: int = 0


#: A table of opinions is seldom so neutral; one of facts (complaints as an office writes them down) or of wishes is.
_MOSTLY_NEUTRAL: Final = 0.8
_NEUTRAL_ROWS: Final = 50


def say_neutral(labels: Mapping[str, int]) -> str:
    """Say what it may mean that nearly all comments are neutral, and what to do; "" where they are not.

    Args:
        labels: Count per label, keys ``LABELS``.

    Example:
        >>> say_neutral({"负面": 21, "中性": 570, "正面": 9})[:13]
        '95.0% 的评论判为中性'
        >>> say_neutral({"负面": 300, "中性": 200, "正面": 100})
        ''
    """
    total, neutral = sum(labels.values()), labels.get(LABELS[NEUTRAL], 0)
    if total < _NEUTRAL_ROWS or neutral < _MOSTLY_NEUTRAL * total:
        return ""
    return (
        f"{neutral / total:.1%} 的评论判为中性。只陈述事实、只提建议的文字(热线工单、新闻、问卷的建议栏)会这样。"
        "请先核对评论列选得对不对;要看说了哪些好坏,方面分析逐句判断,比整条的情感更能说明问题。"
    )


#: Why rows have no time if ``settings["reference_doubtful"]`` of a report is true; see ``core.clean.is_doubtful``.
DOUBTFUL_REFERENCE: Final = "文件的修改时间不会是导出的时间,“昨天”“3月1日”这类时间没有推算"

#: Blank and rejected rows listed one by one in a report; all of them stay in the labelled table.
PROBLEMS_KEPT: Final = 1000

#: Maximum number of tables that a note names.
_FILES_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Job:
    """A job in the catalogue; times are timezone-aware UTC."""

    id: str
    spec: JobSpec
    state: JobState
    created: datetime
    updated: datetime
    rows_done: int = 0
    rows_total: int | None = None
    error: str = ""
    report: RunReport | None = None
