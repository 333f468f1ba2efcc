"""The labelled table of a job as SQL: DuckDB over its Parquet files, read-only and isolated from everything else."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np

from core.errors import StoreError
from core.schema import EMOTION_COLUMNS, LABELLED_COLUMNS, ORIGINAL_PREFIX, Col, original_names
from core.store.catalogue import Catalogue, Correction
from core.store.chunks import Chunks
from core.store.derived import Derived
from core.store.reexports import reexports

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["LabelledTable"]

#: DuckDB's message for an unknown derived table.
_GONE: Final = re.compile(r"Table with name [a-z]+_[0-9a-f]{10} does not exist")
_ALLOWED: Final = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class LabelledTable:
    """Implements ``schema.Table``: the view ``comments`` has ``LABELLED_COLUMNS``, ``EMOTION_COLUMNS`` (NULL if not
    requested), ``model_label``, ``corrected``, ``reexported`` and the original columns with ``ORIGINAL_PREFIX``. Each
    derived table of the job is a view with its own name.

    ``label`` includes corrections; a corrected row no longer needs review. Thread-safe. While the job runs, each query
    sees the rows stored by then. A query can neither change anything nor access another file.

    Args:
        job_id: The job.
        chunks: The job's files.
        catalogue: The source of its corrections.
        derived: Tables that analyses derived from it.
        threads: CPU threads per query; 0 takes every core.

    Raises:
        StoreError: S04 a file is damaged.
    """

    def __init__(
        self, job_id: str, chunks: Chunks, catalogue: Catalogue, *, derived: Derived, threads: int = 0
    ) -> None:
        self._job_id = job_id
        self._chunks = chunks
        self._derived = derived
        self._catalogue = catalogue
        self._threads = threads
        self._lock = threading.Lock()
        self._seen: object = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._columns: tuple[str, ...] = ()
        #: Number of rows, and which of them repeat an earlier comment, when last computed.
        self._reexports: tuple[int, NDArray[np.int64]] | None = None

    @property
    def original_columns(self) -> tuple[str, ...]:
        """Names of the file's own columns, without the prefix, in file order."""
        return original_names(self._names())

    @property
    def has_emotions(self) -> bool:
        """Whether emotions were requested for the job."""
        return Col.EMOTION in self._names()

    @property
    def version(self) -> str:
        """A key that changes whenever rows or corrections do, for caching results.

        Derived tables do not change it: their names identify what they were made from.
        """
        return "-".join(map(str, self._state()[:3]))

    @property
    def rows_version(self) -> str:
        """A key that changes whenever rows do, but not with corrections; for results independent of labels."""
        return str(self._state()[0])

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Run one read-only statement on the view ``comments``.

        Args:
            sql: DuckDB SQL with positional ``?`` parameters.
            parameters: Their values.

        Returns:
            The result; columns and types as DuckDB gives them.

        Raises:
            StoreError: S04 a file is damaged, S05 the job was deleted, S06 the statement is rejected or invalid.
        """
        try:
            return self._ask(sql, parameters)
        except duckdb.IOException:
            # the small files were compacted between opening and reading: retry once
            self._seen = None
        try:
            return self._ask(sql, parameters)
        except duckdb.IOException as exc:
            raise StoreError("S04", "任务的结果文件读不出来。", "请重新运行这个任务,损坏的部分会重新计算。") from exc

    def frames(
        self,
        where: str = "",
        parameters: Sequence[object] = (),
        *,
        columns: Sequence[str] | None = None,
        batch_rows: int = 2_000,
    ) -> Iterator[pd.DataFrame]:
        """Yield rows in order in constant memory, with corrections applied, as for an export.

        Args:
            where: SQL condition on ``comments`` with ``?`` parameters; "" for all rows.
            parameters: Its values.
            columns: A subset of the labelled and original columns; None for all but ``terms``.
            batch_rows: Maximum rows per frame.

        Raises:
            StoreError: S04 a file is damaged, S05 the job was deleted, S06 the condition is rejected or invalid.
        """
        self._state()
        chosen = None
        if where:
            sql = f'SELECT "{Col.ROW}" FROM comments WHERE {where} ORDER BY "{Col.ROW}"'
            chosen = self.query(sql, parameters)[Col.ROW].to_numpy()
        corrections = {c.row: c for c in self._catalogue.corrections(self._job_id)}
        names = [n for n in self._chunks.schema().names if n != Col.TERMS] if columns is None else list(columns)
        needed = list(dict.fromkeys([Col.ROW, *names]))
        for frame in self._chunks.frames(needed, batch_rows=batch_rows):
            picked = frame if chosen is None else _pick(frame, chosen)
            if len(picked):
                yield _corrected(picked, corrections)[names]

    def close(self) -> None:
        """Release the files."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._seen = None, None

    def _names(self) -> tuple[str, ...]:
        """Return the current columns, without requiring an open database."""
        with self._lock:
            if self._connection is not None and self._seen == self._state():
                return self._columns
        return tuple(self._chunks.schema().names)

    def _ask(self, sql: str, parameters: Sequence[object]) -> pd.DataFrame:
        with self._fresh() as cursor:
            try:
                statements = cursor.extract_statements(sql)
                if len(statements) != 1 or statements[0].type not in _ALLOWED:
                    raise StoreError("S06", "只能执行一条查询语句。", "请改用单条 SELECT。")
                return cursor.execute(sql, list(parameters)).df()
            except duckdb.IOException:
                raise
            except duckdb.Error as exc:
                if isinstance(exc, duckdb.CatalogException) and _GONE.search(str(exc)):
                    raise StoreError("S10", "这里用到的分析结果已不在。", "请重新分析,或去掉这项筛选。") from exc
                # only the error type: its text may quote values of the table
                kind = type(exc).__name__
                raise StoreError("S06", f"查询无法执行({kind})。", "请检查列名和筛选条件。") from exc

    def _fresh(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that sees the current files and corrections; it outlives ``close``.

        Each query has its own, because DuckDB connections are not thread-safe, whereas databases are.
        """
        with self._lock:
            state = self._state()
            if self._connection is None or state != self._seen:
                self._connection = self._connect()
                self._seen = state
            return self._connection.cursor()

    def _state(self) -> tuple[int, int, int, tuple[str, ...]]:
        """Return the numbers of rows and files, the version of the corrections, and the derived tables."""
        files = self._chunks.files()
        rows = files[-1].first + files[-1].count if files else 0
        return rows, len(files), self._catalogue.corrections_version(self._job_id), self._derived.views()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:")
        if self._threads:
            connection.execute(f"SET threads = {int(self._threads)}")
        paths = [file.path for file in self._chunks.files()]
        views = {view: self._derived.path(view) for view in self._derived.views()}
        schema = self._chunks.schema()
        self._columns = tuple(schema.names)
        # permanently restrict access to these files
        connection.execute(f"SET allowed_paths = {_literal([*paths, *views.values()])}")
        if not paths:
            connection.register("empty_table", schema.empty_table())
            connection.execute("CREATE TABLE no_rows AS SELECT * FROM empty_table")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        corrections = self._catalogue.corrections(self._job_id)
        if corrections:
            connection.execute("CREATE TABLE corrections (row BIGINT, label TINYINT)")
            pairs = [[c.row for c in corrections], [c.label for c in corrections]]
            connection.execute("INSERT INTO corrections SELECT unnest(?), unnest(?)", pairs)
        again = self._again(connection, paths)
        if len(again):
            connection.execute("CREATE TABLE reexports AS SELECT unnest(?::BIGINT[]) AS row", [again.tolist()])
        view = _view(paths, self._columns, corrected=bool(corrections), reexported=bool(len(again)))
        connection.execute(view)
        for view, path in views.items():
            connection.execute(f"CREATE VIEW {_quoted(view)} AS SELECT * FROM read_parquet({_literal([path])})")
        return connection

    def _again(self, connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> NDArray[np.int64]:
        """Return the rows that repeat an earlier comment; computed once, regardless of corrections."""
        rows = self._state()[0]
        if self._reexports is None or self._reexports[0] != rows:
            self._reexports = rows, reexports(connection, _source(paths))
        return self._reexports[1]


def _source(paths: Sequence[Path]) -> str:
    return f"read_parquet({_literal(paths)}, union_by_name = true)" if paths else "no_rows"


def _view(paths: Sequence[Path], columns: Sequence[str], *, corrected: bool, reexported: bool) -> str:
    own = [_quoted(name) for name in columns if name.startswith(ORIGINAL_PREFIX)]
    # tables of one job may have different columns: missing ones are empty, as in the finished job
    ours = [f"c.{_quoted(name)}" for name in LABELLED_COLUMNS]
    ours += [f"c.{_quoted(n)}" if n in columns else f"NULL::FLOAT AS {_quoted(n)}" for n in EMOTION_COLUMNS]
    label = f"c.{_quoted(Col.LABEL)}"
    join, extra = "", [f"{label} AS {Col.MODEL_LABEL}", f"false AS {Col.CORRECTED}"]
    if corrected:
        join = f"LEFT JOIN corrections k ON c.{_quoted(Col.ROW)} = k.row"
        extra = [f"{label} AS {Col.MODEL_LABEL}", f"k.label IS NOT NULL AS {Col.CORRECTED}"]
        ours[LABELLED_COLUMNS.index(Col.LABEL)] = f"coalesce(k.label, {label}) AS {Col.LABEL}"
        review = f"c.{_quoted(Col.NEEDS_REVIEW)} AND k.label IS NULL AS {Col.NEEDS_REVIEW}"
        ours[LABELLED_COLUMNS.index(Col.NEEDS_REVIEW)] = review
    if reexported:
        join += f" LEFT JOIN reexports r ON c.{_quoted(Col.ROW)} = r.row"
    extra.append(f"{'r.row IS NOT NULL' if reexported else 'false'} AS {Col.REEXPORTED}")
    filled = [f"coalesce(c.{name}, '') AS {name}" if len(paths) > 1 else f"c.{name}" for name in own]
    return f"CREATE VIEW comments AS SELECT {', '.join([*ours, *extra, *filled])} FROM {_source(paths)} c {join}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(paths: Sequence[Path]) -> str:
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"


def _pick(frame: pd.DataFrame, chosen: NDArray[np.int64]) -> pd.DataFrame:
    """Return the rows of a frame whose positions are in the sorted array ``chosen``."""
    rows = frame[Col.ROW].to_numpy()
    places = chosen.searchsorted(rows)
    places[places == len(chosen)] = 0
    return frame[chosen[places] == rows] if len(chosen) else frame.iloc[:0]


def _corrected(frame: pd.DataFrame, corrections: dict[int, Correction]) -> pd.DataFrame:
    if not corrections or Col.LABEL not in frame.columns:
        return frame
    hit = frame[Col.ROW].isin(list(corrections))
    if not hit.any():
        return frame
    frame = frame.copy()
    labels = [corrections[row].label for row in frame.loc[hit, Col.ROW].tolist()]
    frame.loc[hit, Col.LABEL] = np.array(labels, np.int8)
    if Col.NEEDS_REVIEW in frame.columns:
        frame.loc[hit, Col.NEEDS_REVIEW] = False
    return frame
