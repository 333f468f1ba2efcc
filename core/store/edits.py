"""User edits to the results of an analysis, stored beside the job: one list per kind, undone from the end.

Each is a file ``edits_<kind>.json``, written atomically and deleted with the job.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from core.errors import StoreError
from core.files import atomic_write
from core.store.files import file_lock, translating_os_errors

__all__ = ["Edits"]

_KIND: Final = re.compile(r"[a-z]+")
_WAIT_SECONDS: Final = 30


class Edits:
    """The edits to one kind of analysis of one job.

    Args:
        folder: The job's folder.
        kind: Lower-case ASCII letters: ``topics``.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} is no kind of edits")
        self._path = folder / f"edits_{kind}.json"

    def all(self) -> list[dict[str, Any]]:
        """Return the edits, oldest first; none if the file is damaged."""
        return self._read() or []

    def add(self, change: Mapping[str, Any]) -> None:
        """Append an edit.

        Args:
            change: JSON.

        Raises:
            StoreError: S01 the folder cannot be written, S03 the disk is full.
        """
        with self._alone():
            self._write([*self.all(), dict(change)])

    def undo(self) -> dict[str, Any] | None:
        """Remove the last edit and return it; None if there is none.

        Raises:
            StoreError: S01 the folder cannot be written, S03 the disk is full.
        """
        if not self._path.parent.is_dir():
            return None
        with self._alone():
            changes = self.all()
            if not changes:
                return None
            last = changes.pop()
            self._write(changes)
            return last

    def _alone(self) -> AbstractContextManager[None]:
        """Serialise changes to the list: otherwise one of two concurrent edits would be lost."""
        if not self._path.parent.is_dir():
            raise StoreError("S05", "没有这个任务。", "它可能已被删除,请刷新列表。")
        taken = StoreError("S01", f"另一个进程一直在修改 {self._path}。", "请稍后重试。")
        return file_lock(self._path.with_suffix(".lock"), taken, wait_seconds=_WAIT_SECONDS)

    def _read(self) -> list[dict[str, Any]] | None:
        """Return the edits; None if the file is damaged."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            return [dict(change) for change in kept]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError):
            return None

    def _write(self, changes: list[dict[str, Any]]) -> None:
        with translating_os_errors(self._path):
            if self._read() is None:  # kept in case it can be recovered
                self._path.replace(self._path.with_suffix(".damaged"))
            with atomic_write(self._path) as file:
                file.write(json.dumps(changes, ensure_ascii=False).encode())
