"""Scores that need not be computed again: keyed by text and model version, shared by all jobs.

It holds hashes and numbers, never text. SQLite was measured with 1,000,000 keys on two busy cores: 2,000 look-ups
take 9 ms, storing 2,000 takes 44 ms, the file has 47 MB; a scored chunk of 2,000 rows takes a second or more.
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
#: Was the time of the last deletion, in files of before.
_DELETIONS: Final = "SELECT coalesce(max(at), 0) FROM forgotten"
#: Columns that came when emotions were kept, too.
_ADDED: Final = {"scores": {"emotion": "INTEGER", "p_emotion": "REAL", "p_offensive": "REAL"}}
#: Keys of one look-up, at most. Python keeps the last 128 statements prepared: with a whole chunk in one, of another
#: length each time, they took 40 MiB; 64 and what is left over take as long and a hundredth of that.
_ASK: Final = 64
#: Counting takes 4 ms per million entries: not at every chunk.
_PRUNE_EVERY: Final = 64


@dataclass(frozen=True, slots=True)
class CachedEmotion:
    """What a model's further heads said of one text.

    Attributes:
        emotion: Index into ``EMOTIONS``; -1 = not known.
        p_emotion: Its probability.
        p_offensive: Probability that the text is offensive; NaN = the model cannot tell.
    """

    emotion: int = -1
    p_emotion: float = math.nan
    p_offensive: float = math.nan


@dataclass(frozen=True, slots=True)
class CachedScore:
    """What a model said of one text, before it becomes a label.

    Attributes:
        probabilities: In ``LABELS`` order; float32 values.
        windows: Windows the text was scored in.
        cut: Something lay beyond the last window.
        emotion: None when it was not asked for.
    """

    probabilities: tuple[float, float, float]
    windows: int
    cut: bool
    emotion: CachedEmotion | None = None


class ScoreCache:
    """A persistent map (model version, text key) → ``CachedScore``.

    Args:
        path: The file.
        limit: Most entries kept; when a tenth more are there, the oldest go. 0 keeps none.

    Attributes:
        limit: As given.

    Raises:
        StoreError: S01 it cannot be opened, S02 it is damaged.
    """

    def __init__(self, path: Path, *, limit: int) -> None:
        self._database = Database(path, _TABLES, added=_ADDED)
        # a connection of its own: who asks does not wait until somebody has written
        self._readers = Database(path, "")
        self.limit = limit
        self._puts = 0

    def get(self, version: str, keys: Sequence[str]) -> dict[str, CachedScore]:
        """Return what is known of some texts.

        Args:
            version: Model version, with all else that changes the probabilities.
            keys: Text keys, hex.

        Returns:
            Only the keys that are known.
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
        """Keep scores; those already known stay as they are.

        Args:
            version: As for ``get``.
            scores: By text key.
            deletions: What ``deletions`` returned when the first of them was made: if a person deleted texts since,
                none is kept, for they could be the same texts. None for scores of a job, which hold as long as it.
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
        """Delete the oldest entries if there are over a tenth more than the limit; returns how many went."""
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
        """Return a number that grows whenever texts are deleted; no time, for a clock may be set back."""
        return int(self._readers.rows(_DELETIONS)[0][0])

    def forget(self, keys: Sequence[str]) -> None:
        """Delete texts under every model version, as when a person deletes the job they came from."""
        with self._database.transaction() as connection:
            following = _deletions(connection) + 1
            connection.execute("DELETE FROM forgotten")
            connection.execute("INSERT INTO forgotten VALUES (?)", (following,))
            models = [row[0] for row in connection.execute("SELECT id FROM models")]
            for model in models:
                values = ((model, bytes.fromhex(key)) for key in keys)
                connection.executemany("DELETE FROM scores WHERE model = ? AND key = ?", values)

    def shrink(self) -> None:
        """Make deleted entries vanish from the files too."""
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
    """The three values to store; SQLite keeps a NaN as NULL."""
    if score.emotion is None:
        return None, None, None
    return score.emotion.emotion, score.emotion.p_emotion, score.emotion.p_offensive
