"""The jobs of several processes that serve as one: a common queue in the catalogue, one of them works at a time.

Whoever holds the turn (a lock that the system takes from a dead process) runs the job that has waited longest. What a
process wants of a job that another one runs it writes into the catalogue as a wish; who runs it looks there.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from core.errors import JobError, StoreError
from core.jobs.manager import RESUMABLE, Jobs
from core.jobs.progress import Meter, Progress, Stage
from core.jobs.spec import job_id
from core.schema import Job, JobSpec, JobState

__all__ = ["SharedJobs"]

#: The lock of the turn: shorter than any job's id.
_TURN: Final = "00000000"
_LOOK_SECONDS: Final = 0.5
_END_SECONDS: Final = 60.0
_UNDER_WAY: Final = frozenset({JobState.QUEUED, JobState.RUNNING})


class SharedJobs(Jobs):
    """What ``Jobs`` is for one process, for each of several over one data folder; the arguments are the same."""

    def _begin(self) -> None:
        # nothing to release: a queued job waits for whoever has the turn, a running one is looked at by ``_next``
        self._looked = 0.0
        self._meters: dict[str, Meter] = {}

    def progress(self, identity: str) -> Progress:
        """Return how far a job is; of one that another process runs, the rate since it was first asked for here.

        Raises:
            JobError: J04 there is none of this id.
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
        """Queue a job; one that is finished or queued already, also by another process, is returned as it is.

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
            JobError: J04 there is none of this id, J05 it is finished, waits or runs already.
        """
        job = self.get(identity)
        if self._closed or not self.store.catalogue.move(identity, RESUMABLE, JobState.QUEUED):
            raise JobError("J05", f"任务现在不能继续(状态:{job.state})。", "请刷新后再试。")
        with self._change:
            self._change.notify_all()
        return self.get(identity)

    def delete(self, identity: str) -> None:
        """Delete a job and all that belongs to it, for good; a running one is stopped first, wherever it runs.

        Raises:
            JobError: J04 there is none of this id.
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
        """Wait until a job neither waits nor runs anywhere, and return it; on a time-out, as it is then."""
        until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while (job := self.get(identity)).state in _UNDER_WAY and (until is None or time.monotonic() < until):
            time.sleep(_LOOK_SECONDS / 5)
        return job

    def _halt(self, identity: str, state: JobState) -> None:
        if self.store.catalogue.move(identity, {JobState.QUEUED}, state):
            return
        job = self.get(identity)
        if job.state is not JobState.RUNNING:
            raise JobError("J05", f"任务现在没有在运行(状态:{job.state})。", "请刷新后再试。")
        self.store.catalogue.wish(identity, state)
        self._looked = 0.0

    def _work(self) -> None:
        while not self._closed:
            with suppress(StoreError), self.store.lock(_TURN):  # another has the turn, or the disk refuses: later
                while not self._closed and (identity := self._next()) is not None:
                    self._take(identity)
            with self._change:
                if not self._closed:
                    self._change.wait(_LOOK_SECONDS)

    def _next(self) -> str | None:
        """Return the job whose turn it is; what a dead process left running waits again."""
        free = [job for job in self.store.catalogue.jobs(_UNDER_WAY) if self.store.free(job.id)]
        for job in free:
            self.store.catalogue.move(job.id, {JobState.RUNNING}, JobState.QUEUED)
        return min(free, key=_age).id if free else None

    def _take(self, identity: str) -> None:
        self.store.catalogue.wish(identity, None)
        with self._change:
            self._running, self._stop_as = identity, None
        try:
            self._run(identity)
        finally:
            self.store.catalogue.wish(identity, None)
            with self._change:
                self._running = None
                self._progress.pop(identity, None)
                self._change.notify_all()

    def _asked_to_stop(self) -> bool:
        if self._closed:
            self._stop_as = JobState.QUEUED  # another process, or this one the next time, goes on
        elif self._running is not None and time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            self._stop_as = self.store.catalogue.wished(self._running)
        return self._stop_as is not None


def _age(job: Job) -> tuple[object, str]:
    return job.updated, job.id
