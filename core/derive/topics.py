"""Derived table of the topics of comments with given labels; and the same table with some topics merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from core.analyse import sampled_rows, stop_words
from core.derive.recipe import Report
from core.errors import InputError
from core.mine.topics import Bag, Model, assign, learn, name, telling
from core.schema import LABELS, NEGATIVE, Col
from core.store import LabelledTable

__all__ = ["MOST_TOPICS", "Merged", "Topics"]

MOST_TOPICS: Final = 40
_REVISION: Final = 3
#: Most comments that topics are learnt from; the others are assigned to them.
_LEARNT: Final = 60_000
_BATCH: Final = 50_000
#: Vocabulary: the most frequent terms, except those in too few comments or in more than this share of them.
_TERMS: Final = 12_000
_EVERYWHERE: Final = 0.3
#: Units of progress for learning and assigning together.
_STEPS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Topics:
    """One row per comment: ``row``, ``topic`` (from 1, the largest first; 0 = none) and ``fit`` (cosine).

    Attributes:
        labels: Labels of the comments, from ``LABELS``; empty = all.
        k: Number of topics; None = chosen by stability.
    """

    labels: tuple[str, ...] = (LABELS[NEGATIVE],)
    k: int | None = None
    kind: str = "topics"
    title: str = "正在归纳话题"

    @property
    def label_free(self) -> bool:
        """Whether the table is independent of labels."""
        return not self.labels

    def cache_key(self) -> tuple[object, ...]:
        """Return what determines the topics besides the comments."""
        return _REVISION, self.labels, self.k, sorted(stop_words())

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """Yield the rows; ``facts`` gets the comments, how many were learnt from, and the topics with their terms.

        Raises:
            InputError: N12 invalid number of topics.
        """
        if self.k is not None and not 2 <= self.k <= MOST_TOPICS:
            raise InputError("N12", f"话题数 {self.k} 不在 2 到 {MOST_TOPICS} 之间。", "请改小或改大,或留空自动选择。")
        condition = _condition(self.labels)
        rows = table.query(f"SELECT {Col.ROW} FROM comments WHERE {condition} ORDER BY 1")[Col.ROW].to_numpy(np.int64)
        share = min(1.0, _LEARNT / max(1, len(rows)))
        learnt = f"{condition} AND {sampled_rows(share)}" if share < 1 else condition
        vocabulary = _vocabulary(table, learnt)
        sample = table.query(f"SELECT {Col.ROW} FROM comments WHERE {learnt} ORDER BY 1")[Col.ROW].to_numpy(np.int64)
        tell = _Half(report, len(rows))
        model = learn(_bag(table, learnt, sample, vocabulary), len(vocabulary), self.k, tell.learning)
        counts = np.zeros((len(model.centres) + 1, len(vocabulary)), np.int64)
        for start in range(0, max(1, len(rows)), _BATCH):
            part = rows[start : start + _BATCH]
            bag = _bag(table, condition, part, vocabulary)
            yield _assigned(part, bag, model, counts)
            tell.assigning(start + len(part))
        facts |= {"comments": len(rows), "learnt": len(sample), "labels": list(self.labels)}
        facts["topics"] = _described(counts[1:], vocabulary, model)


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows of a topics table, with some topics merged under the lowest number of each group.

    Attributes:
        base: View of the topics.
        groups: Numbers of topics, rising, in groups of two or more.
    """

    base: str
    groups: tuple[tuple[int, ...], ...]
    kind: str = "merged"
    title: str = "正在合并话题"
    label_free: bool = True

    def cache_key(self) -> tuple[object, ...]:
        """Return what determines the rows: the name of the base stands for everything it was made from."""
        return _REVISION, self.base, self.groups

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """Yield the rows."""
        rows = table.query(f"SELECT {Col.ROW}, topic, fit FROM {self.base} ORDER BY 1")
        lowest = {topic: group[0] for group in self.groups for topic in group}
        report(len(rows), len(rows))
        facts |= {"base": self.base}
        yield rows.assign(topic=rows["topic"].replace(lowest).astype("int32"))


class _Half:
    """Combines the progress of two phases: learning takes about as long as assigning a million comments."""

    def __init__(self, report: Report, rows: int) -> None:
        self._report, self._rows = report, max(1, rows)

    def learning(self, done: int, total: int) -> None:
        self._report(_STEPS * done // (2 * max(1, total)), _STEPS)

    def assigning(self, done: int) -> None:
        self._report(_STEPS // 2 + _STEPS * done // (2 * self._rows), _STEPS)


def _condition(labels: Sequence[str]) -> str:
    numbers = sorted(LABELS.index(label) for label in labels) or range(len(LABELS))
    return f"{Col.LABEL} IN ({', '.join(map(str, numbers))})"


def _vocabulary(table: LabelledTable, condition: str) -> list[str]:
    """Return the vocabulary, the most frequent terms first."""
    n = int(table.query(f"SELECT count(*) AS n FROM comments WHERE {condition}")["n"].iloc[0])
    fewest = 2 if n < 1000 else max(3, n // 10_000)
    found = table.query(
        f"""SELECT term, count(*) AS n FROM (SELECT unnest(list_distinct({Col.TERMS})) AS term
                                             FROM comments WHERE {condition})
            WHERE term NOT IN (SELECT unnest(?::VARCHAR[])) AND regexp_matches(term, '^\\p{{L}}')
            GROUP BY term HAVING n >= ? AND n <= ? ORDER BY n DESC, term LIMIT {_TERMS}""",
        [sorted(stop_words()), fewest, max(fewest, int(_EVERYWHERE * n))],
    )
    return [str(term) for term in found["term"]]


def _bag(table: LabelledTable, condition: str, rows: np.ndarray, vocabulary: Sequence[str]) -> Bag:
    """Return which of the comments in ``rows`` (sorted) contain which terms."""
    if not len(rows) or not vocabulary:
        return Bag(np.empty(0, np.int64), np.empty(0, np.int64), len(rows))
    # DuckDB joins the words with their ids: twelve million of them never become Python objects
    found = table.query(
        f"""SELECT c.{Col.ROW}, v.id FROM
                (SELECT {Col.ROW}, unnest(list_distinct({Col.TERMS})) AS term FROM comments
                 WHERE {condition} AND {Col.ROW} BETWEEN ? AND ?) c
                JOIN (SELECT unnest(?::VARCHAR[]) AS term, unnest(range({len(vocabulary)})) AS id) v USING (term)
            ORDER BY 1, 2""",
        [int(rows[0]), int(rows[-1]), list(vocabulary)],
    )
    return Bag(np.searchsorted(rows, found[Col.ROW].to_numpy(np.int64)), found["id"].to_numpy(np.int64), len(rows))


def _assigned(rows: np.ndarray, bag: Bag, model: Model, counts: np.ndarray) -> pd.DataFrame:
    """Assign comments to topics and count the terms of each topic."""
    topic, fit = assign(bag, model)
    np.add.at(counts, (topic[bag.comments], bag.terms), 1)
    frame = pd.DataFrame({Col.ROW: rows, "topic": topic, "fit": fit})
    return frame.astype({Col.ROW: "int64", "topic": "int32", "fit": "float32"})


def _described(counts: np.ndarray, vocabulary: Sequence[str], model: Model) -> list[dict[str, Any]]:
    ranked = telling(counts, vocabulary) if len(counts) else []
    names = name(ranked)
    return [
        {"topic": i + 1, "name": list(names[i]) or ranked[i][:1], "terms": ranked[i], "stable": float(model.stable[i])}
        for i in range(len(counts))
    ]
