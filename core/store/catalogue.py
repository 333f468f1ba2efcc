"""The catalogue of jobs, their progress, and the corrections. Times are UTC."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import StoreError
from core.schema import LABELS, Job, JobSpec, JobState, RunReport, default_name, reading_notes
from core.store.database import Database

if TYPE_CHECKING:
    import sqlite3

    from pydantic import TypeAdapter

__all__ = ["Catalogue", "Correction"]

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    spec TEXT NOT NULL,
    chunk_rows INTEGER NOT NULL,
    state TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    rows_done INTEGER NOT NULL DEFAULT 0,
    rows_total INTEGER,
    error TEXT NOT NULL DEFAULT '',
    report TEXT,
    corrections INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS corrections (
    job TEXT NOT NULL REFERENCES jobs (id),
    row INTEGER NOT NULL,
    label INTEGER NOT NULL,
    at TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job, row)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wishes (
    job TEXT PRIMARY KEY,
    state TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """A user's label for one row.

    Attributes:
        row: Position in the job.
        label: Index into ``LABELS``.
        at: Time, UTC.
        note: Free text by the user.
    """

    row: int
    label: int
    at: datetime
    note: str = ""


class Catalogue:
    """Jobs and corrections in one SQLite file; safe to share between threads and processes.

    Args:
        path: The file.

    Raises:
        StoreError: S01 it cannot be opened, S02 it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _TABLES)

    def add(self, job_id: str, spec: JobSpec, *, chunk_rows: int, state: JobState) -> Job:
        """Add a job, or return the existing one with this id.

        An existing job keeps its reference times, latest time and chunk size, since its stored rows were made with
        them. It also keeps its name unless given a new one: the same files under other names do not rename it. Paths
        come from the new ``spec``.

        Args:
            job_id: See ``core.jobs.job_id``.
            spec: The job.
            chunk_rows: Rows per chunk.
            state: State of a new job; an existing one keeps its own.
        """
        now = _now()
        with self._database.transaction() as connection:
            known = connection.execute("SELECT spec FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if known is None:
                connection.execute(
                    "INSERT INTO jobs (id, spec, chunk_rows, state, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
                    (job_id, _dump(spec), chunk_rows, state, now, now),
                )
            else:
                before: JobSpec = _specs().validate_json(known["spec"])
                then = before.clean
                again = zip(spec.sources, before.sources, strict=True)
                sources = tuple(replace(source, exported=earlier.exported) for source, earlier in again)
                clean = replace(spec.clean, reference_time=then.reference_time, latest_time=then.latest_time)
                named = spec.name not in {"", default_name(spec.sources)}
                spec = replace(spec, sources=sources, clean=clean, name=spec.name if named else before.name)
                connection.execute("UPDATE jobs SET spec = ? WHERE id = ?", (_dump(spec), job_id))
        return self._known(job_id)

    def update(self, job_id: str, **values: Any) -> None:
        """Update a job's record.

        Args:
            job_id: The job.
            values: Any of ``state``, ``rows_done``, ``rows_total``, ``error`` and ``report``.
        """
        if isinstance(values.get("report"), RunReport):
            values["report"] = _reports().dump_json(values["report"]).decode()
        values["updated"] = _now()
        changes = ", ".join(f"{name} = ?" for name in values)
        with self._database.transaction() as connection:
            connection.execute(f"UPDATE jobs SET {changes} WHERE id = ?", (*values.values(), job_id))

    def move(self, job_id: str, before: Collection[JobState], after: JobState) -> bool:
        """Atomically change a job's state if it is one of ``before``; of several concurrent callers, one succeeds.

        Args:
            job_id: The job.
            before: States to change from.
            after: The new state; an earlier error is cleared.

        Returns:
            Whether it was changed.
        """
        places = ", ".join("?" * len(before))
        change = f"UPDATE jobs SET state = ?, error = '', updated = ? WHERE id = ? AND state IN ({places})"
        with self._database.transaction() as connection:
            return connection.execute(change, (after, _now(), job_id, *before)).rowcount > 0

    def request_state(self, job_id: str, state: JobState | None) -> None:
        """Request the process that runs a job to stop it in a given state; None withdraws the request."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM wishes WHERE job = ?", (job_id,))
            if state is not None:
                connection.execute("INSERT INTO wishes VALUES (?, ?)", (job_id, state))

    def requested_state(self, job_id: str) -> JobState | None:
        """Return the state in which a running job has been requested to stop."""
        rows = self._database.rows("SELECT state FROM wishes WHERE job = ?", (job_id,))
        return JobState(rows[0]["state"]) if rows else None

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None if there is none with this id."""
        rows = self._database.rows("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return _job(rows[0]) if rows else None

    def jobs(self, states: Collection[JobState] = tuple(JobState)) -> list[Job]:
        """Return all jobs, or those in some states, latest first.

        Reading the report of a job with many problems takes a millisecond, so restrict ``states`` where possible.
        """
        places = ", ".join("?" * len(states))
        sql = f"SELECT * FROM jobs WHERE state IN ({places}) ORDER BY created DESC, id"
        return [_job(row) for row in self._database.rows(sql, tuple(states))]

    def specs(self) -> list[JobSpec]:
        """Return the spec of every job."""
        return [_specs().validate_json(row["spec"]) for row in self._database.rows("SELECT spec FROM jobs")]

    def states(self) -> dict[JobState, int]:
        """Return the number of jobs in each state that occurs."""
        rows = self._database.rows("SELECT state, count(*) AS n FROM jobs GROUP BY state")
        return {JobState(row["state"]): row["n"] for row in rows}

    def chunk_rows(self, job_id: str) -> int:
        """Return the rows per chunk with which a job was begun."""
        return int(self._database.rows("SELECT chunk_rows FROM jobs WHERE id = ?", (job_id,))[0][0])

    def delete(self, job_id: str) -> None:
        """Permanently delete a job and its corrections."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM corrections WHERE job = ?", (job_id,))
            connection.execute("DELETE FROM wishes WHERE job = ?", (job_id,))
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
        self._database.shrink()

    def correct(self, job_id: str, rows: Sequence[int], label: int | None, note: str = "") -> None:
        """Set or remove corrections.

        Args:
            job_id: The job.
            rows: Positions in the job.
            label: Index into ``LABELS``; None removes the correction.
            note: Free text.

        Raises:
            StoreError: S08 no such label.
        """
        if label is not None and label not in range(len(LABELS)):
            raise StoreError("S08", f"没有编号为 {label} 的标签。", f"可用:0 到 {len(LABELS) - 1}。")
        self._known(job_id)
        now = _now()
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM corrections WHERE job = ? AND row = ?", [(job_id, r) for r in rows])
            if label is not None:
                values = [(job_id, row, label, now, note) for row in rows]
                connection.executemany("INSERT INTO corrections VALUES (?, ?, ?, ?, ?)", values)
            connection.execute("UPDATE jobs SET corrections = corrections + 1 WHERE id = ?", (job_id,))

    def corrections(self, job_id: str) -> list[Correction]:
        """Return the corrections of a job, ordered by row."""
        rows = self._database.rows("SELECT * FROM corrections WHERE job = ? ORDER BY row", (job_id,))
        return [Correction(r["row"], r["label"], datetime.fromisoformat(r["at"]), r["note"]) for r in rows]

    def corrected(self, job_id: str) -> int:
        """Return the number of corrected rows."""
        return int(self._database.rows("SELECT count(*) FROM corrections WHERE job = ?", (job_id,))[0][0])

    def corrections_version(self, job_id: str) -> int:
        """Return a counter that grows with every change of the job's corrections.

        Raises:
            StoreError: S05 there is no such job.
        """
        rows = self._database.rows("SELECT corrections FROM jobs WHERE id = ?", (job_id,))
        if not rows:
            raise _unknown(job_id)
        return int(rows[0][0])

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _known(self, job_id: str) -> Job:
        job = self.get(job_id)
        if job is None:
            raise _unknown(job_id)
        return job


def _unknown(job_id: str) -> StoreError:
    return StoreError("S05", f"没有这个任务:{job_id}。", "它可能已被删除,请刷新列表。")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


@cache
def _specs() -> TypeAdapter[JobSpec]:
    from pydantic import TypeAdapter

    return TypeAdapter(JobSpec)


@cache
def _reports() -> TypeAdapter[RunReport]:
    from pydantic import TypeAdapter

    return TypeAdapter(RunReport)


def _dump(spec: JobSpec) -> str:
    return _specs().dump_json(spec).decode()


def _job(row: sqlite3.Row) -> Job:
    spec: JobSpec = _specs().validate_json(row["spec"])
    return Job(
        id=row["id"],
        spec=spec,
        state=JobState(row["state"]),
        created=datetime.fromisoformat(row["created"]),
        updated=datetime.fromisoformat(row["updated"]),
        rows_done=row["rows_done"],
        rows_total=row["rows_total"],
        error=row["error"],
        report=_report(row["report"], spec) if row["report"] else None,
    )


def _report(stored: str, spec: JobSpec) -> RunReport:
    """Return a report; an older one without reading notes takes them from its job's tables."""
    report = _reports().validate_json(stored)
    return report if report.notes else replace(report, notes=reading_notes(spec.sources))
