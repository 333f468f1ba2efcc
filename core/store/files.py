"""Folders of the store, and what it says when the disk refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreError
from core.files import disk_full

__all__ = ["make_folder", "refusing"]


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` about a path into a ``StoreError`` that says what to do.

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
    """Create a folder that only its owner can look into, parents included; returns it.

    Raises:
        StoreError: S01 it cannot be created.
    """
    with refusing(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
