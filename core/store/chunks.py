"""The rows of a job on disk: Parquet files that appear whole and cover the rows from 0 without a gap.

A file is called ``<first row>-<number of rows>.parquet``, so that the folder itself is the list of what is done.
Where two files overlap (compaction was interrupted) the longer one counts.
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
from core.files import TEMPORARY, written_whole
from core.schema import EMOTION_COLUMNS, Col, Status
from core.store import layout
from core.store.cache import CachedEmotion, CachedScore
from core.store.files import make_folder, refusing
from core.store.memory import give_back

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ChunkFile", "Chunks"]

_FACTS: Final = b"tingfeng"
#: Beside these may lie what other programs leave in any folder: ``._…`` of macOS, copies of a program that syncs.
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
#: Rows of a compacted file and of one of its row groups; DuckDB works on row groups in parallel, and a
#: page of fifty comments from anywhere reads one small group each and not one large one.
COMPACT_ROWS, GROUP_ROWS = 1_000_000, 20_000
#: Files written between two times that freed memory is given back: what many threads free lies scattered otherwise.
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
        folder: Where they lie; made when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = 0

    def files(self) -> list[ChunkFile]:
        """Return the files that cover rows 0, 1, … without gap or overlap, in order; opens none of them."""
        paths = self.folder.glob("*.parquet") if self.folder.is_dir() else ()
        named = [ChunkFile(int(m[1]), int(m[2]), path) for path in paths if (m := _NAME.fullmatch(path.name))]
        cover: list[ChunkFile] = []
        for file in sorted(named, key=_longest_first):
            if file.first == (cover[-1].first + cover[-1].count if cover else 0):
                cover.append(file)
        return cover

    def rows(self) -> int:
        """Return how many rows are stored, by the names of the files."""
        cover = self.files()
        return cover[-1].first + cover[-1].count if cover else 0

    def write(self, frame: pd.DataFrame, *, first_row: int, facts: Mapping[str, float]) -> None:
        """Store the next rows as one file that appears whole or not at all.

        Args:
            frame: n rows with ``LABELLED_COLUMNS`` and original columns.
            first_row: Position of its first row in the job.
            facts: Numbers about these rows that are summed over the job: seconds per stage, ragged rows.

        Raises:
            StoreError: S01 the folder refuses, S03 the disk is full.
        """
        make_folder(self.folder)
        _write(self._path(first_row, len(frame)), [layout.to_arrow(frame)], facts)
        self._written += 1
        if self._written % _GIVE_BACK_EVERY == 0:
            give_back()

    def drop_damaged(self) -> int:
        """Delete unfinished and damaged files and everything behind them, so that the rows can be made again.

        Returns:
            The number of good rows, counted from row 0.

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
        with refusing(self.folder):
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
            with refusing(self.folder):
                shutil.rmtree(self.folder)

    def facts(self) -> dict[str, float]:
        """Return the facts given to ``write``, summed over all rows."""
        return _sum(self.files())

    def drop(self, last: ChunkFile) -> None:
        """Delete the last file.

        Raises:
            StoreError: S01 it cannot be deleted.
        """
        with refusing(last.path):
            last.path.unlink(missing_ok=True)

    def text_keys(self, files: Sequence[ChunkFile] | None = None) -> Iterator[list[str]]:
        """Yield the text keys of the scored rows, file by file, in order; of some files only, where they are given."""
        for file in self.files() if files is None else files:
            for batch in _batches(_open(file.path), [Col.TEXT_KEY, Col.STATUS]):
                table = pa.Table.from_batches([batch])
                yield table.filter(pc.equal(table[Col.STATUS], Status.SCORED))[Col.TEXT_KEY].to_pylist()

    def scores(self, keys: Collection[str]) -> dict[str, CachedScore]:
        """Look up the stored scores of some texts; returns only those found.

        Args:
            keys: Text keys.
        """
        wanted = pa.array(sorted(keys), pa.string())
        found: dict[str, CachedScore] = {}
        for file in self.files():
            found |= _scores(file, wanted)
        return found

    def last_scores(self) -> dict[str, CachedScore]:
        """Return the scores of the file stored last, by text key."""
        cover = self.files()
        return _scores(cover[-1], None) if cover else {}

    def schema(self) -> pa.Schema:
        """Return the Arrow schema over all files; only our columns when nothing is stored yet.

        Raises:
            StoreError: S04 a file is damaged.
        """
        try:
            return layout.union(_open(file.path).schema_arrow for file in self.files())
        except StoreError:  # the small files were joined at this moment: look again, once
            return layout.union(_open(file.path).schema_arrow for file in self.files())

    def frames(self, columns: Sequence[str] | None = None, *, batch_rows: int = 20_000) -> Iterator[pd.DataFrame]:
        """Yield the stored rows in order.

        Args:
            columns: Names to read; None for all. A column of the input that a file lacks is "" there, one of the
                emotion columns NaN.
            batch_rows: Most rows of one frame.

        Raises:
            StoreError: S04 a file is damaged.
        """
        wanted = list(columns) if columns is not None else self.schema().names
        for reader, passed in self._opened():
            present = [name for name in wanted if name in reader.schema_arrow.names]
            for batch in _unpassed(_batches(reader, present, batch_rows), passed):
                yield _completed(batch.to_pandas(), wanted)

    def compact(self) -> None:
        """Join the small files of a finished job into few large ones; a crash at any moment loses nothing.

        Raises:
            StoreError: S03 the disk is full; the small files stay as they are.
        """
        give_back()
        group: list[ChunkFile] = []
        for file in [*self.files(), None]:
            if group and (file is None or sum(g.count for g in group) + file.count > COMPACT_ROWS):
                self._join(group)
                group = []
            if file is not None:
                group.append(file)

    def _opened(self) -> Iterator[tuple[pq.ParquetFile, int]]:
        """Yield the files, open, in order, each with the number of its first rows that were in those before.

        That is 0, unless the small files are joined at this moment: then the large one goes on where they ended.
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
        with refusing(self.folder):
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
    """Yield the rows of a file, one row group in memory: asked for all, Arrow first reads the bytes of all.

    In one thread: 100,000 rows take .07 s longer to read (.32 s), the heaps of many threads keep 14 MiB more.
    """
    names = None if columns is None else list(columns)
    for group in range(reader.num_row_groups):
        yield from reader.iter_batches(batch_size=batch_rows, row_groups=[group], columns=names, use_threads=False)


def _unpassed(batches: Iterator[pa.RecordBatch], passed: int) -> Iterator[pa.RecordBatch]:
    """Leave out the first rows."""
    for batch in batches:
        if batch.num_rows > passed:
            yield batch.slice(passed)
        passed = max(0, passed - batch.num_rows)


def _completed(frame: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """Add the columns that a file does not have."""
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
    """Read a file through: every page has a checksum, so that a torn or altered file is found."""
    try:
        reader = _open(file.path)
        seen = sum(batch.num_rows for batch in _batches(reader))
    except (StoreError, OSError, pa.ArrowException):
        return False
    return bool(seen == file.count)


def _write(path: Path, tables: Iterator[pa.Table] | list[pa.Table], facts: Mapping[str, float]) -> None:
    writer: pq.ParquetWriter | None = None
    with refusing(path), written_whole(path) as file:
        for table in tables:
            if writer is None:
                schema = table.schema.with_metadata({_FACTS: json.dumps(dict(facts)).encode()})
                # the words of a list stand under their own path; plain, they double the time of every keyword analysis
                leaves = {Col.TERMS: f"{Col.TERMS}.list.element"}
                repeating = [leaves.get(name, name) for name in schema.names if name not in layout.PLAIN]
                writer = pq.ParquetWriter(
                    file, schema, compression="zstd", use_dictionary=repeating, write_page_checksum=True
                )
            writer.write_table(table.cast(writer.schema), row_group_size=GROUP_ROWS)
            del table  # or it would lie in memory while the next one is put together
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
                give_back()
    if held:
        yield pa.concat_tables(held)


def _widen(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give a table the original columns it lacks, filled with empty text."""
    nothing = pa.repeat("", table.num_rows)
    columns = [table[name] if name in table.schema.names else nothing for name in schema.names]
    return pa.table(columns, schema=schema)


def _sum(files: Sequence[ChunkFile]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for file in files:
        metadata = pq.read_schema(file.path).metadata or {}
        total.update(json.loads(metadata.get(_FACTS, b"{}")))
    return dict(total)
