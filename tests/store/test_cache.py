from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.store import CachedEmotion, CachedScore, ScoreCache

KEYS = [f"{i:032x}" for i in range(300)]


def score_of(i: int) -> CachedScore:
    p = np.float32(i / 1000)
    return CachedScore((float(p), float(np.float32(1) - p), 0.0), 1 + i % 3, bool(i % 2))


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[ScoreCache]:
    opened = ScoreCache(tmp_path / "scores.sqlite", limit=1000)
    yield opened
    opened.close()


def test_an_empty_cache_knows_nothing(cache: ScoreCache) -> None:
    assert cache.get("v1", KEYS) == {}
    assert cache.get("v1", []) == {}


def test_scores_come_back_bit_for_bit(cache: ScoreCache) -> None:
    scores = {key: score_of(i) for i, key in enumerate(KEYS)}
    cache.put("v1", scores)
    assert cache.get("v1", KEYS) == scores


def test_another_model_version_shares_nothing(cache: ScoreCache) -> None:
    cache.put("v1", {KEYS[0]: score_of(1)})
    assert cache.get("v2", KEYS) == {}


def test_a_known_score_stays_as_it_is(cache: ScoreCache) -> None:
    cache.put("v1", {KEYS[0]: score_of(1)})
    cache.put("v1", {KEYS[0]: score_of(2)})
    assert cache.get("v1", KEYS[:1]) == {KEYS[0]: score_of(1)}


def test_scores_outlive_the_process(tmp_path: Path) -> None:
    first = ScoreCache(tmp_path / "s.sqlite", limit=10)
    first.put("v1", {KEYS[0]: score_of(5)})
    first.close()
    again = ScoreCache(tmp_path / "s.sqlite", limit=10)
    assert again.get("v1", KEYS) == {KEYS[0]: score_of(5)}
    again.close()


def test_pruning_brings_it_back_to_its_limit(tmp_path: Path) -> None:
    cache = ScoreCache(tmp_path / "s.sqlite", limit=100)
    cache.put("v1", {})
    cache.put("v1", {key: score_of(i) for i, key in enumerate(KEYS[:105])})
    assert len(cache) == 105
    cache.put("v1", {key: score_of(i) for i, key in enumerate(KEYS)})
    assert cache.prune() == 200
    assert len(cache) == 100
    cache.close()


def test_a_limit_of_none_keeps_none(tmp_path: Path) -> None:
    cache = ScoreCache(tmp_path / "s.sqlite", limit=0)
    cache.put("v1", {KEYS[0]: score_of(1)})
    assert len(cache) == 0
    cache.close()


def test_forgotten_texts_are_gone_under_every_version(cache: ScoreCache) -> None:
    for version in ("v1", "v2"):
        cache.put(version, {key: score_of(0) for key in KEYS[:3]})
    cache.forget(KEYS[:2])
    assert set(cache.get("v1", KEYS)) == set(cache.get("v2", KEYS)) == {KEYS[2]}


@settings(deadline=None, max_examples=25)
@given(st.dictionaries(st.integers(0, 40), st.integers(0, 999), max_size=30), st.sets(st.integers(0, 40)))
def test_it_answers_like_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, known: dict[int, int], asked: set[int]
) -> None:
    cache = ScoreCache(tmp_path_factory.mktemp("cache") / "s.sqlite", limit=1000)
    cache.put("v", {KEYS[k]: score_of(v) for k, v in known.items()})
    assert cache.get("v", [KEYS[k] for k in asked]) == {KEYS[k]: score_of(known[k]) for k in asked & known.keys()}
    cache.close()


def test_a_file_from_before_emotions_were_kept_is_widened_and_keeps_its_scores(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as old:
        old.executescript(
            "CREATE TABLE models (id INTEGER PRIMARY KEY, version TEXT NOT NULL UNIQUE);"
            "CREATE TABLE scores (model INTEGER NOT NULL, key BLOB NOT NULL, p_negative REAL NOT NULL,"
            " p_neutral REAL NOT NULL, p_positive REAL NOT NULL, windows INTEGER NOT NULL, cut INTEGER NOT NULL,"
            " stored INTEGER NOT NULL, PRIMARY KEY (model, key)) WITHOUT ROWID;"
            "INSERT INTO models VALUES (1, 'v'); INSERT INTO scores VALUES (1, x'aa', 0.5, 0.25, 0.25, 1, 0, 0);"
        )
    old.close()
    cache = ScoreCache(path, limit=10)
    felt = CachedScore((0.25, 0.25, 0.5), 1, False, CachedEmotion(5, 0.75))
    cache.put("v", {"bb": felt})
    known = cache.get("v", ["aa", "bb"])
    cache.close()
    assert known["aa"] == CachedScore((0.5, 0.25, 0.25), 1, False)
    assert known["bb"].emotion is not None
    assert (known["bb"].emotion.emotion, known["bb"].emotion.p_emotion) == (5, 0.75)
    assert math.isnan(known["bb"].emotion.p_offensive)


def test_look_ups_of_any_length_leave_few_prepared_statements(
    cache: ScoreCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put("v1", {key: score_of(i) for i, key in enumerate(KEYS)})
    asked: list[str] = []
    rows = cache._readers.rows

    def noted(sql: str, parameters: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        asked.append(sql)
        return rows(sql, parameters)

    monkeypatch.setattr(cache._readers, "rows", noted)
    for n in range(len(KEYS) + 1):
        assert len(cache.get("v1", KEYS[:n])) == n
    assert len(set(asked)) <= 64
    assert max(map(len, asked)) < 300
