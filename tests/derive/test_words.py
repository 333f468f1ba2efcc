"""The derived table of words: terms, synonyms, phrases, in the order of the sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.analyse import keywords, sample_places, sampled_rows
from core.clean import segment
from core.derive import derive, view_of
from core.derive.words import Words
from core.jobs import job_id
from core.schema import Col, Filter, JobState, join_word, split_word
from core.store import LabelledTable, Store
from tests.store.rows import labelled, spec

TEXTS = ("物流真的太慢,客服态度差", "质量很好,喜欢", "物流太慢了", "Air Pods 降噪不错")
N = 200


@pytest.fixture
def job(store: Store) -> str:
    """200 comments, each of the four texts fifty times."""
    identity = job_id(spec())
    frame = labelled(N)
    texts = [TEXTS[i % len(TEXTS)] for i in range(N)]
    frame[Col.CLEAN_TEXT] = texts
    lists: Any = np.empty(N, object)
    lists[:] = segment(texts)
    frame[Col.TERMS] = lists
    store.chunks(identity).write(frame, first_row=0, facts={})
    store.catalogue.add(identity, spec(), chunk_rows=N, state=JobState.DONE)
    return identity


def counts(table: LabelledTable, view: str) -> dict[str, int]:
    found = table.query(f"SELECT word, count(*) AS n FROM {view} GROUP BY 1")
    return {str(word): int(n) for word, n in zip(found["word"], found["n"], strict=True)}


def test_terms_and_phrases_are_there_once_a_comment_and_stop_words_are_not(store: Store, job: str) -> None:
    table = store.table(job)
    view = derive(job, Words(), store=store, table=table)
    scored = int(table.query(f"SELECT count(*) AS n FROM comments WHERE {Col.LABEL} >= 0")["n"].iloc[0])
    found = counts(table, view)
    assert found["物流＋太慢"] == found["物流"] == pytest.approx(scored / 2, abs=scored / 10)
    assert "客服＋态度＋差" in found
    assert "真的" not in found
    facts = store.derived(job).facts(view)
    assert facts is not None
    assert facts["comments"] == scored


def test_synonyms_count_as_one_word_and_the_name_says_them_all(store: Store, job: str) -> None:
    table = store.table(job)
    view = derive(job, Words((("慢", "太慢"),)), store=store, table=table)
    found = counts(table, view)
    assert "慢｜太慢" in found
    assert "物流＋慢｜太慢" in found
    assert "太慢" not in found


def test_rows_lie_in_the_order_of_the_sample(store: Store, job: str) -> None:
    table = store.table(job)
    view = derive(job, Words(), store=store, table=table)
    found = table.query(f"SELECT {Col.ROW}, place FROM {view}")
    places = found["place"].to_numpy()
    assert (np.diff(places) >= 0).all()
    assert (places == sample_places(found[Col.ROW].to_numpy(np.int64))).all()
    kept = set(table.query(f"SELECT {Col.ROW} FROM comments WHERE {sampled_rows(0.3)}")[Col.ROW])
    assert set(found[Col.ROW][places < 0.3 * 2**32]) <= kept


def test_the_words_count_like_the_stored_terms_and_phrases_stand_for_their_parts(store: Store, job: str) -> None:
    table = store.table(job)
    plain = {term.term: term.counts for term in keywords(table, Filter()).negative}
    view = derive(job, Words(), store=store, table=table)
    told = {term.term: term.counts for term in keywords(table, Filter(), view=view).negative}
    in_phrases = {join_word((part,)) for phrase in told for part in split_word(phrase)}
    assert plain.keys() <= told.keys() | in_phrases
    assert {term: told.get(term, counts) for term, counts in plain.items()} == plain
    assert told.keys() - plain.keys()


def test_a_corrected_label_does_not_make_the_words_anew(store: Store, job: str) -> None:
    before = view_of(Words(), store.table(job))
    store.catalogue.correct(job, [0], 2)
    assert view_of(Words(), store.table(job)) == before


def test_a_table_without_comments_gives_an_empty_one(store: Store) -> None:
    identity = job_id(spec())
    store.chunks(identity).write(labelled(3).assign(label=np.int8(-1)), first_row=0, facts={})
    store.catalogue.add(identity, spec(), chunk_rows=3, state=JobState.DONE)
    view = derive(identity, Words(), store=store, table=store.table(identity))
    assert counts(store.table(identity), view) == {}
