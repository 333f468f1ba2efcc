"""User-edited aspect packs, as text files; earlier versions are kept for undo."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from core.errors import StoreError
from core.files import atomic_write
from core.store.files import make_folder, translating_os_errors

__all__ = ["PackFiles"]

_TITLE: Final = re.compile(r"\w{1,20}")
#: Maximum number of versions kept per pack.
_STEPS: Final = 20


class PackFiles:
    """The edited packs of a data folder.

    Args:
        folder: Their folder; created with the first file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def text(self, title: str) -> str | None:
        """Return a pack's last saved text; None if it is as shipped."""
        steps = self._steps(title)
        text = steps[-1].read_text(encoding="utf-8") if steps else ""
        return text or None

    def save(self, title: str, text: str) -> None:
        """Save a pack; "" = as shipped.

        Raises:
            StoreError: S01, S03 the folder cannot be written, S06 the title cannot be a file name.
        """
        steps = self._steps(title)
        number = int(steps[-1].stem.rpartition("~")[2]) + 1 if steps else 1
        make_folder(self.folder)
        path = self.folder / f"{title}~{number:06d}.toml"
        with translating_os_errors(path), atomic_write(path) as file:
            file.write(text.encode())
        for old in steps[: max(0, len(steps) + 1 - _STEPS)]:
            old.unlink(missing_ok=True)

    def undo(self, title: str) -> bool:
        """Undo the last change; return whether there was one."""
        steps = self._steps(title)
        if steps:
            steps[-1].unlink(missing_ok=True)
        return bool(steps)

    def _steps(self, title: str) -> list[Path]:
        if not _TITLE.fullmatch(title):
            raise StoreError("S06", f"{title!r} 不能作词库的名称。", "请用 20 个以内的汉字、字母或数字。")
        return sorted(self.folder.glob(f"{title}~??????.toml"))
