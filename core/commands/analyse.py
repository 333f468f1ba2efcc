"""``analyse``: what a dashboard says of a file or a job, as a CSV file."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.commands import console
from core.commands.files import add_reading, checked_csv, lasting_name, tables
from core.errors import ExportError, InputError, JobError
from core.jobs import has_labels, job_id, new_spec, read_labels, run
from core.results import Frequency
from core.schema import NEGATIVE, POSITIVE, Filter, JobState, TableSource
from core.settings import get_settings
from core.store import LabelledTable, Store, open_store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["add", "analyse"]

#: Terms of each side in the file of ``keywords``.
_TERMS: Final = 2000
_STEPS: Final = (Frequency.DAY, Frequency.WEEK, Frequency.HOUR)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "analysis", metavar="ANALYSIS", choices=sorted(_ANALYSES), help="trend(走势与异常)或 keywords(关键词)"
    )
    parser.add_argument("target", metavar="FILE", help="表格文件(没打过标的先打标)、听风导出的已打标文件,或任务编号")
    parser.add_argument("-o", "--out", metavar="OUT", type=Path, required=True, help="结果文件,以 .csv 结尾")
    add_reading(parser)
    parser.add_argument("--time", metavar="列名", help="时间在哪一列;默认自动识别")
    parser.add_argument("--freq", choices=_STEPS, type=Frequency, default=Frequency.DAY, help="trend 的步长,默认 day")
    parser.add_argument("--backend", metavar="模型", help="builtin、structbert 或模型文件夹;默认见设置")


def analyse(arguments: argparse.Namespace) -> int:
    """Do one analysis and write its table; returns the exit code.

    Raises:
        TingfengError: Whatever a person can set right: E01, E02, E05, N05, J04 and the codes of reading and labelling.
    """
    from core.export import write_small

    checked_csv(arguments.out)
    with _table(arguments) as table:
        frame = _ANALYSES[arguments.analysis](table, arguments)
    write_small(frame, arguments.out)
    console.say(f"{len(frame):,} 行,已写入 {arguments.out}。")
    return 0


@contextmanager
def _table(arguments: argparse.Namespace) -> Iterator[LabelledTable]:
    """Open the labelled table of a file or a job; a file without labels is labelled first."""
    path = Path(arguments.target)
    if not path.exists() and _looks_like_a_job(arguments.target):
        with _of_job(arguments.target) as table:
            yield table
        return
    sources = tables([path], arguments, time=arguments.time)
    if any(arguments.out.resolve() == source.path.resolve() for source in sources):
        raise ExportError("E05", f"结果会覆盖输入文件 {arguments.out.name}。", "请换一个输出文件名。")
    opened = _of_labels if all(map(has_labels, sources)) else _of_file
    with opened(sources, arguments.backend) as table:
        yield table


def _looks_like_a_job(name: str) -> bool:
    return len(name) >= 8 and not set(name) - set("0123456789abcdef")


@contextmanager
def _of_job(identity: str) -> Iterator[LabelledTable]:
    store = open_store()
    try:
        job = store.catalogue.get(identity)
        if job is None:
            raise JobError("J04", f"没有这个任务,也没有这个文件:{identity}。", "python -m core jobs 会列出所有任务。")
        if job.state is not JobState.DONE:
            console.warn(f"提示:这个任务还没有完成,只分析已打标的 {job.rows_done:,} 行。")
        with _closing(store.table(identity)) as table:
            yield table
    finally:
        store.close()


@contextmanager
def _of_labels(sources: list[TableSource], _backend: str | None) -> Iterator[LabelledTable]:
    console.warn("提示:文件里已有情感和负面概率,直接使用,不再打标。")
    with tempfile.TemporaryDirectory(prefix="tingfeng-") as folder:
        store = Store(Path(folder))
        try:
            with _closing(read_labels(sources, store, get_settings())) as table:
                yield table
        finally:
            store.close()


@contextmanager
def _of_file(sources: list[TableSource], backend_name: str | None) -> Iterator[LabelledTable]:
    from core.score import load

    settings = get_settings()
    name = lasting_name(backend_name or settings.backend)
    backend = load(name)
    spec = new_spec(sources, backend, settings=settings, backend_name=name)
    store = open_store(settings)
    line = console.ProgressLine()
    try:
        run(spec, store=store, backend=backend, progress=line)
        line.close()
        with _closing(store.table(job_id(spec))) as table:
            yield table
    finally:
        line.close()
        store.close()


@contextmanager
def _closing(table: LabelledTable) -> Iterator[LabelledTable]:
    try:
        yield table
    finally:
        table.close()


def _trend(table: LabelledTable, arguments: argparse.Namespace) -> pd.DataFrame:
    import pandas as pd

    from core import analyse as core_analyse
    from core.chart import describe_shift, describe_verdict

    chosen = Filter()
    result = core_analyse.trend(table, chosen, arguments.freq)
    if not result.buckets:
        raise InputError("N05", "没有一条评论有能识别的时间,画不出走势。", "请用 --time 指定时间列。")
    if result.frequency is not arguments.freq:
        console.warn("提示:时间跨度太长,已改用更大的步长。")
    if result.undated:
        console.warn(f"提示:{result.undated:,} 条评论没有能识别的时间,不在表中。")
    found = core_analyse.anomalies(result)
    reasons: dict[datetime, str] = {}
    for episode in found.episodes:
        explained = core_analyse.shift(table, chosen, episode, overdispersion=found.overdispersion)
        reasons |= {verdict.bucket.start: describe_shift(explained) for verdict in episode.verdicts}
    form = "%Y-%m-%d %H:00" if result.frequency is Frequency.HOUR else "%Y-%m-%d"
    return pd.DataFrame(
        {
            "日期": [f"{b.start:{form}}" for b in result.buckets],
            "评论数": [b.n for b in result.buckets],
            "负面数": [b.counts[NEGATIVE] for b in result.buckets],
            "负面占比": [round(b.negative.value, 4) for b in result.buckets],
            "下限": [round(b.negative.low, 4) for b in result.buckets],
            "上限": [round(b.negative.high, 4) for b in result.buckets],
            "异常": [int(v.abnormal != 0) for v in found.verdicts],
            "说明": [describe_verdict(v, result.frequency) + reasons.get(v.bucket.start, "") for v in found.verdicts],
        }
    )


def _keywords(table: LabelledTable, _arguments: argparse.Namespace) -> pd.DataFrame:
    import pandas as pd

    from core.analyse import keywords

    result = keywords(table, Filter(), limit=_TERMS)
    if result.sampled_from:
        console.warn(f"提示:共 {result.sampled_from:,} 条,词按其中均匀抽取的 {result.n:,} 条统计。")
    terms = [*result.negative, *reversed(result.positive)]
    return pd.DataFrame(
        {
            "词": [term.term for term in terms],
            "负面次数": [term.counts[NEGATIVE] for term in terms],
            "正面次数": [term.counts[POSITIVE] for term in terms],
            "z": [round(term.z, 3) for term in terms],
        }
    )


_ANALYSES: Final[dict[str, Callable[[LabelledTable, argparse.Namespace], pd.DataFrame]]] = {
    "trend": _trend,
    "keywords": _keywords,
}
