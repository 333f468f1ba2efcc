"""Uploaded files, stored under the hash of their content, each content once."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from core.errors import StoreError
from core.files import TEMPORARY
from core.store.files import make_folder, translating_os_errors

__all__ = ["Kept", "Uploads"]

_PIECE: Final = 1 << 20
_DAY_SECONDS: Final = 86_400
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class Kept:
    """An uploaded file as received.

    Attributes:
        path: Its path.
        stamp: Modification time given to its folder, ns; a later upload of the same content changes it. None if the
            content already existed.
    """

    path: Path
    stamp: int | None


class Uploads:
    """The folder ``uploads/<sha256>/<name>``.

    Args:
        folder: Created with the first file.
        limit_mb: Largest file, megabytes.
    """

    def __init__(self, folder: Path, *, limit_mb: int) -> None:
        self.folder = folder
        self._limit_mb = limit_mb

    def save(self, name: str, data: IO[bytes]) -> Path:
        """Store a file; content that already exists is not stored again.

        Args:
            name: Its name on the user's machine; path components are dropped.
            data: Read from its current position to the end, piece by piece.

        Returns:
            Its path. The file name is that of the first upload of this content.

        Raises:
            StoreError: S01 the folder cannot be written, S03 the disk is full, S07 the file is too large.
        """
        return self.take_in(name, data).path

    def take_in(self, name: str, data: IO[bytes]) -> Kept:
        """Store a file like ``save``, such that ``withdraw`` can undo it.

        Args:
            name: As for ``save``.
            data: As for ``save``.

        Raises:
            StoreError: As for ``save``.
        """
        make_folder(self.folder)
        with translating_os_errors(self.folder):
            incoming = Path(tempfile.mkdtemp(suffix=TEMPORARY, dir=self.folder))
            try:
                file = incoming / _safe(name)
                home = self.folder / self._receive(data, file)
                return _settled(file, home)
            finally:
                shutil.rmtree(incoming, ignore_errors=True)

    def withdraw(self, kept: Kept) -> None:
        """Delete an upload that is no longer wanted, unless the same content was uploaded by someone else, too.

        Args:
            kept: From ``take_in``.

        Raises:
            StoreError: S01 the folder cannot be written.
        """
        home = kept.path.parent
        aside = home.with_name(f"{home.name}.{time.time_ns()}{TEMPORARY}")
        with translating_os_errors(home), suppress(FileNotFoundError):
            if kept.stamp != home.stat().st_mtime_ns:
                return
            home.rename(aside)
            if kept.stamp != aside.stat().st_mtime_ns:  # concurrent upload of the same content: restore it
                with suppress(OSError):
                    aside.rename(home)
            shutil.rmtree(aside, ignore_errors=True)

    def keep_only(self, used: Collection[str], *, older_than_days: float = 0.0) -> int:
        """Delete every file whose hash is not in ``used``; return the number deleted.

        Args:
            used: SHA-256 of the files that jobs still need.
            older_than_days: Keep younger files: they may belong to a job that is being prepared.
        """
        if not self.folder.is_dir():
            return 0
        before = time.time() - older_than_days * _DAY_SECONDS
        gone = 0
        with translating_os_errors(self.folder):
            for path in self.folder.iterdir():
                with suppress(FileNotFoundError):  # deleted by another process meanwhile
                    if path.name not in used and path.lstat().st_mtime <= before:
                        _remove(path)
                        gone += 1
        return gone

    def delete(self, sha256: str) -> None:
        """Delete one content; unknown hashes are ignored."""
        home = self.folder / sha256
        if re.fullmatch(r"[0-9a-f]{64}", sha256):
            with translating_os_errors(home), suppress(FileNotFoundError):
                _remove(home)

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


def _remove(path: Path) -> None:
    """Delete a file, a folder, or a link without its target."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _settled(file: Path, home: Path) -> Kept:
    """Move a file's folder to its final place, or find that the content already exists."""
    stamp = file.parent.stat().st_mtime_ns
    while True:
        try:
            file.parent.rename(home)  # fails onto a non-empty folder: of concurrent equal uploads, the first wins
            return Kept(home / file.name, stamp)
        except OSError as exc:
            if exc.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        now = time.time_ns()
        with suppress(FileNotFoundError, StopIteration):  # withdrawn meanwhile: retry
            os.utime(home, ns=(now, now))
            return Kept(next(home.iterdir()), None)


def _safe(name: str) -> str:
    """Return a file name without path, reserved characters or leading dots, at most 180 bytes long."""
    plain = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "upload"
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = plain, "", ""
    return stem.encode()[: 180 - len(ending)].decode(errors="ignore") + dot + ending
