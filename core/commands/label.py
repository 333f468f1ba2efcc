"""``label``: files in, one labelled file out."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from core.clean import segment
from core.commands import console
from core.commands.cascading import chosen_for, tell_cascade
from core.commands.files import add_reading, check_place, tables
from core.commands.mentions import add_pack, mentions_view
from core.commands.model_options import add_model
from core.errors import ExportError, InputError
from core.export import FORMATS, format_of
from core.jobs import job_id, new_spec, run, write_result
from core.schema import (
    DOUBTFUL_REFERENCE,
    Backend,
    JobSpec,
    RunReport,
    TableSource,
    reading_notes,
    say_neutral,
    say_notes,
)
from core.score import short_version
from core.settings import get_settings
from core.store import Store, open_store

__all__ = ["add", "label"]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="表格文件、文件夹或 zip")
    endings = "、".join(f".{name}" for name in FORMATS)
    parser.add_argument("-o", "--out", metavar="OUT", type=Path, required=True, help=f"结果文件,以 {endings} 结尾")
    add_reading(parser)
    parser.add_argument("--time", metavar="列名", help="时间在哪一列;默认自动识别")
    add_model(parser)
    parser.add_argument(
        "--agreement", metavar="X", type=float, help="用于 cascade:至少这一比例的行与第二个模型的标签一致,如 0.98"
    )
    parser.add_argument("--minutes", metavar="M", type=float, help="用于 cascade:希望在几分钟内完成")
    parser.add_argument("--neutral-band", metavar="X", type=float, help="正负概率之差小于 X 的记为中性;0 到 1,不含 1")
    parser.add_argument("--mask-pii", action="store_true", help="遮盖手机号、身份证号、银行卡号、邮箱和 @昵称")
    parser.add_argument("--emotion", action="store_true", help="再加三列:情绪、情绪概率、冒犯概率(内置模型)")
    parser.add_argument("--tags", action="store_true", help="再加两列:评价(好评、中评、差评)和原因标签")
    add_pack(parser)
    parser.add_argument("--fresh", action="store_true", help="丢掉这个任务以前的结果,从头开始")
    parser.add_argument("--json", action="store_true", help="在标准输出打印 JSON 格式的运行报告")


def label(arguments: argparse.Namespace) -> int:
    """Label the files, write the result and return the exit code.

    Raises:
        TingfengError: Any error the user can fix: I03, E01, E02, E05 and the codes of the stages.
    """
    format_name = _checked_out(arguments.out)
    band = arguments.neutral_band
    if band is not None and not 0 <= band < 1:
        raise InputError("I03", f"--neutral-band 的值 {band} 不在 0 到 1 之间。", "请给 0 到 1 之间的数,不含 1。")
    settings = get_settings()
    # load the dictionary while files are hashed and the model opens; otherwise the first rows wait for it
    threading.Thread(target=segment, args=((),), name="tingfeng-words").start()
    sources = tables(arguments.files, arguments, time=arguments.time)
    _check_not_input(arguments.out, sources)
    for note in say_notes(reading_notes(sources)):
        console.warn(f"提示:{note}")
    name, backend = chosen_for(arguments, sources)
    spec = new_spec(
        sources,
        backend,
        settings=settings,
        backend_name=name,
        neutral_band=band,
        mask_pii=arguments.mask_pii,
        emotion=arguments.emotion,
    )
    store = open_store(settings)
    line = console.ProgressLine()
    try:
        if arguments.fresh:
            store.delete(job_id(spec))
        tags = bool(arguments.tags or arguments.pack)
        models = [backend]
        del backend
        # give up the model where nothing else needs it: this frees 90 MiB while the rows are joined and written
        report = run(spec, store=store, backend=models[0] if tags else models.pop(), progress=line)
        line.close()
        view = _tags(arguments, spec, store, models.pop(), name) if tags else ""
        seconds = write(store, spec, arguments.out, format_name, report, tags=view)
    finally:
        line.close()
        store.close()
    _tell(arguments, spec, report, seconds)
    return 0


def write(store: Store, spec: JobSpec, out: Path, format_name: str, report: RunReport, *, tags: str = "") -> float:
    """Export a finished job, with the tags of a view of mentions if one is named, and return the seconds taken."""
    started = time.perf_counter()
    table = store.table(job_id(spec))
    try:
        rows = write_result(table, spec, out, format=format_name, tags=tags)
    finally:
        table.close()
    if rows != report.rows_in:
        raise ExportError("E06", f"写出了 {rows} 行,应为 {report.rows_in} 行。", "请用 --fresh 重新运行。")
    return time.perf_counter() - started


def _tags(arguments: argparse.Namespace, spec: JobSpec, store: Store, backend: Backend, name: str) -> str:
    """Find the aspects each comment mentions and return the view."""
    from core.commands.opened import Opened

    table = store.table(job_id(spec))
    try:
        return mentions_view(Opened(job_id(spec), table, store, name), backend, arguments.pack, further=False)
    finally:
        table.close()


def _checked_out(out: Path) -> str:
    """Return the format of the output, or fail early if it cannot be written."""
    format_name = format_of(out)
    check_place(out)
    return format_name


def _check_not_input(out: Path, sources: Sequence[TableSource]) -> None:
    if any(out.resolve() == source.path.resolve() for source in sources):
        raise ExportError("E05", f"结果会覆盖输入文件 {out.name}。", "请换一个输出文件名。")


def _tell(arguments: argparse.Namespace, spec: JobSpec, report: RunReport, seconds: float) -> None:
    if arguments.json:
        facts = asdict(report)
        facts["seconds"]["export"] = round(seconds, 3)
        console.say_json({**facts, "job": job_id(spec), "out": str(arguments.out)})
        return
    labelled = sum(report.labels.values())
    shares = ",".join(f"{name} {n:,}({n / labelled:.1%})" for name, n in report.labels.items()) if labelled else "无"
    console.say(
        f"{report.rows_in:,} 行:打标 {report.scored:,},重复 {report.duplicates:,}(沿用同一结果),"
        f"空白 {report.blank:,},无法读取 {report.rejected:,}。"
    )
    if report.reexported:
        console.say(f"重复导出:{report.reexported:,} 行就是前面某一行的那条评论,分析时只算一次。")
    console.say(f"情感:{shares}。需复核 {report.needs_review:,} 行。")
    if neutral := say_neutral(report.labels):
        console.say(neutral)
    if report.ragged:
        console.say(f"单元格比表头多或少:{report.ragged:,} 行(已保留)。评论里没有加引号的分隔符会把评论截断,请核对。")
    if report.undated:
        console.say(f"时间无法识别:{report.undated:,} 行(已保留)。")
        if report.settings.get("reference_doubtful"):
            console.say(f"{DOUBTFUL_REFERENCE}。请把它改成导出的时间,再加 --fresh 重新运行。")
    if report.truncated:
        console.say(f"过长、分段打标:{report.truncated:,} 行,其中 {report.cut:,} 行末尾未计入。")
    for note in say_notes(report.notes):
        console.say(f"读取说明:{note}")
    tell_cascade(report)
    console.say(f"模型 {report.backend}({short_version(report.model_version)})。结果已写入 {arguments.out}。")
