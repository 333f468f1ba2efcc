"""The input of ``analyse``: a job, a labelled file, or a file that is labelled first."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.commands import console
from core.commands.files import add_reading, lasting_name, tables
from core.derive import Recipe, derive
from core.errors import ExportError, JobError
from core.invocation import command
from core.jobs import has_labels, job_id, new_spec, read_labels, run
from core.schema import Backend, Col, JobSpec, JobState, Status, TableSource
from core.settings import get_settings
from core.store import LabelledTable, Store, open_store

__all__ = ["Opened", "add_target", "opened"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A labelled table with its job, store and model.

    Attributes:
        job_id: The job in ``store``.
        table: Its labelled table.
        store: The data folder, or a temporary one.
        backend_name: The model for further scoring: the one named, else the job's.
    """

    job_id: str
    table: LabelledTable
    store: Store
    backend_name: str

    def backend(self) -> Backend:
        """Load the model.

        Raises:
            ModelError: It cannot be loaded.
        """
        from core.score import load

        return load(self.backend_name)

    def derive(self, recipe: Recipe) -> str:
        """Build a derived table, showing progress, and return its view."""
        line = console.StepLine(recipe.title)
        try:
            return derive(self.job_id, recipe, store=self.store, table=self.table, report=line)
        finally:
            line.close()


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the options for the input and output of an analysis."""
    parser.add_argument("target", metavar="FILE", help="表格文件(没打过标的先打标)、听风导出的已打标文件,或任务编号")
    parser.add_argument("-o", "--out", metavar="OUT", type=Path, required=True, help="结果文件,以 .csv 结尾")
    add_reading(parser)
    parser.add_argument("--time", metavar="列名", help="时间在哪一列;默认自动识别")
    parser.add_argument("--backend", metavar="模型", help="builtin、tiny、structbert 或模型文件夹;默认见设置")


@contextmanager
def opened(arguments: argparse.Namespace, *, labels: bool = True) -> Iterator[Opened]:
    """Open the labelled table of a file or a job; a file without labels is labelled first.

    Args:
        arguments: Those of ``add_target``.
        labels: Whether the analysis needs row labels. If False, an unlabelled file is only read, so that an analysis
            that scores its own pieces does not score everything twice.

    Raises:
        TingfengError: Any error the user can fix: E05, J04 and the codes of reading and labelling.
    """
    path = Path(arguments.target)
    if not path.exists() and _looks_like_a_job(arguments.target):
        with _of_job(arguments.target, arguments.backend) as found:
            _say_what_counts_once(found.table)
            yield found
        return
    sources = tables([path], arguments, time=arguments.time, author=getattr(arguments, "author", None))
    if any(arguments.out.resolve() == source.path.resolve() for source in sources):
        raise ExportError("E05", f"结果会覆盖输入文件 {arguments.out.name}。", "请换一个输出文件名。")
    how = _of_labels if all(map(has_labels, sources)) else _of_file if labels else _of_rows
    with how(sources, arguments.backend) as found:
        _say_what_counts_once(found.table)
        yield found


def _looks_like_a_job(name: str) -> bool:
    return len(name) >= 8 and not set(name) - set("0123456789abcdef")


@contextmanager
def _of_job(identity: str, backend_name: str | None) -> Iterator[Opened]:
    store = open_store()
    try:
        job = store.catalogue.get(identity)
        if job is None:
            raise JobError("J04", f"没有这个任务,也没有这个文件:{identity}。", f"{command('jobs')} 会列出所有任务。")
        if job.state is not JobState.DONE:
            console.warn(f"提示:这个任务还没有完成,只分析已打标的 {job.rows_done:,} 行。")
        with closing(store.table(identity)) as table:
            yield Opened(identity, table, store, backend_name or job.spec.backend)
    finally:
        store.close()


@contextmanager
def _of_labels(sources: list[TableSource], backend_name: str | None) -> Iterator[Opened]:
    console.warn("提示:文件里已有情感和负面概率,直接使用,不再打标。")
    with _read(sources, backend_name or get_settings().backend) as found:
        _say_what_is_left_out(found.table)
        yield found


@contextmanager
def _read(sources: list[TableSource], backend_name: str) -> Iterator[Opened]:
    """Open rows as they are in the files, with the labels found there, if any."""
    with tempfile.TemporaryDirectory(prefix="tingfeng-") as folder:
        store = Store(Path(folder))
        try:
            identity = read_labels(sources, store, get_settings())
            with closing(store.table(identity)) as table:
                yield Opened(identity, table, store, backend_name)
        finally:
            store.close()


def _say_what_counts_once(table: LabelledTable) -> None:
    again = int(table.query(f"SELECT count(*) AS n FROM comments WHERE {Col.REEXPORTED}")["n"].iloc[0])
    if again:
        console.warn(f"提示:{again:,} 行是同一条评论的重复导出,只算一次。")


def _say_what_is_left_out(table: LabelledTable) -> None:
    """Warn about rows that no analysis counts; in tables with differing columns, these can be most rows."""
    blank = f"SELECT count(*) AS n FROM comments WHERE {Col.STATUS} IN ('{Status.BLANK}', '{Status.REJECTED}')"
    left_out = int(table.query(blank)["n"].iloc[0])
    if left_out:
        console.warn(f"提示:{left_out:,} 行没有可分析的评论,不计入。")


@contextmanager
def _of_rows(sources: list[TableSource], backend_name: str | None) -> Iterator[Opened]:
    """Open a file without labelling it, or its finished job if it was labelled before."""
    spec, _, name = _planned(sources, backend_name)
    store = open_store()
    try:
        known = store.catalogue.get(job_id(spec))
        if known is not None and known.state is JobState.DONE:
            with closing(store.table(known.id)) as table:
                yield Opened(known.id, table, store, name)
            return
    finally:
        store.close()
    with _read(sources, name) as found:
        yield found


@contextmanager
def _of_file(sources: list[TableSource], backend_name: str | None) -> Iterator[Opened]:
    spec, backend, name = _planned(sources, backend_name)
    store = open_store()
    line = console.ProgressLine()
    try:
        run(spec, store=store, backend=backend, progress=line)
        line.close()
        with closing(store.table(job_id(spec))) as table:
            yield Opened(job_id(spec), table, store, name)
    finally:
        line.close()
        store.close()


def _planned(sources: list[TableSource], backend_name: str | None) -> tuple[JobSpec, Backend, str]:
    """Return the job that labels some tables, its model and the model's name."""
    from core.score import load

    settings = get_settings()
    name = lasting_name(backend_name or settings.backend)
    backend = load(name)
    return new_spec(sources, backend, settings=settings, backend_name=name), backend, name
