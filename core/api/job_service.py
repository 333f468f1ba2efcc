"""Jobs as API callers see them: files in, state and results out, no paths of this machine."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Final

from fastapi import UploadFile

from core.api.job_bodies import JobBody, JobRow, Report, Upload
from core.api.scorer import Scorer, shown_model
from core.api.wording import public_error
from core.errors import ApiError, ExportError, TingfengError
from core.files import disk_full, stem
from core.invocation import command
from core.jobs import Jobs, new_spec, write_result
from core.read import inspect, require_text, with_mapping
from core.schema import Job, JobSpec, JobState, TableSource
from core.score import can_tell
from core.settings import Settings
from core.store import Kept

__all__ = ["JobService"]

#: Uploads inspected and results written at the same time; more are refused, not queued.
_AT_A_TIME: Final = 4
_BUSY_SECONDS: Final = "5"
_NAME_CHARS: Final = 120
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f\ud800-\udfff/\\:*?"<>|]+')


class JobService:
    """Accepts jobs and returns results; all methods are thread-safe.

    Args:
        jobs: Returns the manager shared with the dashboard; None if this process accepts no jobs.
        scorer: Resolves the models callers may name.
        settings: For limits and defaults.
    """

    def __init__(self, jobs: Callable[[], Jobs] | None, scorer: Scorer, settings: Settings) -> None:
        self._jobs = jobs
        self._scorer = scorer
        self._settings = settings
        self._free = threading.BoundedSemaphore(_AT_A_TIME)

    def manager(self) -> Jobs:
        """Return the job manager of the process.

        Raises:
            ApiError: A38 this process accepts no jobs.
        """
        if self._jobs is None:
            raise ApiError("A38", "这个服务不接受任务。", f"请用 {command('serve')} 启动。", status=501)
        return self._jobs()

    def states(self) -> Mapping[JobState, int] | None:
        """Return the number of jobs in each state; None if this process accepts none or its store is unreadable."""
        if self._jobs is None:
            return None
        try:
            return self._jobs().store.catalogue.states()
        except TingfengError:
            return None

    def submit(self, form: Upload) -> Job:
        """Store the files, inspect them and queue a job over their tables.

        Args:
            form: What the caller sent; the same files and options give the same job.

        Raises:
            ApiError: A31 no such model, A33 it has no emotion head, A34 too many at a time, A35 shutting down,
                A39 too many files.
            ReadError: A file cannot be read, or has no comment column.
            StoreError: S01 the folder is unusable, S03 the disk is full, S07 a file is too large.
        """
        if len(form.file) > self._settings.api_max_files:
            most = self._settings.api_max_files
            raise ApiError("A39", f"一次最多 {most} 个文件,收到 {len(form.file)} 个。", "请分成几个任务。", status=413)
        if self._scorer.line.closed:
            raise ApiError("A35", "服务正在关闭。", "请稍后重试。", status=503, headers={"Retry-After": "5"})
        manager = self.manager()
        with self._place():
            kept: list[Kept] = []
            try:
                kept += (manager.store.uploads.take_in(_plain(one), one.file) for one in form.file)
                return manager.submit(self._spec(form, [one.path for one in kept]))
            except BaseException:
                _withdraw(manager, kept)
                raise

    def listing(self, limit: int, offset: int) -> tuple[list[JobRow], int]:
        """Return one page of the jobs, latest first, and the total number."""
        manager = self.manager()
        found = manager.list()
        return [self._row(manager, job) for job in found[offset : offset + limit]], len(found)

    def status(self, identity: str) -> JobBody:
        """Return the state and report of a job.

        Raises:
            JobError: J04 there is no job with this id.
        """
        manager = self.manager()
        job = manager.get(identity)
        return JobBody(**self._row(manager, job).model_dump(), report=_report(job))

    def result(self, identity: str, format_name: str) -> tuple[str, IO[bytes]]:
        """Write the labelled table of a finished job.

        Args:
            identity: Its id.
            format_name: One of ``core.export.FORMATS``.

        Returns:
            The file name, and a temporary file positioned at its start; closing it deletes it.

        Raises:
            JobError: J04 there is no job with this id.
            ApiError: A34 too many at a time, A37 it is not finished.
            ExportError: E03 the disk is full, E04 too many columns for Excel, E06 rows are missing.
        """
        manager = self.manager()
        job = manager.get(identity)
        if job.state is not JobState.DONE or job.report is None:
            raise ApiError("A37", "任务还没有完成。", "请先用 GET /api/jobs/{id} 查看进度。", status=409)
        with self._place():
            file = tempfile.TemporaryFile()  # noqa: SIM115 - the sender closes it
            try:
                rows = _write(manager, job, file, format_name)
                if rows != job.report.rows_in:
                    expected = job.report.rows_in
                    raise ExportError("E06", f"写出了 {rows} 行,应为 {expected} 行。", "请重新提交文件。")
                file.seek(0)
            except BaseException:
                file.close()
                raise
        return f"{_UNSAFE.sub('_', stem(job.spec.name)).strip(' .') or '结果'}_已打标.{format_name}", file

    def _spec(self, form: Upload, kept: Sequence[Path]) -> JobSpec:
        name, backend = self._scorer.backend(form.backend)
        if form.emotion and not can_tell(backend):
            raise ApiError("A33", f"模型 {name} 不能判断情绪。", "请去掉 emotion,或改用 builtin。", status=400)
        tables = inspect(kept, names=[_plain(one) for one in form.file])
        return new_spec(
            [_mapped(table, form) for table in tables],
            backend,
            settings=self._settings,
            backend_name=form.backend or self._settings.backend,
            neutral_band=form.neutral_band,
            mask_pii=form.mask_pii,
            emotion=form.emotion,
            name=form.name.strip(),
        )

    def _row(self, manager: Jobs, job: Job) -> JobRow:
        now = manager.progress(job.id) if job.state is JobState.RUNNING else None
        error, code = public_error(job.error) if job.error else (None, None)
        return JobRow(
            id=job.id,
            name=job.spec.name,
            state=job.state.value,
            rows_done=now.rows_done if now else job.rows_done,
            rows_total=now.rows_total if now else job.rows_total,
            eta_seconds=now.eta_seconds if now else 0.0 if job.state is JobState.DONE else None,
            error=error,
            error_code=code,
            model=shown_model(job.spec.backend),
            created=job.created,
            updated=job.updated,
        )

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of the few slots for heavy work."""
        if not self._free.acquire(blocking=False):
            hint, headers = f"请在 {_BUSY_SECONDS} 秒后重试。", {"Retry-After": _BUSY_SECONDS}
            raise ApiError("A34", "服务正忙:正在读写的文件太多。", hint, status=429, headers=headers)
        try:
            yield
        finally:
            self._free.release()


