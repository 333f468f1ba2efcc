"""The rows of a job on disk: Parquet files written atomically that cover the rows from 0 without a gap.

A file is named ``<first row>-<number of rows>.parquet``, so that the folder itself records what is done.
If two files overlap (after an interrupted compaction), the longer one is used.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import StoreError
from core.files import TEMPORARY, atomic_write
from core.schema import EMOTION_COLUMNS, Col, Status
from core.store import layout
from core.store.cache import CachedEmotion, CachedScore
from core.store.files import make_folder, translating_os_errors
from core.store.memory import release_free_memory

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ChunkFile", "Chunks"]

_FACTS: Final = b"tingfeng"
#: The folder may also hold files of other programs: ``._…`` of macOS, copies made by a sync program.
_NAME: Final = re.compile(r"(\d{12,})-(\d{8,})\.parquet")
_SCORE: Final = [
    Col.STATUS,
    Col.TEXT_KEY,
    Col.P_NEGATIVE,
    Col.P_NEUTRAL,
    Col.P_POSITIVE,
    Col.WINDOWS,
    Col.CUT,
]
#: Rows of a compacted file and of its row groups; DuckDB processes row groups in parallel, and a page of fifty
#: scattered comments reads one small group each instead of a large one.
COMPACT_ROWS, GROUP_ROWS = 1_000_000, 20_000
#: Files written between releases of freed memory, which many threads otherwise leave fragmented.
_GIVE_BACK_EVERY: Final = 16


@dataclass(frozen=True, slots=True, order=True)
class ChunkFile:
    """One Parquet file of a job: rows ``first`` … ``first + count - 1``."""

    first: int
    count: int
    path: Path


class Chunks:
    """The chunk files of one job.

    Args:
        folder: Their folder; created with the first file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = 0

    def files(self) -> list[ChunkFile]:
        """Return the files that cover rows 0, 1, … without gap or overlap, in order; no file is opened."""
        paths = self.folder.glob("*.parquet") if self.folder.is_dir() else ()
        named = [ChunkFile(int(m[1]), int(m[2]), path) for path in paths if (m := _NAME.fullmatch(path.name))]
        cover: list[ChunkFile] = []
        for file in sorted(named, key=_longest_first):
            if file.first == (cover[-1].first + cover[-1].count if cover else 0):
                cover.append(file)
        return cover

    def rows(self) -> int:
        """Return the number of stored rows, from the file names."""
        cover = self.files()
        return cover[-1].first + cover[-1].count if cover else 0

    def write(self, frame: pd.DataFrame, *, first_row: int, facts: Mapping[str, float]) -> None:
        """Store the next rows as one file, atomically.

        Args:
            frame: n rows with ``LABELLED_COLUMNS`` and original columns.
            first_row: Position of its first row in the job.
            facts: Numbers about these rows that are summed over the job: seconds per stage, ragged rows.

        Raises:
            StoreError: S01 the folder cannot be written, S03 the disk is full.
        """
        make_folder(self.folder)
        _write(self._path(first_row, len(frame)), [layout.to_arrow(frame)], facts)
        self._written += 1
        if self._written % _GIVE_BACK_EVERY == 0:
            release_free_memory()

    def drop_damaged(self) -> int:
        """Delete unfinished and damaged files and all rows after them, so that they can be computed again.

        Returns:
            The number of intact rows, counted from row 0.

        Raises:
            StoreError: S01 a file cannot be deleted.
        """
        if not self.folder.is_dir():
            return 0
        good: set[Path] = set()
        for file in self.files():
            if not _is_whole(file):
                break
            good.add(file.path)
        with translating_os_errors(self.folder):
            for path in self.folder.iterdir():
                if path.suffix in {".parquet", TEMPORARY} and path not in good:
                    path.unlink()
        return self.rows()

    def clear(self) -> None:
        """Delete all rows.

        Raises:
            StoreError: S01 a file cannot be deleted.
        """
        if self.folder.exists():
            with translating_os_errors(self.folder):
                shutil.rmtree(self.folder)

    def facts(self) -> dict[str, float]:
        """Return the facts passed to ``write``, summed over all rows."""
        return _sum(self.files())

    def drop(self, last: ChunkFile) -> None:
        """Delete the last file.

        Raises:
            StoreError: S01 it cannot be deleted.
        """
        with translating_os_errors(last.path):
            last.path.unlink(missing_ok=True)

    def text_keys(self, files: Sequence[ChunkFile] | None = None) -> Iterator[list[str]]:
        """Yield the text keys of the scored rows, file by file, in order; only of ``files`` if given."""
        for file in self.files() if files is None else files:
            for batch in _batches(_open(file.path), [Col.TEXT_KEY, Col.STATUS]):
                table = pa.Table.from_batches([batch])
                yield table.filter(pc.equal(table[Col.STATUS], Status.SCORED))[Col.TEXT_KEY].to_pylist()

    def scores(self, keys: Collection[str]) -> dict[str, CachedScore]:
        """Look up the stored scores of some texts; return only those found.

        Args:
            keys: Text keys.
        """
        wanted = pa.array(sorted(keys), pa.string())
        found: dict[str, CachedScore] = {}
        for file in self.files():
            found |= _scores(file, wanted)
        return found

    def last_scores(self) -> dict[str, CachedScore]:
        """Return the scores of the last file, by text key."""
        cover = self.files()
        return _scores(cover[-1], None) if cover else {}

    def schema(self) -> pa.Schema:
        """Return the Arrow schema over all files; only our columns if nothing is stored yet.

        Raises:
            StoreError: S04 a file is damaged.
        """
        try:
            return layout.union(_open(file.path).schema_arrow for file in self.files())
        except StoreError:  # small files were compacted meanwhile: retry once
            return layout.union(_open(file.path).schema_arrow for file in self.files())

    def frames(self, columns: Sequence[str] | None = None, *, batch_rows: int = 20_000) -> Iterator[pd.DataFrame]:
        """Yield the stored rows in order.

        Args:
            columns: Names to read; None for all. An input column that a file lacks is "" there; a missing emotion
                column is NaN.
            batch_rows: Maximum rows per frame.

        Raises:
            StoreError: S04 a file is damaged.
        """
        wanted = list(columns) if columns is not None else self.schema().names
        for reader, passed in self._opened():
            present = [name for name in wanted if name in reader.schema_arrow.names]
            for batch in _unpassed(_batches(reader, present, batch_rows), passed):
                yield _completed(batch.to_pandas(), wanted)

    def compact(self) -> None:
        """Merge the small files of a finished job into a few large ones; a crash at any moment loses nothing.

        Raises:
            StoreError: S03 the disk is full; the small files are kept.
        """
        release_free_memory()
        group: list[ChunkFile] = []
        for file in [*self.files(), None]:
            if group and (file is None or sum(g.count for g in group) + file.count > COMPACT_ROWS):
                self._join(group)
                group = []
            if file is not None:
                group.append(file)

    def _opened(self) -> Iterator[tuple[pq.ParquetFile, int]]:
        """Yield the files, open, in order, each with the number of its leading rows that earlier files covered.

        That is 0, unless the small files are compacted meanwhile: then the large file continues where they ended.
        """
        done, left = 0, self.files()
        while left:
            file, *left = left
            try:
                reader = _open(file.path)
            except StoreError:
                left = [one for one in self.files() if one.first + one.count > done]
                if not left or left[0] == file:
                    raise
                continue
            yield reader, done - file.first
            done = file.first + file.count

    def _join(self, group: Sequence[ChunkFile]) -> None:
        if len(group) < 2:
            return
        target = self._path(group[0].first, sum(file.count for file in group))
        _write(target, _row_groups(group, layout.union(pq.read_schema(f.path) for f in group)), _sum(group))
        with translating_os_errors(self.folder):
            for file in group:
                file.path.unlink()

    def _path(self, first: int, count: int) -> Path:
        return self.folder / f"{first:012d}-{count:08d}.parquet"


