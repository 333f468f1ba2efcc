"""A cache of scores, keyed by text and model version and shared by all jobs.

It holds hashes and numbers, never text. Measured with 1,000,000 keys in SQLite on two busy cores: 2,000 look-ups take
9 ms, storing 2,000 takes 44 ms, the file has 47 MB; scoring a chunk of 2,000 rows takes a second or more.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.store.database import Database

__all__ = ["CachedEmotion", "CachedScore", "ScoreCache"]

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS models (id INTEGER PRIMARY KEY, version TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS scores (
    model INTEGER NOT NULL,
    key BLOB NOT NULL,
    p_negative REAL NOT NULL,
    p_neutral REAL NOT NULL,
    p_positive REAL NOT NULL,
    windows INTEGER NOT NULL,
    cut INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    PRIMARY KEY (model, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (at INTEGER NOT NULL);
"""
#: In older files, ``at`` was the time of the last deletion.
_DELETIONS: Final = "SELECT coalesce(max(at), 0) FROM forgotten"
#: Columns added when emotions were first cached.
_ADDED: Final = {"scores": {"emotion": "INTEGER", "p_emotion": "REAL", "p_offensive": "REAL"}}
#: Maximum keys per look-up. Python caches the last 128 prepared statements: a whole chunk in one, with a different
#: length each time, took 40 MiB; slices of 64 plus a remainder take as long and a hundredth of that.
_ASK: Final = 64
#: Counting takes 4 ms per million entries, so it does not run for every chunk.
_PRUNE_EVERY: Final = 64


@dataclass(frozen=True, slots=True)
class CachedEmotion:
    """Outputs of a model's additional heads for one text.

    Attributes:
        emotion: Index into ``EMOTIONS``; -1 = unknown.
        p_emotion: Its probability.
        p_offensive: Probability that the text is offensive; NaN = not supported by the model.
    """

    emotion: int = -1
    p_emotion: float = math.nan
    p_offensive: float = math.nan


@dataclass(frozen=True, slots=True)
class CachedScore:
    """A model's output for one text, before labelling.

    Attributes:
        probabilities: In ``LABELS`` order; float32 values.
        windows: Number of windows the text was scored in.
        cut: Whether text beyond the last window was not scored.
        emotion: None if not requested.
    """

    probabilities: tuple[float, float, float]
    windows: int
    cut: bool
    emotion: CachedEmotion | None = None


class ScoreCache:
    """A persistent map (model version, text key) → ``CachedScore``.

    Args:
        path: The file.
        limit: Maximum number of entries; once exceeded by a tenth, the oldest are deleted. 0 stores none.

    Attributes:
        limit: As given.

    Raises:
        StoreError: S01 it cannot be opened, S02 it is damaged.
    """

    def __init__(self, path: Path, *, limit: int) -> None:
        self._database = Database(path, _TABLES, added=_ADDED)
        # A separate connection, so that readers do not wait for writers.
        self._readers = Database(path, "")
        self.limit = limit
        self._puts = 0

    def get(self, version: str, keys: Sequence[str]) -> dict[str, CachedScore]:
        """Return the known scores of some texts.

        Args:
            version: Model version, including everything else that changes the probabilities.
            keys: Text keys, hex.

        Returns:
            Entries for the known keys only.
        """
        known: dict[str, CachedScore] = {}
        for start in range(0, len(keys), _ASK):
            part = [bytes.fromhex(key) for key in keys[start : start + _ASK]]
            marks = ",".join("?" * len(part))
            found = self._readers.rows(
                f"SELECT s.* FROM scores s JOIN models m ON m.id = s.model WHERE m.version = ? AND s.key IN ({marks})",
                (version, *part),
            )
            for row in found:
                p = (row["p_negative"], row["p_neutral"], row["p_positive"])
                known[row["key"].hex()] = CachedScore(p, row["windows"], bool(row["cut"]), _emotion(row))
        return known

    def put(self, version: str, scores: Mapping[str, CachedScore], *, deletions: int | None = None) -> None:
        """Store scores; existing entries are kept unchanged.

        Args:
            version: As for ``get``.
            scores: By text key.
            deletions: The value of ``deletions`` when the first of them was computed: if texts were deleted since,
                nothing is stored, since they could be the same texts. None for a job's scores: they live as long as it.
        """
        if not scores or self.limit <= 0:
            return
        now = int(time.time())
        with self._database.transaction() as connection:
            if deletions is not None and _deletions(connection) != deletions:
                return
            connection.execute("INSERT OR IGNORE INTO models (version) VALUES (?)", (version,))
            model = connection.execute("SELECT id FROM models WHERE version = ?", (version,)).fetchone()[0]
            values = [
                (model, bytes.fromhex(key), *score.probabilities, score.windows, score.cut, now, *_felt(score))
                for key, score in scores.items()
            ]
            connection.executemany("INSERT OR IGNORE INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        self._puts += 1
        if self._puts % _PRUNE_EVERY == 1:
            self.prune()

    def prune(self) -> int:
        """Delete the oldest entries if the limit is exceeded by more than a tenth; return the number deleted."""
        excess = len(self) - self.limit
        if excess <= self.limit // 10:
            return 0
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM scores WHERE (model, key) IN (SELECT model, key FROM scores ORDER BY stored LIMIT ?)",
                (excess,),
            )
        return excess

    def deletions(self) -> int:
        """Return a counter that grows whenever texts are deleted; not a time, because a clock may be set back."""
        return int(self._readers.rows(_DELETIONS)[0][0])

    def forget(self, keys: Sequence[str]) -> None:
        """Delete texts under every model version, as when a user deletes their job."""
        with self._database.transaction() as connection:
            following = _deletions(connection) + 1
            connection.execute("DELETE FROM forgotten")
            connection.execute("INSERT INTO forgotten VALUES (?)", (following,))
            models = [row[0] for row in connection.execute("SELECT id FROM models")]
            for model in models:
                values = ((model, bytes.fromhex(key)) for key in keys)
                connection.executemany("DELETE FROM scores WHERE model = ? AND key = ?", values)

    def shrink(self) -> None:
        """Purge deleted entries from the files as well."""
        self._database.shrink()

    def __len__(self) -> int:
        return int(self._database.rows("SELECT count(*) FROM scores")[0][0])

    def close(self) -> None:
        """Close the file."""
        self._readers.close()
        self._database.close()


def _deletions(connection: sqlite3.Connection) -> int:
    return int(connection.execute(_DELETIONS).fetchone()[0])


def _emotion(row: sqlite3.Row) -> CachedEmotion | None:
    if row["emotion"] is None:
        return None
    offensive = math.nan if row["p_offensive"] is None else row["p_offensive"]
    return CachedEmotion(row["emotion"], row["p_emotion"], offensive)


def _felt(score: CachedScore) -> tuple[int | None, float | None, float | None]:
    """Return the three values to store; SQLite stores NaN as NULL."""
    if score.emotion is None:
        return None, None, None
    return score.emotion.emotion, score.emotion.p_emotion, score.emotion.p_offensive
