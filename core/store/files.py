"""Folders and locks of the store, and the conversion of disk errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import StoreError
from core.files import disk_full

__all__ = ["file_lock", "make_folder", "translating_os_errors"]


@contextmanager
def file_lock(path: Path, taken: StoreError, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold a lock file; the system releases it when the process dies.

    Args:
        path: The file; its folder must exist.
        taken: Raised if another holder has it.
        wait_seconds: Maximum wait for another holder.

    Raises:
        StoreError: ``taken``, or S01, S03 the folder cannot be used.
    """
    lock = FileLock(path, thread_local=False)
    with translating_os_errors(path):
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout as exc:
            raise taken from exc
    try:
        yield
    finally:
        lock.release()


@contextmanager
def translating_os_errors(path: Path) -> Iterator[None]:
    """Convert an ``OSError`` about a path to a ``StoreError`` that says what to do.

    Raises:
        StoreError: S01 the path cannot be used, S03 the disk is full.
    """
    try:
        yield
    except OSError as exc:
        if disk_full(exc):
            raise StoreError("S03", f"磁盘空间不足,无法写入 {path}。", "请腾出空间后重试,已完成的会保留。") from exc
        reason = exc.strerror or type(exc).__name__
        raise StoreError("S01", f"无法使用 {path}:{reason}。", "请检查权限,或设置 TINGFENG_DATA_DIR。") from exc


def make_folder(path: Path) -> Path:
    """Create a folder that only its owner can access, including parents; return it.

    Raises:
        StoreError: S01 it cannot be created.
    """
    with translating_os_errors(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
