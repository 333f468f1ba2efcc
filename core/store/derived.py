"""Tables derived from a labelled table and stored beside it: aspects, topics or repeats an analysis found in a job.

Each is one Parquet file ``<kind>_<key>.parquet``, written atomically; the key covers everything that determines its
content, so that a file is never out of date. ``LabelledTable`` exposes each as a view with the file's name.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import StoreError
from core.files import TEMPORARY, atomic_write
from core.schema import Col
from core.store.files import make_folder, translating_os_errors

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Derived"]

_FACTS: Final = b"tingfeng"
_VIEW: Final = re.compile(r"[a-z]+_[0-9a-f]{10}")
_GROUP_ROWS: Final = 50_000
#: Maximum number of tables kept per kind; the oldest is deleted when another is written.
KEPT: Final = 6


class Derived:
    """The derived tables of one job.

    Args:
        folder: Their folder; created with the first file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def views(self) -> tuple[str, ...]:
        """Return the names of the existing tables, sorted."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(p.stem for p in self.folder.glob("*.parquet") if _VIEW.fullmatch(p.stem)))

    def latest(self, kind: str, **wanted: object) -> str | None:
        """Return the name of the most recently written table of a kind; None if there is none.

        Args:
            kind: First part of the name.
            wanted: Facts that it must have.

        Raises:
            StoreError: S04 a file is damaged; only if facts are wanted.
        """
        files = [self.path(view) for view in self.views() if view.startswith(f"{kind}_")]
        for path in sorted(files, key=_written_at, reverse=True):
            facts = self.facts(path.stem) or {} if wanted else {}
            if all(facts.get(name) == value for name, value in wanted.items()):
                return path.stem
        return None

    def path(self, view: str) -> Path:
        """Return the path of a table, which need not exist.

        Raises:
            StoreError: S06 it is not a name of a derived table.
        """
        if not _VIEW.fullmatch(view):
            raise StoreError("S06", f"{view!r} 不是分析结果的名称。", "请从页面上重新打开。")
        return self.folder / f"{view}.parquet"

    def write(self, view: str, frames: Iterable[pd.DataFrame], facts: Mapping[str, Any]) -> None:
        """Store a table atomically.

        Args:
            view: ``<kind>_<10 hex digits>``. At most one table of a job may be written at a time.
            frames: At least one, possibly without rows; all with the same columns, including ``row`` (int64,
                ``Col.ROW`` of the comment). The types of the first one apply to all.
            facts: Additional JSON facts; read after the last frame has been consumed, so that they may be filled in
                while the frames are produced.

        Raises:
            StoreError: S01 the folder cannot be written, S03 the disk is full.
        """
        path = self.path(view)
        make_folder(self.folder)
        with translating_os_errors(path):
            for left in self.folder.glob(f".*{TEMPORARY}"):  # left by a killed process: there is only one writer
                left.unlink(missing_ok=True)
            with atomic_write(path) as file:
                _write(file, frames, facts)
        self._drop_oldest(path)

    def facts(self, view: str) -> dict[str, Any] | None:
        """Return the facts of a table; None if there is no such table.

        Raises:
            StoreError: S04 the file is damaged; it is deleted, so that it can be created again.
        """
        path = self.path(view)
        if not path.exists():
            return None
        try:
            metadata = pq.read_metadata(path).metadata or {}
        except (OSError, pa.ArrowException) as exc:
            path.unlink(missing_ok=True)
            raise StoreError("S04", f"分析结果已损坏:{path.name}。", "请重新运行这项分析。") from exc
        return dict(json.loads(metadata.get(_FACTS, b"{}")))

    def clear(self) -> None:
        """Delete all derived tables.

        Raises:
            StoreError: S01 a file cannot be deleted.
        """
        with translating_os_errors(self.folder), suppress(FileNotFoundError):
            shutil.rmtree(self.folder)

    def _drop_oldest(self, newest: Path) -> None:
        # Exclude the newest explicitly: the clock may have been set back.
        others = [path for path in self.folder.glob(f"{newest.stem.partition('_')[0]}_*.parquet") if path != newest]
        for path in sorted(others, key=_written_at)[: 1 - KEPT]:
            path.unlink(missing_ok=True)


def _write(file: IO[bytes], frames: Iterable[pd.DataFrame], facts: Mapping[str, Any]) -> None:
    with ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        held: list[pa.Table] = []
        for frame in frames:
            if writer is None:
                schema = pa.Table.from_pandas(frame, preserve_index=False).schema.remove_metadata()
                if Col.ROW not in schema.names:
                    raise ValueError(f"a derived table needs the column {Col.ROW}")
                options = {"compression": "zstd", "write_page_checksum": True}
                writer = stack.enter_context(pq.ParquetWriter(file, schema, **options))
            held.append(pa.Table.from_pandas(frame, schema=writer.schema, preserve_index=False))
            # many small frames would become many small row groups, each scanned separately
            if sum(map(len, held)) >= _GROUP_ROWS:
                writer.write_table(pa.concat_tables(held), row_group_size=_GROUP_ROWS)
                held.clear()
        if writer is None:
            raise ValueError("a derived table needs at least one frame")
        if held:
            writer.write_table(pa.concat_tables(held), row_group_size=_GROUP_ROWS)
        writer.add_key_value_metadata({_FACTS: json.dumps(dict(facts), ensure_ascii=False).encode()})


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # deleted by another process meanwhile
        return 0.0
