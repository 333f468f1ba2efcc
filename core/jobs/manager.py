"""The jobs of one process: a queue, one worker thread, and the operations that pages and the API call."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress

from core.errors import JobError, TingfengError
from core.jobs.progress import Progress, Stage
from core.jobs.run import run
from core.jobs.spec import job_id
from core.schema import Backend, Job, JobSpec, JobState
from core.settings import get_settings
from core.store import LabelledTable, Store

__all__ = ["RESUMABLE", "Jobs"]

#: States from which a job can be queued again.
RESUMABLE = frozenset({JobState.PAUSED, JobState.CANCELLED, JobState.FAILED})
#: Uploads that never became a job are kept this long, for a user who is still choosing columns.
_UNUSED_UPLOAD_DAYS = 2.0
#: Maximum number of tables with an open database: each has a thread per core and takes a few megabytes.
_OPEN_TABLES = 8


class Jobs:
    """Runs jobs one at a time in a thread; all methods are thread-safe.

    Args:
        store: The data folder.
        load_backend: Returns the model of a name; called in the worker, so it may be slow.

    Raises:
        StoreError: S01, S02 the data folder cannot be used.
    """

    def __init__(self, store: Store, load_backend: Callable[[str], Backend]) -> None:
        self.store = store
        self._load_backend = load_backend
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._change = threading.Condition()
        self._progress: dict[str, Progress] = {}
        self._waiting: set[str] = set()
        self._running: str | None = None
        self._stop_as: JobState | None = None
        self._closed = False
        self._tables: dict[str, LabelledTable] = {}
        self._begin()
        self._keeping = ExitStack()
        self._keeping.enter_context(store.keeping_queue())
        store.uploads.keep_only(store.used_files(), older_than_days=_UNUSED_UPLOAD_DAYS)
        # A daemon thread: an exiting interpreter must not wait for the model; stored rows are kept.
        self._worker = threading.Thread(target=self._work, name="tingfeng-jobs", daemon=True)
        self._worker.start()

    def _begin(self) -> None:
        """Take over the jobs left by a process that died."""
        self.store.release_orphans()

    def submit(self, spec: JobSpec) -> Job:
        """Queue a job; one that is already finished or queued is returned unchanged.

        Args:
            spec: See ``core.jobs.new_spec``.

        Raises:
            JobError: J05 the manager is shut down.
        """
        identity = job_id(spec)
        chunk_rows = get_settings().chunk_rows
        self.store.catalogue.add(identity, spec, chunk_rows=chunk_rows, state=JobState.PAUSED)
        return self.resume(identity) if self.get(identity).state in RESUMABLE else self.get(identity)

    def get(self, identity: str) -> Job:
        """Return a job.

        Raises:
            JobError: J04 there is no job with this id.
        """
        job = self.store.catalogue.get(identity)
        if job is None:
            raise JobError("J04", f"没有这个任务:{identity}。", "它可能已被删除,请刷新列表。")
        return job

    def list(self) -> list[Job]:
        """Return all jobs, latest first."""
        return self.store.catalogue.jobs()

    def progress(self, identity: str) -> Progress:
        """Return a job's progress; without a rate if another process runs it.

        Raises:
            JobError: J04 there is no job with this id.
        """
        job = self.get(identity)
        with self._change:
            mine = self._progress.get(identity)
            waiting = identity in self._waiting
        if mine is not None and job.state is JobState.RUNNING:
            return mine
        stage = Stage.WAITING if waiting else Stage.SCORING if job.state is JobState.RUNNING else Stage.IDLE
        return Progress(job.rows_done, job.rows_total, 0.0, None, stage)

    def pause(self, identity: str) -> None:
        """Stop a queued or running job after its current portion; ``resume`` continues from there.

        Raises:
            JobError: J04 there is no job with this id, J05 it is neither queued nor running here.
        """
        self._halt(identity, JobState.PAUSED)

    def cancel(self, identity: str) -> None:
        """Stop a queued, running or paused job; its rows so far are kept until it is deleted.

        Raises:
            JobError: J04 there is no job with this id, J05 it is finished or runs elsewhere.
        """
        if self.get(identity).state in {JobState.PAUSED, JobState.FAILED}:
            self.store.catalogue.update(identity, state=JobState.CANCELLED)
            return
        self._halt(identity, JobState.CANCELLED)

    def resume(self, identity: str) -> Job:
        """Queue a paused, cancelled or failed job again.

        Raises:
            JobError: J04 there is no job with this id, J05 it is finished, queued or running already.
        """
        job = self.get(identity)
        with self._change:
            if self._closed or identity in self._waiting or identity == self._running or job.state not in RESUMABLE:
                raise JobError("J05", f"任务现在不能继续(状态:{job.state})。", "请刷新后再试。")
            self._waiting.add(identity)
            self.store.catalogue.update(identity, state=JobState.QUEUED, error="")
        self._queue.put(identity)
        return self.get(identity)

    def delete(self, identity: str) -> None:
        """Permanently delete a job and everything that belongs to it; a running one is stopped first.

        Raises:
            JobError: J04 there is no job with this id.
            StoreError: S09 another process runs it.
        """
        self.get(identity)
        with suppress(JobError):
            self._halt(identity, JobState.CANCELLED)
        with self._change:
            self._change.wait_for(self._idle(identity))
            table = self._tables.pop(identity, None)
            self._progress.pop(identity, None)
        if table is not None:
            table.close()
        self.store.delete(identity)

    def table(self, identity: str) -> LabelledTable:
        """Return the labelled table of a job, one object per job; while the job runs, it holds the rows so far.

        Raises:
            JobError: J04 there is no job with this id.
        """
        self.get(identity)
        with self._change:
            table = self._tables.pop(identity, None) or self.store.table(identity)
            self._tables[identity] = table  # now the most recently used
            for other in list(self._tables.values())[:-_OPEN_TABLES]:
                other.close()  # a holder's next query reopens it
            return table

    def wait(self, identity: str, timeout_seconds: float | None = None) -> Job:
        """Wait until a job is neither queued nor running here, and return it; on a timeout, in its current state."""
        with self._change:
            self._change.wait_for(self._idle(identity), timeout_seconds)
        return self.get(identity)

    def shutdown(self, timeout_seconds: float = 10.0) -> None:
        """Stop the worker; the running job and the queued ones can be resumed later."""
        with self._change:
            self._closed = True
            self._stop_as = JobState.PAUSED
            waiting, self._waiting = self._waiting, set()
        self._queue.put(None)
        self._worker.join(timeout_seconds)
        for identity in waiting:
            self.store.catalogue.update(identity, state=JobState.PAUSED)
        with self._change:
            for table in self._tables.values():
                table.close()
        self._keeping.close()

    def _halt(self, identity: str, state: JobState) -> None:
        job = self.get(identity)
        with self._change:
            if identity in self._waiting:
                self._waiting.discard(identity)
                self.store.catalogue.update(identity, state=state)
                self._change.notify_all()
            elif identity == self._running:
                self._stop_as = state
            else:
                raise JobError("J05", f"任务现在没有在这里运行(状态:{job.state})。", "请刷新后再试。")

    def _work(self) -> None:
        while (identity := self._queue.get()) is not None:
            with self._change:
                if identity not in self._waiting or self._closed:
                    continue
                self._waiting.discard(identity)
                self._running, self._stop_as = identity, None
            try:
                self._run(identity)
            finally:
                with self._change:
                    self._running = None
                    self._progress.pop(identity, None)
                    self._change.notify_all()

    def _run(self, identity: str) -> None:
        """Run one job; any failure is recorded in the catalogue and never reaches the worker."""
        try:
            spec = self.get(identity).spec
            backend = self._load_backend(spec.backend)
            run(spec, store=self.store, backend=backend, progress=self._noter(identity), stop=self._asked_to_stop)
        except TingfengError as exc:
            if exc.code == "S09":  # the process that runs it records the outcome
                return
            stopped = exc.code == "J03"
            state = (self._stop_as or JobState.PAUSED) if stopped else JobState.FAILED
            with suppress(TingfengError):
                self.store.catalogue.update(identity, state=state, error="" if stopped else str(exc))
        except BaseException as exc:  # the worker must survive a bug in one job, or a panic in a library
            with suppress(TingfengError):
                error = f"意外错误:{type(exc).__name__}。"
                self.store.catalogue.update(identity, state=JobState.FAILED, error=error)

    def _idle(self, identity: str) -> Callable[[], bool]:
        """Return a predicate that is true when the job is neither queued nor running here."""

        def idle() -> bool:
            return identity not in self._waiting and identity != self._running

        return idle

    def _asked_to_stop(self) -> bool:
        return self._stop_as is not None

    def _noter(self, identity: str) -> Callable[[Progress], None]:
        def note(progress: Progress) -> None:
            with self._change:
                self._progress[identity] = progress

        return note
