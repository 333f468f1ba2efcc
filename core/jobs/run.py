"""One run of a job from its files to its labelled table; it resumes after being stopped or killed at any moment."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from core.errors import JobError, StoreError, TingfengError
from core.jobs.feed import feed
from core.jobs.labelling import Answered, Labeller
from core.jobs.progress import Meter, Progress, Stage
from core.jobs.report import summarise
from core.jobs.spec import job_id
from core.prefetch import Prefetcher, each
from core.read import REVISION, count
from core.schema import Backend, Job, JobSpec, JobState, RunReport
from core.settings import get_settings
from core.store import Chunks, Store

__all__ = ["run"]


def run(
    spec: JobSpec,
    *,
    store: Store,
    backend: Backend,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> RunReport:
    """Label and store every row of a job; rows that are already stored are not labelled again.

    Args:
        spec: The job.
        store: Where the rows go.
        backend: The model; its version must be that of the spec. The run releases it once every row is labelled, which
            frees its memory if the caller keeps no reference.
        progress: Called at most several times a second, in this thread.
        stop: Polled between small portions of work; True ends the run, and finished rows are kept.

    Returns:
        The report over all rows, including those of earlier runs. Except for ``seconds`` it is independent of how often
        the job was interrupted; ``cache_hits`` grows when rows lost with a damaged file are labelled again.

    Raises:
        JobError: J01 a file is gone or changed, J02 another model version, J03 stopped, J06 other rows than before,
            J08 begun with another revision of the reader.
        StoreError: S01, S03 the data folder cannot be used, S09 the job runs elsewhere.
        ReadError: A file cannot be read.
    """
    identity = job_id(spec)
    with store.lock(identity):
        job = store.catalogue.add(identity, spec, chunk_rows=get_settings().chunk_rows, state=JobState.RUNNING)
        try:
            work = _Run(job, store, backend, progress, stop)
            del backend
            return work.finish()
        except BaseException as exc:
            _note_failure(store, identity, exc)
            raise


class _Run:
    """The state of one run; its methods are the steps, in order."""

    def __init__(
        self,
        job: Job,
        store: Store,
        backend: Backend,
        progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self.job = job
        self.spec = job.spec
        self.store = store
        self.backend = backend
        self.chunks: Chunks = store.chunks(job.id)
        self.progress = progress
        self.stop = stop
        self.done = 0
        self.meter = Meter(0, None)
        self.total: int | None = None
        self.labeller: Labeller | None = None
        self.mark = 0.0
        self.store_seconds = 0.0

    def finish(self) -> RunReport:
        """Complete the remaining work and report on the whole job."""
        if self.job.rows_total is None:
            # Rows of a job the catalogue does not know: the catalogue was lost, so their provenance is unknown.
            self.chunks.clear()
        self.done = self.chunks.drop_damaged()
        report = self.job.report
        if self.job.state is JobState.DONE and report is not None and self.done == report.rows_in:
            self.tell(Stage.FINISHING)
            return report
        if self.backend.version != self.spec.model_version:
            raise JobError(
                "J02",
                f"模型 {self.spec.backend} 已不是开始这个任务时的版本。",
                "请重新提交文件,用现在的模型从头打标。",
            )
        if self.done and any(source.reading != REVISION for source in self.spec.sources):
            raise JobError(
                "J08",
                f"这个任务是旧版本开始的,完成了 {self.done} 行;读取文件的方法已经改进,不能接着做。",
                "请重新提交文件,从头打标;已完成的行仍可查看。",
            )
        _check_files(self.spec)
        self.store.catalogue.update(self.job.id, state=JobState.RUNNING, rows_done=self.done, error="", report=None)
        with suppress(StoreError):  # on Windows a file that is being read cannot be deleted
            self.store.derived(self.job.id).clear()  # they cover only the rows stored so far
        total = self.label_all()
        if self.done != total:
            raise JobError("J06", f"文件现在有 {self.done} 行,开始时是 {total} 行。", "请重新提交文件。")
        return self.conclude()

    def count(self) -> int:
        """Return the number of rows of the job, counted once."""
        total = self.job.rows_total
        if total is None:
            self.tell(Stage.COUNTING)
            total = sum(count(source) for source in self.spec.sources)
            self.store.catalogue.update(self.job.id, rows_total=total)
        return total

    def label_all(self) -> int:
        """Label and store the rows that are not stored yet; return the total number of rows of the job."""
        labeller = Labeller(self.backend, self.spec.score, self.store.cache, self.chunks)
        self.labeller = labeller
        # If the job was killed between storing rows and caching their scores, cache them now.
        self.store.cache.put(labeller.version, self.chunks.last_scores())
        size = self.store.catalogue.chunk_rows(self.job.id)
        self.mark = time.perf_counter()
        self.meter = Meter(self.done, None)
        # Four concurrent steps: read and clean, encode, score, store.
        batches = feed(self.spec, rows_done=self.done, chunk_rows=size)
        prepared = Prefetcher(each(labeller.prepare, batches), depth=1, name="tingfeng-encode")
        scored = Prefetcher(each(labeller.answer, prepared), depth=1, name="tingfeng-score", idle=self.watch)
        with closing(scored):
            try:
                self.total = total = self.count()  # the model is already working
                self.watch()
                for answered in scored:
                    self.store_one(answered, labeller)
                    self.watch()
            except JobError as exc:
                if exc.code != "J03":
                    raise
                hint = "重新运行同一条命令,或在页面上点继续,会接着完成。"
                raise JobError("J03", f"已停止,完成了 {self.done} 行。", hint) from exc
            finally:
                labeller.halt()
        return total

    def store_one(self, answered: Answered, labeller: Labeller) -> None:
        """Store one batch: rows first, then the cache, then the row count in the catalogue."""
        batch = answered.prepared.batch
        if batch.first_row != self.done:
            raise JobError("J06", f"第 {self.done} 行之后的数据与开始时不同。", "请重新提交文件。")
        labelled, new, facts = labeller.finish(answered)
        before = time.perf_counter()
        seconds = {"store_seconds": self.store_seconds, "total_seconds": before - self.mark}
        self.chunks.write(labelled, first_row=batch.first_row, facts={**batch.facts, **facts, **seconds})
        self.store.cache.put(labeller.version, new)
        self.done += len(batch.frame)
        self.store.catalogue.update(self.job.id, rows_done=self.done)
        # A file cannot record how long writing it took, so that time goes into the next one.
        self.store_seconds, self.mark = time.perf_counter() - before, before

    def conclude(self) -> RunReport:
        """Compact the chunks and write the report, after releasing the text keys and the model."""
        self.labeller = None
        del self.backend
        self.tell(Stage.FINISHING)
        self.chunks.compact()
        table = self.store.table(self.job.id)
        try:
            report = summarise(self.spec, table, self.chunks.facts())
        finally:
            table.close()
        self.store.catalogue.update(
            self.job.id, state=JobState.DONE, rows_done=self.done, rows_total=self.done, report=report
        )
        return report

    def watch(self) -> None:
        """Report progress; if asked to stop, let the model start nothing new and keep what it has finished."""
        if self.stop is not None and self.stop() and self.labeller is not None:
            self.labeller.halt()
        self.tell(Stage.SCORING)

    def tell(self, stage: Stage) -> None:
        """Report progress."""
        if self.progress is not None:
            reached = 0 if self.labeller is None else self.labeller.reached
            self.progress(self.meter.at(max(self.done, reached), stage, total=self.total))


def _check_files(spec: JobSpec) -> None:
    """Check that the files are unchanged since the job was begun."""
    for path, sha256 in dict.fromkeys((source.path, source.sha256) for source in spec.sources):
        if _sha256(path) != sha256:
            raise JobError("J01", f"文件 {path.name} 不见了或内容已改变。", "请放回原来的文件,或重新提交。")


def _sha256(path: Path) -> str:
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise JobError("J01", f"文件 {path.name} 读不出来:{exc.strerror}。", "请检查权限后重试。") from exc


def _note_failure(store: Store, identity: str, exc: BaseException) -> None:
    """Record in the catalogue why a run ended; an error while recording must not hide the original one."""
    stopped = isinstance(exc, KeyboardInterrupt) or (isinstance(exc, TingfengError) and exc.code == "J03")
    state = JobState.PAUSED if stopped else JobState.FAILED
    reason = "" if stopped else str(exc) if isinstance(exc, TingfengError) else f"意外错误:{type(exc).__name__}。"
    with suppress(TingfengError):
        store.catalogue.update(identity, state=state, error=reason)