def _mapped(table: TableSource, form: Upload) -> TableSource:
    named: dict[str, str | Sequence[str] | None] = {}
    if any(form.text):
        named["text"] = tuple(column for column in form.text if column)
    if form.time:
        named["time"] = form.time
    return require_text(with_mapping(table, **named) if named else table)


def _write(manager: Jobs, job: Job, file: IO[bytes], format_name: str) -> int:
    try:
        return write_result(manager.table(job.id), job.spec, file, format=format_name)  # type: ignore[arg-type]
    except OSError as exc:
        if disk_full(exc):
            raise ExportError("E03", "磁盘空间不足。", "请腾出空间后重试。") from exc
        raise ExportError("E02", "结果无法写入。", "请检查临时文件夹。") from exc


def _report(job: Job) -> Report | None:
    if job.report is None:
        return None
    facts = asdict(job.report)
    facts["model"] = shown_model(facts.pop("backend"))
    return Report.model_validate(facts)


def _plain(upload: UploadFile) -> str:
    """Return the name of an upload without folders and control characters."""
    last = (upload.filename or "").replace("\\", "/").rpartition("/")[2]
    return _UNSAFE.sub("_", last).strip(" .")[-_NAME_CHARS:] or "upload"


def _withdraw(manager: Jobs, kept: Sequence[Kept]) -> None:
    """Delete the files of a refused upload unless a job uses them."""
    with suppress(TingfengError):
        used = manager.store.used_files()
        for one in kept:
            if one.path.parent.name not in used:
                manager.store.uploads.withdraw(one)
