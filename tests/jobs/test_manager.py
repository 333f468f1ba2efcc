"""The manager of jobs: a queue in the background, pausing, cancelling, deleting, what fails and what goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from core.errors import JobError, ModelMissingError
from core.jobs import Jobs, Stage
from core.schema import Backend, JobState
from core.store import Store
from tests.jobs_kit import ROWS, Rule, spec_of


@pytest.fixture
def backend() -> Rule:
    return Rule(pause_after=300)


@pytest.fixture
def jobs(store: Store, backend: Rule) -> Iterator[Jobs]:
    manager = Jobs(store, lambda _name: backend)
    yield manager
    backend.go.set()
    manager.shutdown()


def held(jobs: Jobs, source: Path, backend: Rule) -> str:
    """Start a job and wait until the model holds it."""
    identity = jobs.submit(spec_of(source, Rule())).id
    assert backend.paused.wait(20)
    return identity


def test_a_submitted_job_is_done_in_the_background(jobs: Jobs, source: Path, backend: Rule) -> None:
    backend.go.set()
    job = jobs.wait(jobs.submit(spec_of(source, Rule())).id, 30)
    assert job.state is JobState.DONE
    assert job.report is not None
    assert jobs.table(job.id).query("SELECT count(*) AS n FROM comments")["n"][0] == ROWS
    assert jobs.table(job.id) is jobs.table(job.id)
    assert jobs.submit(job.spec).state is JobState.DONE


def test_a_running_job_shows_progress_and_the_rows_so_far(jobs: Jobs, source: Path, backend: Rule) -> None:
    identity = held(jobs, source, backend)
    progress = jobs.progress(identity)
    assert (progress.stage, progress.rows_total) == (Stage.SCORING, ROWS)
    assert 0 < progress.rows_done < ROWS
    assert jobs.table(identity).query("SELECT count(*) AS n FROM comments")["n"][0] >= 100
    assert jobs.get(identity).state is JobState.RUNNING


def test_a_paused_job_can_be_resumed(jobs: Jobs, source: Path, backend: Rule) -> None:
    identity = held(jobs, source, backend)
    jobs.pause(identity)
    backend.go.set()
    assert jobs.wait(identity, 20).state is JobState.PAUSED
    assert jobs.progress(identity).stage is Stage.IDLE
    jobs.resume(identity)
    assert jobs.wait(identity, 30).state is JobState.DONE
    assert len(backend.asked) == len(set(backend.asked))


def test_a_cancelled_job_stays_cancelled_until_resumed(jobs: Jobs, source: Path, backend: Rule) -> None:
    identity = held(jobs, source, backend)
    jobs.cancel(identity)
    backend.go.set()
    assert jobs.wait(identity, 20).state is JobState.CANCELLED
    jobs.resume(identity)
    assert jobs.wait(identity, 30).state is JobState.DONE


def test_jobs_wait_for_their_turn_and_can_be_taken_out_of_the_queue(jobs: Jobs, source: Path, backend: Rule) -> None:
    first = held(jobs, source, backend)
    second = jobs.submit(spec_of(source, Rule(), mask_pii=True)).id
    assert (jobs.get(second).state, jobs.progress(second).stage) == (JobState.QUEUED, Stage.WAITING)
    jobs.pause(second)
    assert jobs.get(second).state is JobState.PAUSED
    backend.go.set()
    assert jobs.wait(first, 30).state is JobState.DONE
    assert jobs.get(second).state is JobState.PAUSED
    assert [job.id for job in jobs.list()] == [second, first]


def test_a_running_job_can_be_deleted(jobs: Jobs, source: Path, backend: Rule) -> None:
    identity = held(jobs, source, backend)
    jobs.table(identity)
    backend.go.set()
    jobs.delete(identity)
    with pytest.raises(JobError, match=r"\[J04\]"):
        jobs.get(identity)
    assert not jobs.store.chunks(identity).folder.exists()


def test_what_a_state_does_not_allow_is_refused(jobs: Jobs, source: Path, backend: Rule) -> None:
    backend.go.set()
    identity = jobs.wait(jobs.submit(spec_of(source, Rule())).id, 30).id
    for refused in (jobs.pause, jobs.cancel, jobs.resume):
        with pytest.raises(JobError, match=r"\[J05\]"):
            refused(identity)
    for unknown in (jobs.get, jobs.progress, jobs.table, jobs.delete, jobs.resume):
        with pytest.raises(JobError, match=r"\[J04\]"):
            unknown("feedfeedfeed")


def test_a_model_that_cannot_be_loaded_fails_the_job_with_its_code(store: Store, source: Path) -> None:
    def missing(name: str) -> Backend:
        raise ModelMissingError("M02", f"没有模型 {name}。", "请先下载。")

    manager = Jobs(store, missing)
    job = manager.wait(manager.submit(spec_of(source, Rule())).id, 20)
    assert (job.state, job.error[:5]) == (JobState.FAILED, "[M02]")
    manager.shutdown()


def test_a_bug_in_a_model_fails_its_job_and_not_the_worker(store: Store, source: Path) -> None:
    answers = iter([RuntimeError("secret comment text")])

    def load_backend(_name: str) -> Backend:
        problem = next(answers, None)
        if problem is not None:
            raise problem
        return Rule()

    manager = Jobs(store, load_backend)
    job = manager.wait(manager.submit(spec_of(source, Rule())).id, 20)
    assert (job.state, job.error) == (JobState.FAILED, "意外错误:RuntimeError。")
    manager.resume(job.id)
    assert manager.wait(job.id, 30).state is JobState.DONE
    manager.shutdown()


def test_looking_at_many_jobs_leaves_no_threads_for_each(jobs: Jobs, store: Store, source: Path) -> None:
    # two hundred results fetched by the API left 1,800 threads and 900 MiB until the end of the process
    known = [f"{number:024x}" for number in range(40)]
    threads = []
    for identity in known:
        store.catalogue.add(identity, spec_of(source, Rule()), chunk_rows=100, state=JobState.DONE)
        jobs.table(identity).query("SELECT 1 FROM comments")
        threads.append(psutil.Process().num_threads())
    assert threads[-1] <= threads[9]
    assert jobs.table(known[0]).query("SELECT count(*) AS n FROM comments")["n"].tolist() == [0]
    assert jobs.table(known[0]) is jobs.table(known[0])


def test_a_panic_of_a_library_fails_its_job_and_not_the_worker(store: Store, source: Path) -> None:
    class Panicking(Rule):
        """As libraries in Rust end: by an exception that is none."""

        def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise Panic

    models = [Rule(), Panicking()]
    manager = Jobs(store, lambda _name: models.pop())
    job = manager.wait(manager.submit(spec_of(source, Rule())).id, 20)
    assert (job.state, job.error) == (JobState.FAILED, "意外错误:Panic。")
    manager.resume(job.id)
    assert manager.wait(job.id, 20).state is JobState.DONE
    manager.shutdown()


class Panic(BaseException):
    """What pyo3 raises when code in Rust panics."""


def test_after_a_shutdown_a_new_manager_goes_on(store: Store, source: Path) -> None:
    slow = Rule(pause_after=300)
    first = Jobs(store, lambda _name: slow)
    identity = held(first, source, slow)
    waiting = first.submit(spec_of(source, Rule(), mask_pii=True)).id
    slow.go.set()
    first.shutdown()
    assert {job.state for job in store.catalogue.jobs()} == {JobState.PAUSED}
    with pytest.raises(JobError, match=r"\[J05\]"):
        first.resume(waiting)
    second = Jobs(store, lambda _name: Rule())
    second.resume(identity)
    assert second.wait(identity, 30).state is JobState.DONE
    second.shutdown()
