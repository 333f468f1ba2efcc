"""Derived table of the words of every comment: terms, with synonyms merged, and phrases, sorted for cheap sampling."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from core.analyse import sample_places, sampled_rows, stop_words
from core.derive.recipe import Report
from core.mine.phrases import Phrase, Phrases, places, words_of
from core.schema import Col, join_word
from core.store import LabelledTable

__all__ = ["Words"]

_REVISION: Final = 3
#: Comments that phrases are learnt from; comments read per batch; rows written per batch.
_LEARNT, _BATCH, _WRITTEN = 50_000, 20_000, 500_000
#: Fewest comments with a phrase: this many, and one in this many of those learnt from.
_FEWEST, _ONE_IN = 3, 10_000
_NEEDED: Final = (Col.ROW, Col.TERMS, Col.CLEAN_TEXT)


@dataclass(frozen=True, slots=True)
class Words:
    """One row per comment and word: ``row``, ``place`` (in sampling order) and ``word`` (see ``join_word``).

    Stop words are left out; a comment has each word once. Rows are sorted by ``place``, so that a query for a sample of
    the comments (``place`` below a bound) reads only the beginning.

    Attributes:
        synonyms: Groups of words that count as one, the name first.
    """

    synonyms: tuple[tuple[str, ...], ...] = ()
    kind: str = "words"
    title: str = "正在整理词语和词组"
    label_free: bool = field(default=True, compare=False)

    def cache_key(self) -> tuple[object, ...]:
        """Return what determines the words besides the comments."""
        return _REVISION, sorted(stop_words()), self.synonyms

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        """Yield the rows; ``facts`` gets the number of comments and of phrases."""
        counted = table.query(f"SELECT count(*) AS n FROM comments WHERE {Col.LABEL} >= 0")
        in_all = int(counted["n"].iloc[0])
        names = {form: group[0] for group in self.synonyms for form in group}
        phrases = _learn(table, in_all, names)
        lines = _Lines()
        for frame in table.frames(f"{Col.LABEL} >= 0", columns=_NEEDED, batch_rows=_BATCH):
            for row, terms, text in _comments(frame):
                lines.add(row, words_of(places(terms, text, stop_words(), names), text, phrases))
            report(lines.comments, in_all)
        facts |= {"comments": in_all, "phrases": len(phrases)}
        yield from lines.frames({group[0]: group for group in self.synonyms})


def _learn(table: LabelledTable, in_all: int, names: Mapping[str, str]) -> frozenset[Phrase]:
    learnt = Phrases()
    wanted = f"{Col.LABEL} >= 0 AND {sampled_rows(min(1.0, _LEARNT / max(1, in_all)))}"
    for frame in table.frames(wanted, columns=_NEEDED, batch_rows=_BATCH):
        for _, terms, text in _comments(frame):
            learnt.learn(places(terms, text, stop_words(), names), text)
    return learnt.found(minimum=max(_FEWEST, learnt.comments // _ONE_IN))


def _comments(frame: pd.DataFrame) -> Iterator[tuple[int, Sequence[str], str]]:
    texts = frame[Col.CLEAN_TEXT].str.lower().tolist()
    return zip(frame[Col.ROW].tolist(), frame[Col.TERMS].tolist(), texts, strict=True)


class _Lines:
    """The pairs of comment and word so far, as numbers: a million comments have twelve million."""

    def __init__(self) -> None:
        self._rows, self._words = array("q"), array("i")
        self._ids: dict[Phrase, int] = {}
        self.comments = 0

    def add(self, row: int, words: set[Phrase]) -> None:
        """Add the words of the next comment."""
        ids = self._ids
        self._words.extend([ids.setdefault(word, len(ids)) for word in words])
        self._rows.extend([row] * len(words))
        self.comments += 1

    def frames(self, groups: Mapping[str, Sequence[str]]) -> Iterator[pd.DataFrame]:
        """Yield all of them in sampling order, at least one frame."""
        rows = np.frombuffer(self._rows, np.int64)
        words = np.frombuffer(self._words, np.int32)
        spelt = np.array([join_word(groups.get(part, (part,)) for part in word) for word in self._ids], object)
        places = sample_places(rows)
        order = np.argsort(places, kind="stable")
        for start in range(0, max(1, len(order)), _WRITTEN):
            part = order[start : start + _WRITTEN]
            written = pd.Series(spelt[words[part]] if len(part) else [], dtype="str")
            yield pd.DataFrame({Col.ROW: rows[part], "place": places[part], "word": written})
