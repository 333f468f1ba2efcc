"""Open the destination of an export, and report why it cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.errors import ExportError
from core.files import atomic_write, disk_full

__all__ = ["written"]


@contextmanager
def written(out: Path) -> Iterator[IO[bytes]]:
    """Open a file that is written atomically.

    Raises:
        ExportError: E02 the destination cannot be written, E03 the disk is full.
    """
    try:
        with atomic_write(out) as file:
            yield file
    except OSError as exc:
        if disk_full(exc):
            raise ExportError("E03", f"磁盘空间不足,写不下 {out}。", "请腾出空间或换一个位置后重试。") from exc
        reason = exc.strerror or type(exc).__name__
        raise ExportError("E02", f"无法写入 {out}:{reason}。", "请检查权限,或看看它是否正被 Excel 打开。") from exc
