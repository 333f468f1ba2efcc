"""Topics of a stored table: found, counted under a filter, named and put together by people."""

from __future__ import annotations

from typing import Any

import pytest

from core.analyse import comments, mark_of_topic, merge_change, narrow, rename_change, stop_words, topic_edits, topics
from core.derive import Merged, Topics, derive
from core.derive.words import Words
from core.errors import InputError, JobError
from core.schema import Col, Filter
from core.store import Store
from tests.derive.stories import STORIES, complaints, stored, table_of

N = 120
DAYS = [f"2026-03-{1 + i // 6:02d} 10:00" for i in range(N)]


@pytest.fixture
def job(store: Store) -> str:
    texts = [*complaints(N), "好看", "舒服", "喜欢"]
    labels = [0] * N + [2] * 3
    return stored(store, table_of(texts, label=labels, time=[*DAYS, *DAYS[:3]]))


def made(store: Store, job: str, recipe: Topics) -> tuple[str, dict[str, Any]]:
    view = derive(job, recipe, store=store, table=store.table(job))
    return view, store.derived(job).facts(view) or {}


def test_each_negative_comment_has_one_topic_and_the_stories_are_apart(store: Store, job: str) -> None:
    view, facts = made(store, job, Topics())
    found = store.table(job).query(f"SELECT * FROM {view} ORDER BY row")
    assert found[Col.ROW].tolist() == list(range(N))
    assert facts["comments"] == facts["learnt"] == N
    for number in range(1, len(facts["topics"]) + 1):
        assert len({row % len(STORIES) for row in found.loc[found["topic"] == number, "row"]}) == 1
    assert (found["topic"] == 0).mean() < 0.15


def test_a_topic_is_named_by_its_own_words_and_quoted_from_its_own_comments(store: Store, job: str) -> None:
    view, facts = made(store, job, Topics(k=3))
    result = topics(store.table(job), Filter(), view, facts)
    assert sum(topic.share.count for topic in result.topics) + result.other.count == result.n == N
    for topic in result.topics:
        (story,) = {quote.row % len(STORIES) for quote in topic.quotes}
        known = "".join(word for words in STORIES[list(STORIES)[story]] for word in words)
        assert all(part in known or any(part in text.text for text in topic.quotes) for part in topic.name.split("、"))
        assert topic.share.low <= topic.share.value <= topic.share.high


def test_a_filter_narrows_the_counts_and_a_mark_leads_to_the_comments(store: Store, job: str) -> None:
    view, facts = made(store, job, Topics(k=3))
    table, chosen = store.table(job), Filter(start="2026-03-01", end="2026-03-10")
    result = topics(table, chosen, view, facts)
    assert result.n == 60
    for topic in result.topics:
        behind = comments(table, narrow(chosen, mark_of_topic(view, topic.number)))
        assert behind.total == topic.share.count


def test_the_steps_of_a_topic_are_shares_of_all_comments_of_the_time(store: Store, job: str) -> None:
    view, facts = made(store, job, Topics(k=3))
    result = topics(store.table(job), Filter(), view, facts)
    assert all(sum(step.share.count for step in topic.steps) == topic.share.count for topic in result.topics)
    assert sum(step.share.n for step in result.topics[0].steps) == N + 3


def test_undated_comments_have_topics_without_steps(store: Store) -> None:
    job = stored(store, table_of(complaints(60)))
    view, facts = made(store, job, Topics(k=3))
    result = topics(store.table(job), Filter(), view, facts)
    assert result.frequency is None
    assert [topic.steps for topic in result.topics] == [()] * len(result.topics)


@pytest.mark.parametrize("n", [0, 1, 10])
def test_few_comments_have_no_topics_but_all_their_rows(store: Store, n: int) -> None:
    job = stored(store, table_of(complaints(n)))
    view, facts = made(store, job, Topics())
    result = topics(store.table(job), Filter(), view, facts)
    assert (result.topics, result.n, result.other.count) == ((), n, n)


@pytest.mark.parametrize(("module", "recipe"), [("topics", Topics()), ("words", Words())])
def test_a_changed_stop_word_makes_another_table(
    module: str, recipe: Topics | Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = recipe.cache_key()
    monkeypatch.setattr(f"core.derive.{module}.stop_words", lambda: stop_words() - {"的"} | {"快递"})
    assert repr(recipe.cache_key()) != repr(before)


def test_the_number_of_topics_can_be_asked_for_within_bounds(store: Store, job: str) -> None:
    assert len(made(store, job, Topics(k=2))[1]["topics"]) == 2
    with pytest.raises(InputError, match=r"\[N12\]"):
        made(store, job, Topics(k=1))


def test_other_labels_have_topics_of_their_own(store: Store, job: str) -> None:
    view, facts = made(store, job, Topics(labels=("正面",)))
    assert topics(store.table(job), Filter(), view, facts).n == 3
    view, facts = made(store, job, Topics(labels=()))
    assert topics(store.table(job), Filter(), view, facts).n == N + 3


def test_the_work_can_be_stopped(store: Store, job: str) -> None:
    def stop(_done: int, _total: int) -> None:
        raise JobError("J03", "已停止。", "可以重新开始。")

    with pytest.raises(JobError, match=r"\[J03\]"):
        derive(job, Topics(), store=store, table=store.table(job), report=stop)
    assert store.derived(job).views() == ()


def test_names_and_merges_are_found_again_by_the_words_of_the_topic(store: Store, job: str) -> None:
    view, facts = made(store, job, Topics(k=3))
    terms = [topic["terms"] for topic in facts["topics"]]
    edits = store.edits(job, "topics")
    edits.add(merge_change([terms[0], terms[2]]))
    edits.add(rename_change(terms[2], "物流和电池"))
    found = topic_edits(facts["topics"], edits.all())
    assert found.merged == ((1, 3),)
    assert found.names == {1: "物流和电池"}
    assert topic_edits([{"topic": 1, "terms": ["别的"]}], edits.all()).names == {}
    together = derive(job, Merged(view, found.merged), store=store, table=store.table(job))
    before = topics(store.table(job), Filter(), view, facts)
    after = topics(store.table(job), Filter(), together, facts, names=found.names, merged=found.merged)
    sizes = {topic.number: topic.share.count for topic in before.topics}
    assert {t.name: t.share.count for t in after.topics}["物流和电池"] == sizes[1] + sizes[3]
    assert after.topics[0].merged == (1, 3)


def test_the_last_change_is_undone_first(store: Store, job: str) -> None:
    edits = store.edits(job, "topics")
    edits.add({"do": "rename", "terms": ["快递"], "name": "一"})
    edits.add({"do": "rename", "terms": ["快递"], "name": "二"})
    undone = edits.undo()
    assert undone is not None
    assert undone["name"] == "二"
    assert [change["name"] for change in store.edits(job, "topics").all()] == ["一"]
    assert edits.undo() is not None
    assert edits.undo() is None
    store.delete(job)
    assert edits.all() == []
