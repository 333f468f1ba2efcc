"""What people changed in the results of an analysis, kept beside the job: a list a kind, the last one undone first.

A file ``edits_<kind>.json`` that appears whole; it goes with the job.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.errors import StoreError
from core.files import written_whole
from core.store.files import make_folder, refusing

__all__ = ["Edits"]

_KIND: Final = re.compile(r"[a-z]+")


class Edits:
    """The changes of one kind of analysis of one job.

    Args:
        folder: Of the job.
        kind: Lower-case ASCII letters: ``topics``.
    """

    def __init__(self, folder: Path, kind: str) -> None:
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} is no kind of edits")
        self._path = folder / f"edits_{kind}.json"

    def all(self) -> list[dict[str, Any]]:
        """Return the changes, the first one first; none when the file is damaged."""
        if not self._path.exists():
            return []
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        return [dict(change) for change in kept] if isinstance(kept, list) else []

    def add(self, change: Mapping[str, Any]) -> None:
        """Note one more change.

        Args:
            change: JSON.

        Raises:
            StoreError: S01 the folder refuses, S03 the disk is full.
        """
        self._write([*self.all(), dict(change)])

    def undo(self) -> dict[str, Any] | None:
        """Take the last change back and return it; None when there is none.

        Raises:
            StoreError: S01 the folder refuses, S03 the disk is full.
        """
        changes = self.all()
        if not changes:
            return None
        last = changes.pop()
        self._write(changes)
        return last

    def _write(self, changes: list[dict[str, Any]]) -> None:
        if not self._path.parent.is_dir():
            raise StoreError("S05", "没有这个任务。", "它可能已被删除,请刷新列表。")
        make_folder(self._path.parent)
        with refusing(self._path), written_whole(self._path) as file:
            file.write(json.dumps(changes, ensure_ascii=False).encode())
