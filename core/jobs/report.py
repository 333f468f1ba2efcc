"""The run report, computed from the stored rows, so that an interrupted job reports the same."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from core.clean import is_doubtful
from core.schema import (
    LABELS,
    PROBLEMS_KEPT,
    Col,
    JobSpec,
    Reason,
    RowProblem,
    RunReport,
    Status,
    reading_notes,
)
from core.score import split_cascade
from core.store import LabelledTable

__all__ = ["summarise"]

_COUNTS: Final = f"""
SELECT count(*) AS rows_in,
       count(*) FILTER (WHERE {Col.STATUS} = '{Status.SCORED}') AS scored,
       count(*) FILTER (WHERE {Col.STATUS} = '{Status.BLANK}') AS blank,
       count(*) FILTER (WHERE {Col.STATUS} = '{Status.DUPLICATE}') AS duplicates,
       count(*) FILTER (WHERE {Col.STATUS} = '{Status.REJECTED}') AS rejected,
       count(*) FILTER (WHERE {Col.WINDOWS} > 1) AS truncated,
       count(*) FILTER (WHERE {Col.CUT}) AS cut,
       count(*) FILTER (WHERE {Col.NEEDS_REVIEW}) AS needs_review,
       count(*) FILTER (WHERE {Col.REEXPORTED}) AS reexported
FROM comments
"""
_REASONS: Final = f"""
SELECT {Col.REASON} AS reason, count(*) AS n FROM comments WHERE {Col.REASON} <> '' GROUP BY reason ORDER BY reason
"""
_PROBLEMS: Final = f"""
SELECT {Col.FILE} AS file, {Col.ROW_NUMBER} AS number, {Col.REASON} AS reason FROM comments
WHERE {Col.STATUS} IN ('{Status.BLANK}', '{Status.REJECTED}') ORDER BY "{Col.ROW}" LIMIT {PROBLEMS_KEPT}
"""
_LABELS: Final = f"""
SELECT {Col.MODEL_LABEL} AS own, count(*) AS n FROM comments WHERE {Col.MODEL_LABEL} >= 0 GROUP BY own
"""
_NEWEST: Final = f"SELECT {Col.FILE} AS file, max({Col.TIME}) AS newest FROM comments GROUP BY 1"
_STAGES: Final = ("read", "clean", "encode", "score", "store", "total")


def summarise(spec: JobSpec, table: LabelledTable, facts: dict[str, float]) -> RunReport:
    """Summarise a finished job.

    Args:
        spec: The job.
        table: Its labelled rows; corrections do not change the report.
        facts: ``Chunks.facts``.
    """
    counts = {str(name): int(values[0]) for name, values in table.query(_COUNTS).to_dict("list").items()}
    labels = table.query(_LABELS)
    by_label = dict(zip(labels["own"].tolist(), labels["n"].tolist(), strict=True))
    reasons = table.query(_REASONS)
    problems = table.query(_PROBLEMS)
    return RunReport(
        **counts,
        undated=int(facts.get("undated", 0)),
        ragged=int(facts.get("ragged", 0)),
        labels={name: int(by_label.get(i, 0)) for i, name in enumerate(LABELS)},
        reasons={str(reason): int(n) for reason, n in zip(reasons["reason"], reasons["n"], strict=True)},
        problems=tuple(
            RowProblem(file, number, Reason(reason))
            for file, number, reason in zip(*(problems[c].tolist() for c in problems.columns), strict=True)
        ),
        backend=spec.backend,
        model_version=spec.model_version,
        cache_hits=int(facts.get("cache_hits", 0)),
        seconds={stage: round(facts.get(f"{stage}_seconds", 0.0), 3) for stage in _STAGES},
        settings=_settings(spec) | _cascade(spec, facts) | {"reference_doubtful": _is_doubtful(spec, table)},
        notes=reading_notes(spec.sources),
    )


def _is_doubtful(spec: JobSpec, table: LabelledTable) -> bool:
    """Return whether, for some rows, 昨天 and 3月1日 could not be resolved from the file's modification time."""
    found = table.query(_NEWEST)
    newest = dict(zip(found["file"], found["newest"], strict=True))  # NaT, if no row has a time, compares as not later
    return any(
        is_doubtful(source.exported or spec.clean.reference_time, spec.clean.latest_time, newest.get(source.name))
        for source in spec.sources
    )


def _cascade(spec: JobSpec, facts: dict[str, float]) -> dict[str, object]:
    """Return the cascade's threshold, second model and texts sent to it; cached texts are not counted."""
    cascade = split_cascade(spec.backend)
    if cascade is None:
        return {}
    asked = int(facts.get("second_texts", 0))
    return {"cascade_threshold": cascade[0], "cascade_second": cascade[1], "cascade_second_texts": asked}


def _settings(spec: JobSpec) -> dict[str, object]:
    clean = asdict(spec.clean)
    clean["reference_time"] = spec.clean.reference_time.isoformat(sep=" ")
    del clean["latest_time"]  # when the job was created: not an option, and it varies for the same rows
    clean["user_words"] = list(spec.clean.user_words)
    return {**clean, **asdict(spec.score)}
