"""Jobs shared by several worker processes: a common queue in the catalogue, of which one process works at a time.

The process that holds the queue lock (which the system releases when a process dies) runs the job that has waited
longest. Requests about a job that another process runs go into the catalogue, where that process polls for them.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from core.errors import JobError, StoreError
from core.jobs.manager import RESUMABLE, Jobs
from core.jobs.progress import Meter, Progress, Stage
from core.jobs.spec import job_id
from core.schema import ACTIVE_STATES, Job, JobSpec, JobState

__all__ = ["SharedJobs"]

#: Name of the queue lock: shorter than any job id.
_TURN: Final = "00000000"
_LOOK_SECONDS: Final = 0.5
_END_SECONDS: Final = 60.0


class SharedJobs(Jobs):
    """The counterpart of ``Jobs`` for several processes over one data folder; same arguments."""

    def _begin(self) -> None:
        # Nothing to release: a queued job waits for the lock holder, and ``_next`` checks the running ones.
        self._looked = 0.0
        self._meters: dict[str, Meter] = {}

    def progress(self, identity: str) -> Progress:
        """Return a job's progress; if another process runs it, the rate counts from the first call here.

        Raises:
            JobError: J04 there is no job with this id.
        """
        job = self.get(identity)
        if job.state is JobState.QUEUED:
            return Progress(job.rows_done, job.rows_total, 0.0, None, Stage.WAITING)
        with self._change:
            if job.state is not JobState.RUNNING or identity == self._running:
                self._meters.pop(identity, None)
                return super().progress(identity)
            meter = self._meters.setdefault(identity, Meter(job.rows_done, job.rows_total))
            return meter.at(job.rows_done, Stage.SCORING, total=job.rows_total)

    def submit(self, spec: JobSpec) -> Job:
        """Queue a job; one that is finished or queued already, even by another process, is returned unchanged.

        Args:
            spec: See ``core.jobs.new_spec``.

        Raises:
            JobError: J05 the manager is shut down.
        """
        try:
            return super().submit(spec)
        except JobError:
            if self._closed:
                raise
            return self.get(job_id(spec))

    def resume(self, identity: str) -> Job:
        """Queue a paused, cancelled or failed job again.

        Raises:
            JobError: J04 there is no job with this id, J05 it is finished, queued or running already.
        """
        job = self.get(identity)
        if self._closed or not self.store.catalogue.move(identity, RESUMABLE, JobState.QUEUED):
            raise JobError("J05", f"任务现在不能继续(状态:{job.state})。", "请刷新后再试。")
        with self._change:
            self._change.notify_all()
        return self.get(identity)

    def delete(self, identity: str) -> None:
        """Permanently delete a job and everything that belongs to it; a running one is stopped first, wherever it runs.

        Raises:
            JobError: J04 there is no job with this id.
            StoreError: S09 it does not stop.
        """
        self.get(identity)
        with suppress(JobError):
            self._halt(identity, JobState.CANCELLED)
        until = time.monotonic() + _END_SECONDS
        while time.monotonic() < until and not self.store.free(identity):
            time.sleep(_LOOK_SECONDS / 5)
        super().delete(identity)

    def wait(self, identity: str, timeout_seconds: float | None = None) -> Job:
        """Wait until a job is neither queued nor running anywhere, and return it; on a timeout, as it is then."""
        until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while (job := self.get(identity)).state in ACTIVE_STATES and (until is None or time.monotonic() < until):
            time.sleep(_LOOK_SECONDS / 5)
        return job

    def _halt(self, identity: str, state: JobState) -> None:
        if self.store.catalogue.move(identity, {JobState.QUEUED}, state):
            return
        job = self.get(identity)
        if job.state is not JobState.RUNNING:
            raise JobError("J05", f"任务现在没有在运行(状态:{job.state})。", "请刷新后再试。")
        self.store.catalogue.request_state(identity, state)
        self._looked = 0.0

    def _work(self) -> None:
        while not self._closed:
            with suppress(StoreError), self.store.lock(_TURN):  # lock held elsewhere, or disk error: retry later
                while not self._closed and (identity := self._next()) is not None:
                    self._take(identity)
            with self._change:
                if not self._closed:
                    self._change.wait(_LOOK_SECONDS)

    def _next(self) -> str | None:
        """Return the next job to run; jobs left running by a dead process are queued again."""
        free = [job for job in self.store.catalogue.jobs(ACTIVE_STATES) if self.store.free(job.id)]
        for job in free:
            self.store.catalogue.move(job.id, {JobState.RUNNING}, JobState.QUEUED)
        return min(free, key=_age).id if free else None

    def _take(self, identity: str) -> None:
        self.store.catalogue.request_state(identity, None)
        with self._change:
            self._running, self._stop_as = identity, None
        try:
            self._run(identity)
        finally:
            self.store.catalogue.request_state(identity, None)
            with self._change:
                self._running = None
                self._progress.pop(identity, None)
                self._change.notify_all()

    def _asked_to_stop(self) -> bool:
        if self._closed:
            self._stop_as = JobState.QUEUED  # another process continues it, or this one after a restart
        elif self._running is not None and time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            self._stop_as = self.store.catalogue.requested_state(self._running)
        return self._stop_as is not None


def _age(job: Job) -> tuple[object, str]:
    return job.updated, job.id
