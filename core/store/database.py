"""One SQLite file shared by the threads of this process and by other processes."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from core.errors import StoreError
from core.store.files import file_lock, make_folder

__all__ = ["Database"]

#: Maximum wait for a writer, or for a process that opens the file for the first time.
_WAIT_SECONDS: Final = 30


class Database:
    """A connection shared by threads, one at a time; waits for writers in other processes.

    Args:
        path: The file; its folder is created if needed.
        script: SQL that creates missing tables.
        added: Columns by table, with their types, to be added to files created earlier.

    Raises:
        StoreError: S01 the folder cannot be used, S02 the file is not a database or is damaged.
    """

    def __init__(self, path: Path, script: str, *, added: Mapping[str, Mapping[str, str]] | None = None) -> None:
        make_folder(path.parent)
        self.path = path
        self._lock = threading.RLock()
        with self._explained(), self._alone():
            # autocommit: transactions begin only in ``transaction``
            self._connection = sqlite3.connect(
                path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            # secure_delete: deleted data is overwritten, not only unlinked
            # Default 2 MiB page cache: with 16 MiB, storing 2,000 beside a million scores took 39 ms instead of 44.
            self._connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;" + script
            )
            for table, columns in (added or {}).items():
                self._complete(table, columns)

    def _alone(self) -> AbstractContextManager[None]:
        """Let one process at a time prepare the file: SQLite does not wait while switching to a write-ahead log."""
        taken = StoreError("S01", f"另一个进程一直在打开 {self.path}。", "请稍后重试。")
        return file_lock(self.path.with_name(self.path.name + ".lock"), taken, wait_seconds=_WAIT_SECONDS)

    def _complete(self, table: str, columns: Mapping[str, str]) -> None:
        known = {row["name"] for row in self._connection.execute(f"PRAGMA table_info({table})")}
        for name, kind in columns.items():
            if name not in known:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Provide the connection within one transaction, which is rolled back on an exception.

        Raises:
            StoreError: S01, S02 or S03, depending on what SQLite reports.
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
        """Truncate the write-ahead log, so that deleted values do not persist in it."""
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
            if getattr(exc, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                hint = "请关闭打开着它的程序(如数据库查看工具)后重试。"
                raise StoreError("S01", f"另一个程序一直占用 {self.path}。", hint) from exc
            raise StoreError(
                "S01", f"无法使用 {self.path}:{exc}。", "请检查权限,或用 TINGFENG_DATA_DIR 换一个文件夹。"
            ) from exc
        except sqlite3.DatabaseError as exc:
            raise StoreError(
                "S02", f"数据文件已损坏:{self.path}({exc})。", "请把它移到别处后重试;已有的任务结果仍在 jobs 文件夹里。"
            ) from exc
