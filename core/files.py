"""Atomic file writes and file names."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

__all__ = ["TEMPORARY", "atomic_write", "disk_full", "stem"]

#: Suffix of an unfinished file; any file that has it after a crash is garbage.
TEMPORARY: Final = ".part"
_ENDING: Final = re.compile(
    r"\.(csv|tsv|txt|xlsx?|xlsm|xlsb|et|ods|html?|mht(ml)?|xml|jsonl?|ndjson|parquet|zip)$", re.IGNORECASE
)
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def disk_full(exc: OSError) -> bool:
    """Return whether an error means that the disk, a quota or the maximum file size is exhausted."""
    return exc.errno in _FULL


def stem(name: str) -> str:
    """Return a job's name without the extension of its source file, so that another can be appended.

    Example:
        >>> stem("九月.csv"), stem("九月.XLSX 等 3 个表"), stem("v2.0 评论")
        ('九月', '九月.XLSX 等 3 个表', 'v2.0 评论')
    """
    return _ENDING.sub("", name)


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears under its name only once all of it is on disk.

    A crash at any moment leaves either the old file or the new one, and at most a hidden ``.part`` file beside it.

    Args:
        path: The destination; its folder must exist.

    Raises:
        OSError: The destination cannot be written or the disk is full; the caller words the message.
    """
    # Not derived from the file's own name, which may already have the maximum length.
    temporary = path.with_name(f".{secrets.token_hex(8)}{TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder durable across a power cut, where the system supports it (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