def _longest_first(file: ChunkFile) -> tuple[int, int]:
    return file.first, -file.count


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as exc:
        raise StoreError("S04", f"结果文件已损坏:{path.name}。", "请重新运行这个任务,损坏的部分会重新计算。") from exc


def _batches(
    reader: pq.ParquetFile, columns: Sequence[str] | None = None, batch_rows: int = GROUP_ROWS
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file with one row group in memory: a request for all makes Arrow read all bytes first.

    Single-threaded: reading 100,000 rows takes .07 s longer (.32 s), but the heaps of many threads retain 14 MiB more.
    """
    names = None if columns is None else list(columns)
    for group in range(reader.num_row_groups):
        yield from reader.iter_batches(batch_size=batch_rows, row_groups=[group], columns=names, use_threads=False)


def _unpassed(batches: Iterator[pa.RecordBatch], passed: int) -> Iterator[pa.RecordBatch]:
    """Skip the first rows."""
    for batch in batches:
        if batch.num_rows > passed:
            yield batch.slice(passed)
        passed = max(0, passed - batch.num_rows)


def _completed(frame: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """Add the columns that a file lacks."""
    missing = [name for name in wanted if name not in frame.columns]
    empty = {name: math.nan if name in EMOTION_COLUMNS else "" for name in missing}
    return frame.assign(**empty)[list(wanted)]


def _scores(file: ChunkFile, wanted: pa.Array | None) -> dict[str, CachedScore]:
    """Return the scores of the scored rows of one file; ``wanted`` None means all."""
    found: dict[str, CachedScore] = {}
    reader = _open(file.path)
    felt = [name for name in EMOTION_COLUMNS if name in reader.schema_arrow.names]
    for batch in _batches(reader, [*_SCORE, *felt]):
        table = pa.Table.from_batches([batch])
        mask = pc.equal(table[Col.STATUS], Status.SCORED)
        if wanted is not None:
            mask = pc.and_(mask, pc.is_in(table[Col.TEXT_KEY], value_set=wanted))
        rows = table.filter(mask).select([*_SCORE[1:], *felt]).to_pydict().values()
        for key, negative, neutral, positive, windows, cut, *emotion in zip(*rows, strict=True):
            known = CachedEmotion(*emotion) if emotion else None
            found[key] = CachedScore((negative, neutral, positive), windows, cut, known)
    return found


def _is_whole(file: ChunkFile) -> bool:
    """Read a whole file; every page has a checksum, so that a torn or altered file is detected."""
    try:
        reader = _open(file.path)
        seen = sum(batch.num_rows for batch in _batches(reader))
    except (StoreError, OSError, pa.ArrowException):
        return False
    return bool(seen == file.count)


def _write(path: Path, tables: Iterator[pa.Table] | list[pa.Table], facts: Mapping[str, float]) -> None:
    writer: pq.ParquetWriter | None = None
    with translating_os_errors(path), atomic_write(path) as file:
        for table in tables:
            if writer is None:
                schema = table.schema.with_metadata({_FACTS: json.dumps(dict(facts)).encode()})
                # List elements have their own path; without a dictionary, keyword analyses take twice as long.
                leaves = {Col.TERMS: f"{Col.TERMS}.list.element"}
                repeating = [leaves.get(name, name) for name in schema.names if name not in layout.PLAIN]
                writer = pq.ParquetWriter(
                    file, schema, compression="zstd", use_dictionary=repeating, write_page_checksum=True
                )
            writer.write_table(table.cast(writer.schema), row_group_size=GROUP_ROWS)
            del table  # otherwise it stays in memory while the next one is built
        if writer is not None:
            writer.close()


def _row_groups(group: Sequence[ChunkFile], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of several files as tables of about ``GROUP_ROWS`` rows with one schema."""
    held: list[pa.Table] = []
    for file in group:
        for batch in _batches(_open(file.path)):
            held.append(_widen(pa.Table.from_batches([batch]), schema))
            if sum(table.num_rows for table in held) >= GROUP_ROWS:
                yield pa.concat_tables(held)
                held = []
                release_free_memory()
    if held:
        yield pa.concat_tables(held)


def _widen(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Add the original columns a table lacks, filled with empty text."""
    nothing = pa.repeat("", table.num_rows)
    columns = [table[name] if name in table.schema.names else nothing for name in schema.names]
    return pa.table(columns, schema=schema)


def _sum(files: Sequence[ChunkFile]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for file in files:
        metadata = pq.read_schema(file.path).metadata or {}
        total.update(json.loads(metadata.get(_FACTS, b"{}")))
    return dict(total)
