"""``jobs``: list the jobs of the data folder, resume one, delete one."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from core.commands import console
from core.errors import JobError
from core.invocation import command
from core.jobs import run
from core.schema import Job, JobState
from core.score import load
from core.store import Store, open_store

__all__ = ["add", "jobs"]

_STATES = {
    JobState.QUEUED: "排队",
    JobState.RUNNING: "运行中",
    JobState.PAUSED: "已暂停",
    JobState.CANCELLED: "已取消",
    JobState.FAILED: "失败",
    JobState.DONE: "完成",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("action", choices=["list", "resume", "delete"], nargs="?", default="list", help="要做什么")
    parser.add_argument("id", metavar="ID", nargs="?", help="任务编号;resume 和 delete 需要")
    parser.add_argument("--json", action="store_true", help="打印 JSON")


def jobs(arguments: argparse.Namespace) -> int:
    """Run the requested action and return the exit code.

    Raises:
        JobError: J04 there is no such job.
    """
    store = open_store()
    try:
        store.release_orphans()
        if arguments.action == "list":
            _list(store, as_json=arguments.json)
            return 0
        job = store.catalogue.get(arguments.id or "")
        if job is None:
            named = arguments.id or "(未给编号)"
            raise JobError("J04", f"没有这个任务:{named}。", f"{command('jobs')} 会列出所有任务。")
        if arguments.action == "delete":
            store.delete(job.id)
            console.say(f"已删除 {job.id}:结果、修改记录、缓存,以及不再需要的上传文件。")
        else:
            _resume(store, job)
        return 0
    finally:
        store.close()


def _resume(store: Store, job: Job) -> None:
    line = console.ProgressLine()
    try:
        report = run(job.spec, store=store, backend=load(job.spec.backend), progress=line)
    finally:
        line.close()
    console.say(f"完成:{report.rows_in:,} 行。在看板里打开,或重新运行 label 写出文件。")


def _list(store: Store, *, as_json: bool) -> None:
    found = store.catalogue.jobs()
    if as_json:
        console.say_json([_facts(job) for job in found])
        return
    if not found:
        console.say(f"还没有任务。用 {command('label 文件 -o 结果.csv')} 开始一个。")
    for job in found:
        total = "?" if job.rows_total is None else f"{job.rows_total:,}"
        error = f"  {job.error}" if job.error else ""
        console.say(f"{job.id}  {_STATES[job.state]}  {job.rows_done:,}/{total} 行  {job.spec.name}{error}")


def _facts(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "name": job.spec.name,
        "state": job.state,
        "rows_done": job.rows_done,
        "rows_total": job.rows_total,
        "created": job.created.isoformat(),
        "updated": job.updated.isoformat(),
        "error": job.error,
        "report": asdict(job.report) if job.report else None,
    }
