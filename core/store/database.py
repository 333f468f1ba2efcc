"""One SQLite file shared by the threads of this process and by other processes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreError
from core.store.files import make_folder

__all__ = ["Database"]


class Database:
    """A connection that any thread may use, one at a time; writers of other processes are waited for.

    Args:
        path: The file; its folder is made if needed.
        script: SQL that makes the tables where they are missing.

    Raises:
        StoreError: S01 the folder refuses, S02 the file is no database or damaged.
    """

    def __init__(self, path: Path, script: str) -> None:
        make_folder(path.parent)
        self.path = path
        self._lock = threading.RLock()
        with self._explained():
            # autocommit: transactions begin where ``transaction`` says so and nowhere else
            self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            # secure_delete: what a person deletes is overwritten, not only unlinked
            # its usual 2 MiB of pages stay: with 16 MiB storing 2,000 beside a million scores took 39 ms instead of 44
            self._connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;" + script
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside one transaction: all of it happens or, on an exception, nothing.

        Raises:
            StoreError: S01, S02 or S03 by what SQLite reports.
        """
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock, self._explained():
            return self._connection.execute(sql, parameters).fetchall()

    def shrink(self) -> None:
        """Empty the write-ahead log, so that deleted values do not live on in it."""
        with self._lock, self._explained():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as exc:
            full = getattr(exc, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
            if full:
                raise StoreError("S03", f"磁盘空间不足或无法写入 {self.path}。", "请腾出空间后重新运行。") from exc
            raise StoreError(
                "S01", f"无法使用 {self.path}:{exc}。", "请检查权限,或用 TINGFENG_DATA_DIR 换一个文件夹。"
            ) from exc
        except sqlite3.DatabaseError as exc:
            raise StoreError(
                "S02", f"数据文件已损坏:{self.path}({exc})。", "请把它移到别处后重试;已有的任务结果仍在 jobs 文件夹里。"
            ) from exc
