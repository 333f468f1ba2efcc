"""Files that people uploaded: kept under the hash of their content, each content once."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import IO, Final

from core.errors import StoreError
from core.files import TEMPORARY
from core.store.files import make_folder, refusing

__all__ = ["Uploads"]

_PIECE: Final = 1 << 20
_DAY_SECONDS: Final = 86_400
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


class Uploads:
    """The folder ``uploads/<sha256>/<name>``.

    Args:
        folder: Made when the first file comes.
        limit_mb: Largest file, megabytes.
    """

    def __init__(self, folder: Path, *, limit_mb: int) -> None:
        self.folder = folder
        self._limit_mb = limit_mb

    def save(self, name: str, data: IO[bytes]) -> Path:
        """Keep a file; the same content a second time is found, not stored again.

        Args:
            name: As the person's machine calls it; path parts are dropped.
            data: Read from where it stands to its end, piece by piece.

        Returns:
            Where it lies. Its name there is that of the first upload of this content.

        Raises:
            StoreError: S01 the folder refuses, S03 the disk is full, S07 the file is too large.
        """
        make_folder(self.folder)
        incoming = self.folder / f"{time.time_ns()}{TEMPORARY}"
        try:
            with refusing(incoming):
                digest = self._receive(data, incoming)
                home = self.folder / digest
                home.mkdir(mode=0o700, exist_ok=True)
                present = [path for path in home.iterdir() if path.suffix != TEMPORARY]
                if present:
                    return present[0]
                target = home / _safe(name)
                incoming.replace(target)
                return target
        finally:
            incoming.unlink(missing_ok=True)

    def keep_only(self, used: Collection[str], *, older_than_days: float = 0.0) -> int:
        """Delete every file whose hash is not among ``used``; returns how many went.

        Args:
            used: SHA-256 of the files that jobs still need.
            older_than_days: Leave younger ones alone: they may belong to a job that is being prepared.
        """
        if not self.folder.is_dir():
            return 0
        before = time.time() - older_than_days * _DAY_SECONDS
        gone = [p for p in self.folder.iterdir() if p.name not in used and p.stat().st_mtime <= before]
        with refusing(self.folder):
            for path in gone:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return len(gone)

    def delete(self, sha256: str) -> None:
        """Delete one content; nothing happens if it is not here."""
        home = self.folder / sha256
        if re.fullmatch(r"[0-9a-f]{64}", sha256) and home.is_dir():
            with refusing(home):
                shutil.rmtree(home)

    def _receive(self, data: IO[bytes], target: Path) -> str:
        digest, size = hashlib.sha256(), 0
        with target.open("wb") as file:
            while piece := data.read(_PIECE):
                size += len(piece)
                if size > self._limit_mb * _PIECE:
                    raise StoreError(
                        "S07", f"文件超过 {self._limit_mb} MB 的上限。", "请拆分文件,或调高 TINGFENG_MAX_FILE_MB。"
                    )
                digest.update(piece)
                file.write(piece)
        return digest.hexdigest()


def _safe(name: str) -> str:
    """Return a file name without path, reserved characters or leading dots, at most 180 bytes long."""
    plain = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "upload"
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = plain, "", ""
    return stem.encode()[: 180 - len(ending)].decode(errors="ignore") + dot + ending
