"""Derived tables: made once, in the foreground or behind a page, and filtered by like any other column."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from core.analyse import comments, from_params, overview, to_params
from core.derive import DerivationQueue, Failed, Recipe, Report, Running, derive, view_of
from core.errors import InputError, JobError, StoreError
from core.jobs import Jobs, job_id
from core.schema import Col, Filter, JobState, Within
from core.store import LabelledTable, Store
from tests.store.rows import labelled, spec


@dataclass(frozen=True)
class Even:
    """Every second row, after an optional wait."""

    step: int = 2
    go_on: threading.Event | None = field(default=None, compare=False)
    kind: str = "even"
    title: str = "正在挑选"

    def cache_key(self) -> tuple[object, ...]:
        return (self.step,)

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        if self.step < 1:
            raise InputError("N03", "步长小于 1。", "请改大。")
        rows = table.query(f"SELECT {Col.ROW} FROM comments ORDER BY 1")
        report(1, 2)
        while self.go_on is not None and not self.go_on.wait(0.01):
            report(1, 2)
        facts["of"] = len(rows)
        yield rows.iloc[:: self.step].assign(half="first")


@pytest.fixture
def job(store: Store) -> str:
    identity = job_id(spec())
    store.chunks(identity).write(labelled(10), first_row=0, facts={})
    store.catalogue.add(identity, spec(), chunk_rows=10, state=JobState.DONE)
    return identity


def made(state: object, derivation_queue: DerivationQueue, job: str, recipe: Even) -> str:
    for _ in range(500):
        state = derivation_queue.state(job, recipe)
        if isinstance(state, str):
            return state
        time.sleep(0.01)
    raise AssertionError(state)


def test_a_table_is_made_once_and_found_again(store: Store, job: str) -> None:
    table = store.table(job)
    view = derive(job, Even(), store=store, table=table)
    written = store.derived(job).path(view).stat().st_mtime_ns
    assert derive(job, Even(), store=store, table=table) == view
    assert store.derived(job).path(view).stat().st_mtime_ns == written
    assert store.derived(job).facts(view) == {"of": 10}


def test_other_options_or_corrections_make_another_table(store: Store, job: str) -> None:
    table = store.table(job)
    first = view_of(Even(), table)
    assert view_of(Even(3), table) != first
    store.catalogue.correct(job, [1], 0)
    assert view_of(Even(), table) != first


def test_a_filter_keeps_the_rows_inside_or_outside_a_derived_table(store: Store, job: str) -> None:
    table = store.table(job)
    view = derive(job, Even(), store=store, table=table)
    inside = comments(table, Filter(within=Within(view, (("half", "first"),))), limit=50)
    assert sorted(inside.frame[Col.ROW]) == [0, 2, 4, 6, 8]
    assert overview(table, Filter(outside=Within(view))).now.n == overview(table, Filter()).now.n - 5
    assert overview(table, Filter(within=Within(view, (("half", "second"),)))).now.n == 0


def test_an_address_remembers_a_derived_table() -> None:
    chosen = Filter(
        within=Within("topics_0123456789", (("topic", "3"), ("name", "物流,慢=差"))), outside=Within("even_0123456789")
    )
    assert from_params(to_params(chosen)) == (chosen, [])


@pytest.mark.parametrize("text", ["x", "even_0123456789,a b=1", "even_0123456789,half", "even_0123456789;DROP"])
def test_an_address_that_names_no_derived_table_is_ignored_and_said(text: str) -> None:
    assert from_params({"in": text}) == (Filter(), ["链接里的 in 无法识别,已忽略。"])


def test_a_name_that_could_become_sql_is_refused(store: Store, job: str) -> None:
    with pytest.raises(InputError, match=r"\[N06\]"):
        overview(store.table(job), Filter(within=Within("even_0123456789", (("half) --", "1"),))))


def test_a_filter_by_a_table_that_is_gone_says_so(store: Store, job: str) -> None:
    with pytest.raises(StoreError, match=r"\[S10\]"):
        overview(store.table(job), Filter(within=Within("even_0123456789")))


def test_the_workshop_makes_a_table_behind_the_page(store: Store, job: str) -> None:
    jobs = Jobs(store, load_backend=pytest.fail)
    derivation_queue, go_on = DerivationQueue(jobs), threading.Event()
    recipe = Even(go_on=go_on)
    assert derivation_queue.state(job, recipe) is None
    derivation_queue.start(job, recipe)
    assert isinstance(derivation_queue.state(job, recipe), Running)
    go_on.set()
    view = made(None, derivation_queue, job, recipe)
    assert len(jobs.table(job).query(f"SELECT * FROM {view}")) == 5
    derivation_queue.shutdown()
    jobs.shutdown()


def test_a_table_that_is_stopped_leaves_nothing_and_can_be_started_again(store: Store, job: str) -> None:
    jobs = Jobs(store, load_backend=pytest.fail)
    derivation_queue, go_on = DerivationQueue(jobs), threading.Event()
    recipe = Even(go_on=go_on)
    derivation_queue.start(job, recipe)
    derivation_queue.stop(job, recipe)
    for _ in range(500):
        if derivation_queue.state(job, recipe) is None:
            break
        time.sleep(0.01)
    assert derivation_queue.state(job, recipe) is None
    go_on.set()
    derivation_queue.start(job, recipe)
    made(None, derivation_queue, job, recipe)
    derivation_queue.shutdown()
    jobs.shutdown()


def test_a_table_is_stopped_although_a_label_was_corrected_meanwhile(store: Store, job: str) -> None:
    jobs = Jobs(store, load_backend=pytest.fail)
    derivation_queue, recipe = DerivationQueue(jobs), Even(go_on=threading.Event())
    derivation_queue.start(job, recipe)
    before = store.table(job).version
    store.catalogue.correct(job, [0], 2)
    assert store.table(job).version != before
    derivation_queue.stop(job, recipe)
    derivation_queue.start(job, Even(step=3))  # waits for the one before
    made(None, derivation_queue, job, Even(step=3))
    assert store.derived(job).views() == (view_of(Even(step=3), store.table(job)),)
    derivation_queue.shutdown()
    jobs.shutdown()


def test_a_table_that_two_pages_ask_for_at_once_is_queued_once(
    store: Store, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, orders, both = Jobs(store, load_backend=pytest.fail), [], threading.Barrier(2)

    def state(self: DerivationQueue, job_id: str, recipe: Recipe) -> None:
        both.wait(5)  # both threads have seen that nobody builds it

    def counted(*args: object, **kwargs: object) -> str:
        orders.append(args)
        return derive(*args, **kwargs)  # type: ignore[arg-type]

    derivation_queue = DerivationQueue(jobs)
    monkeypatch.setattr("core.derive.derivation_queue.derive", counted)
    with monkeypatch.context() as patched:
        patched.setattr(DerivationQueue, "state", state)
        pages = [
            threading.Thread(target=derivation_queue.start, args=(job, Even(go_on=threading.Event()))) for _ in range(2)
        ]
        for page in pages:
            page.start()
        for page in pages:
            page.join()
    derivation_queue.stop(job, Even())
    derivation_queue.start(job, Even(step=3))
    made(None, derivation_queue, job, Even(step=3))
    assert len(orders) == 2
    derivation_queue.shutdown()
    jobs.shutdown()


def test_a_table_that_cannot_be_made_says_why_until_it_is_tried_again(store: Store, job: str) -> None:
    jobs = Jobs(store, load_backend=pytest.fail)
    derivation_queue, recipe = DerivationQueue(jobs), Even(step=0)
    derivation_queue.start(job, recipe)
    for _ in range(500):
        if isinstance(derivation_queue.state(job, recipe), Failed):
            break
        time.sleep(0.01)
    state = derivation_queue.state(job, recipe)
    assert isinstance(state, Failed)
    assert state.error.code == "N03"
    derivation_queue.forget(job, recipe)
    assert derivation_queue.state(job, recipe) is None
    derivation_queue.shutdown()
    with pytest.raises(JobError, match=r"\[J05\]"):
        derivation_queue.start(job, recipe)
    jobs.shutdown()


class Panic(BaseException):
    """What pyo3 raises when code in Rust panics."""


class Panicking(Even):
    """As libraries in Rust end: by an exception that is none."""

    def make(self, table: LabelledTable, facts: dict[str, Any], report: Report) -> Iterator[pd.DataFrame]:
        raise Panic


def test_a_panic_of_a_library_is_a_failure_and_not_work_without_an_end(store: Store, job: str) -> None:
    jobs = Jobs(store, load_backend=pytest.fail)
    derivation_queue = DerivationQueue(jobs)
    derivation_queue.start(job, Panicking())
    for _ in range(500):
        if isinstance(derivation_queue.state(job, Panicking()), Failed):
            break
        time.sleep(0.01)
    state = derivation_queue.state(job, Panicking())
    assert isinstance(state, Failed)
    assert state.error.code == "J07"
    derivation_queue.shutdown()
    jobs.shutdown()


def test_deleting_a_job_deletes_what_was_made_from_it(store: Store, job: str) -> None:
    derive(job, Even(), store=store, table=store.table(job))
    store.delete(job)
    assert not store.derived(job).folder.exists()
