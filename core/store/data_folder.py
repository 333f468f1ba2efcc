"""The data folder as a whole: catalogue, score cache, uploads and the rows of every job.

data_dir/catalogue.sqlite          jobs, reports, corrections
         scores.sqlite             score cache: hashes and numbers
         jobs/<id>/*.parquet       labelled rows
         jobs/<id>/derived/        tables that analyses made from them
         uploads/<sha256>/<name>   uploaded files
         locks/<id>.lock           held by the process that runs the job
         locks/queue-*.lock        held by each process that works off queued jobs
         *.sqlite.lock             held while a process opens the file
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

from core.errors import StoreError
from core.schema import ACTIVE_STATES, JobState
from core.settings import Settings, get_settings
from core.store.cache import ScoreCache
from core.store.catalogue import Catalogue
from core.store.chunks import ChunkFile, Chunks
from core.store.derived import Derived
from core.store.edits import Edits
from core.store.files import file_lock, make_folder
from core.store.table import LabelledTable
from core.store.uploads import Uploads

__all__ = ["Store", "open_store"]

#: Texts deleted per transaction when disk space is low: SQLite writes a page for each.
_FORGET_AT_A_TIME: Final = 100


class Store:
    """Everything kept under one data folder.

    Args:
        folder: The data folder; created if needed, accessible only to its owner.
        cache_rows: Maximum number of texts in the score cache.
        max_file_mb: Largest upload, megabytes.
        threads: CPU threads per query; 0 takes every core.

    Attributes:
        catalogue: Jobs and corrections.
        cache: Scores of texts seen before.
        uploads: Uploaded files.

    Raises:
        StoreError: S01 the folder cannot be used, S02 a database file is damaged.
    """

    def __init__(self, folder: Path, *, cache_rows: int = 5_000_000, max_file_mb: int = 2048, threads: int = 0) -> None:
        self.folder = make_folder(folder)
        self._threads = threads
        self.catalogue = Catalogue(folder / "catalogue.sqlite")
        self.cache = ScoreCache(folder / "scores.sqlite", limit=cache_rows)
        self.uploads = Uploads(folder / "uploads", limit_mb=max_file_mb)

    def chunks(self, job_id: str) -> Chunks:
        """Return the row files of a job."""
        return Chunks(self.folder / "jobs" / _checked(job_id))

    def derived(self, job_id: str) -> Derived:
        """Return the tables that analyses derived from a job."""
        return Derived(self.folder / "jobs" / _checked(job_id) / "derived")

    def edits(self, job_id: str, kind: str) -> Edits:
        """Return the user edits to one kind of analysis of a job."""
        return Edits(self.folder / "jobs" / _checked(job_id), kind)

    def table(self, job_id: str) -> LabelledTable:
        """Return the labelled table of a job, also while it runs; the caller must close it.

        Raises:
            StoreError: S05 there is no such job.
        """
        if self.catalogue.get(job_id) is None:
            raise StoreError("S05", f"没有这个任务:{job_id}。", "它可能已被删除,请刷新列表。")
        return LabelledTable(
            job_id, self.chunks(job_id), self.catalogue, derived=self.derived(job_id), threads=self._threads
        )

    def lock(self, job_id: str, *, what: str = "") -> AbstractContextManager[None]:
        """Lock a job so that no other process or thread runs it; the system releases the lock when the process dies.

        Args:
            job_id: The job.
            what: "" = its rows; else another part of it with its own lock.

        Raises:
            StoreError: S09 another holder has the lock.
        """
        return _held(make_folder(self.folder / "locks") / f"{_checked(job_id)}{what and '-'}{what}.lock")

    def free(self, job_id: str) -> bool:
        """Return whether nobody is running a job."""
        try:
            with self.lock(job_id):
                return True
        except StoreError as exc:
            if exc.code == "S09":
                return False
            raise

    @contextmanager
    def keeping_queue(self) -> Iterator[None]:
        """Signal to other processes, within this context, that queued jobs are waiting for this process."""
        path = make_folder(self.folder / "locks") / f"queue-{os.getpid()}-{secrets.token_hex(4)}.lock"
        try:
            with _held(path):
                yield
        finally:
            path.unlink(missing_ok=True)

    def release_orphans(self) -> None:
        """Mark jobs as paused whose process died while they were queued or running.

        A queued job that nobody runs is orphaned only if no process works off a queue.
        """
        orphans = self.catalogue.jobs({JobState.RUNNING} if self._queue_kept() else ACTIVE_STATES)
        for job in orphans:
            if self.free(job.id):
                self.catalogue.move(job.id, {job.state}, JobState.PAUSED)

    def _queue_kept(self) -> bool:
        for path in (self.folder / "locks").glob("queue-*.lock"):
            try:
                with _held(path):
                    path.unlink(missing_ok=True)  # left by a process that died
            except StoreError as exc:
                if exc.code != "S09":
                    raise
                return True
        return False

    def delete(self, job_id: str) -> None:
        """Permanently delete a job: rows, corrections, cached scores of its texts, uploads that no other job needs.

        Args:
            job_id: A job that is not running; unknown ids are ignored.

        Raises:
            StoreError: S09 it is running.
        """
        with self.lock(job_id):
            chunks = self.chunks(job_id)
            self.derived(job_id).clear()
            self._forget_scores(chunks)
            chunks.clear()
            job = self.catalogue.get(job_id)
            self.catalogue.delete(job_id)
        for left in (self.folder / "locks").glob(f"{job_id}*.lock"):
            left.unlink(missing_ok=True)
        if job is not None:
            used = self.used_files()
            for sha256 in {source.sha256 for source in job.spec.sources} - used:
                self.uploads.delete(sha256)

    def used_files(self) -> set[str]:
        """Return the SHA-256 of every file used by a job."""
        return {source.sha256 for spec in self.catalogue.specs() for source in spec.sources}

    def close(self) -> None:
        """Close the databases."""
        self.catalogue.close()
        self.cache.close()

    def _forget_scores(self, chunks: Chunks) -> None:
        try:
            for keys in _keys(chunks, chunks.files()):
                self.cache.forget(keys)
        except StoreError as exc:
            if exc.code != "S03":
                raise
            self._make_room(chunks)
        self.cache.shrink()

    def _make_room(self, chunks: Chunks) -> None:
        """Delete rows before the scores of their texts: on a full disk SQLite cannot delete, but deleting must help."""
        with suppress(StoreError):
            self.cache.shrink()  # the aborted transaction takes space too
        for file in reversed(chunks.files()):
            keys = [key for part in _keys(chunks, [file]) for key in part]
            chunks.drop(file)
            for start in range(0, len(keys), _FORGET_AT_A_TIME):
                self.cache.forget(keys[start : start + _FORGET_AT_A_TIME])
                self.cache.shrink()


def _keys(chunks: Chunks, files: Sequence[ChunkFile]) -> Iterator[list[str]]:
    """Yield the text keys of some files, stopping at a damaged one, whose keys are lost, so that deletion continues."""
    try:
        yield from chunks.text_keys(files)
    except StoreError as exc:
        if exc.code != "S04":
            raise


def open_store(settings: Settings | None = None) -> Store:
    """Open the store of the current settings, or of those given.

    Raises:
        StoreError: S01 the folder cannot be used, S02 a database file is damaged.
    """
    s = settings or get_settings()
    return Store(s.data_dir, cache_rows=s.cache_rows, max_file_mb=s.max_file_mb, threads=s.threads)


def _held(path: Path) -> AbstractContextManager[None]:
    return file_lock(path, StoreError("S09", "这个任务正在另一个窗口或进程里运行。", "请等它完成,或先在那边暂停。"))


def _checked(job_id: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{8,64}", job_id):
        raise StoreError("S05", "任务编号只能由数字和 a–f 组成。", "请从任务列表里选择。")
    return job_id
