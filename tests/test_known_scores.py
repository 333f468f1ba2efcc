"""Scores known from before: what jobs, pages and the API share."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.check import check
from core.clean import text_key
from core.errors import StoreError
from core.jobs import CachedScorer
from core.schema import LABELS, ScoreOptions
from core.score import load
from core.store import CachedScore, ScoreCache

TEXTS = ["很好吃", "太难吃了", "  ", "很好吃", "还行吧"]


class Counting:
    """A backend that notes what it was asked about."""

    name, labels, window_tokens = "counting", LABELS, 512

    def __init__(self, version: str = "1") -> None:
        self.version = version
        self.asked: list[str] = []

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        bad = np.array([0.8 if "难" in text else 0.1 for text in texts], np.float32)
        return np.stack([bad, np.full(len(texts), 0.1, np.float32), 0.9 - bad], 1)

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int32]:
        return np.array([len(text) for text in texts], np.int32)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ScoreCache]:
    opened = ScoreCache(tmp_path / "scores.sqlite", limit=100)
    yield opened
    opened.close()


def test_a_text_is_asked_about_once(cache: ScoreCache) -> None:
    known, model = CachedScorer(cache), Counting()
    first = check(TEXTS, model, ScoreOptions(), known)
    again = check(TEXTS, model, ScoreOptions(), known)
    assert sorted(model.asked) == ["太难吃了", "很好吃", "还行吧"]
    assert [row.label for row in again] == [row.label for row in first] == [2, 0, -1, 2, 2]
    assert (known.asked, known.hits) == (8, 5)


def test_the_answers_are_those_of_the_model(cache: ScoreCache) -> None:
    known, model = CachedScorer(cache), load("builtin")
    options = ScoreOptions(emotion=True)
    texts = [text for text in TEXTS if text.strip()]
    plain = check(texts, model, options)
    assert check(texts, model, options, known) == plain
    assert check(texts, model, options, known) == plain


def test_what_was_learned_outlives_the_process_that_learned_it(cache: ScoreCache) -> None:
    before = CachedScorer(cache)
    check(TEXTS, Counting(), ScoreOptions(), before)
    before.flush()
    model = Counting()
    check(TEXTS, model, ScoreOptions(), CachedScorer(cache))
    assert model.asked == []


def test_another_model_or_another_reading_of_long_texts_is_asked_anew(cache: ScoreCache) -> None:
    known = CachedScorer(cache)
    check(["很好吃"], Counting(), ScoreOptions(), known)
    other, same = Counting("2"), Counting()
    check(["很好吃"], other, ScoreOptions(), known)
    check(["很好吃"], same, ScoreOptions(max_windows=1), known)
    assert (other.asked, same.asked) == (["很好吃"], ["很好吃"])


def test_the_neutral_band_holds_for_known_scores_too(cache: ScoreCache) -> None:
    known = CachedScorer(cache)
    assert check(["很好吃"], Counting(), ScoreOptions(), known)[0].label == 2
    assert check(["很好吃"], Counting(), ScoreOptions(neutral_band=0.9), known)[0].label == 1


def test_a_cache_that_keeps_nothing_is_not_asked(tmp_path: Path) -> None:
    none = ScoreCache(tmp_path / "none.sqlite", limit=0)
    known, model = CachedScorer(none), Counting()
    check(["很好吃"], model, ScoreOptions(), known)
    check(["很好吃"], model, ScoreOptions(), known)
    none.close()
    assert model.asked == ["很好吃", "很好吃"]


class Broken(ScoreCache):
    """A cache whose disk refuses."""

    def get(self, version: str, keys: Sequence[str]) -> dict[str, CachedScore]:
        raise StoreError("S01", "无法使用。", "请稍后重试。")

    def put(self, version: str, scores: Mapping[str, CachedScore], *, deletions: int | None = None) -> None:
        raise StoreError("S03", "磁盘空间不足。", "请腾出空间。")


def test_a_cache_that_cannot_be_used_keeps_nobody_from_an_answer(tmp_path: Path) -> None:
    broken = Broken(tmp_path / "broken.sqlite", limit=100)
    known, model = CachedScorer(broken), Counting()
    assert [row.label for row in check(TEXTS, model, ScoreOptions(), known)] == [2, 0, -1, 2, 2]
    known.flush()
    assert [row.label for row in check(TEXTS, model, ScoreOptions(), known)] == [2, 0, -1, 2, 2]
    broken.close()


def test_nobody_waits_while_another_process_writes(cache: ScoreCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.cached_scorer._HELD", 1)
    known, model = CachedScorer(cache), Counting()
    with sqlite3.connect(cache._database.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        check(["很好吃"], model, ScoreOptions(), known)
        check(["太难吃了"], model, ScoreOptions(), known)
        assert len(cache._readers.rows("SELECT * FROM scores")) == 0
        other.execute("ROLLBACK")
    other.close()
    known.flush()
    assert len(cache) == 2


def test_a_deleted_text_does_not_come_back_from_what_was_held(cache: ScoreCache) -> None:
    known, model = CachedScorer(cache), Counting()
    check(["很好吃"], model, ScoreOptions(), known)
    cache.forget([text_key("很好吃")])
    known.flush()
    assert len(cache) == 0
    check(["很好吃"], model, ScoreOptions(), known)
    known.flush()
    assert len(cache) == 1


def test_scores_are_kept_again_after_the_clock_was_set_back(cache: ScoreCache, monkeypatch: pytest.MonkeyPatch) -> None:
    # a deletion noted at a time to come refused every later score until that time
    cache.forget([text_key("很好吃")])
    monkeypatch.setattr("time.time_ns", itertools.count(1).__next__)
    known = CachedScorer(cache)
    check(["太难吃了"], Counting(), ScoreOptions(), known)
    known.flush()
    assert len(cache) == 1
