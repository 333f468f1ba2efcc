"""A job that continues an earlier one: its tables, then new ones, such as this week's export after last week's.

The rows of the earlier job come first, at the same positions, so that its corrections can be copied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.errors import JobError
from core.read import REVISION
from core.schema import JobSpec, TableSource
from core.store import Store

__all__ = ["carry_corrections", "continued"]


def continued(earlier: JobSpec, further: Sequence[TableSource]) -> tuple[TableSource, ...]:
    """Return the tables of a job that continues an earlier one.

    Args:
        earlier: The job to continue.
        further: The new tables.

    Returns:
        The tables of the earlier job as they were read there, then those of ``further`` that it does not contain.

    Raises:
        JobError: J01 a file of the earlier job is gone, J08 it was read by another revision of the reader.
    """
    for source in earlier.sources:
        if not source.path.is_file():
            raise JobError("J01", f"原任务的文件 {source.name} 已不在。", "请把它和新的文件一起重新上传。")
        if source.reading != REVISION:  # its rows would differ, and corrections would land on the wrong ones
            raise JobError(
                "J08",
                f"原任务的文件 {source.name} 是旧版本读取的,现在的读法不同,不能接着用。",
                "请把它和新的文件一起重新上传。",
            )
    held = {_table(source) for source in earlier.sources}
    return (*earlier.sources, *(source for source in further if _table(source) not in held))


def carry_corrections(store: Store, earlier: str, later: str) -> int:
    """Copy the corrections of a job to a job that continues it.

    Args:
        store: Holds both jobs.
        earlier: Id of the earlier job.
        later: Id of the later job, which has no corrections yet.

    Returns:
        Number of rows corrected.
    """
    found = store.catalogue.corrections(earlier)
    alike: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for one in found:
        alike[one.label, one.note].append(one.row)
    for (label, note), rows in alike.items():
        store.catalogue.correct(later, rows, label, note)
    return len(found)


def _table(source: TableSource) -> tuple[str, str | None, str | None]:
    return source.sha256, source.member, source.sheet
