"""Several processes over one data folder: any of them takes a job, shows, stops and deletes it, one runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from starlette.applications import Starlette

from core.api import close, create, mounted
from core.jobs import SharedJobs
from core.schema import Backend, JobState
from core.store import Store
from tests.api.conftest import MODELS, TwoWords, settings

LONG = 60.0
CSV = "编号,评论内容\n1,质量很好\n2,太差了\n"


class Held(TwoWords):
    """Scores only while ``go`` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.begun.set()
        assert self.go.wait(LONG)
        return super().score(texts)

    def load(self, _name: str) -> Backend:
        return self


@pytest.fixture
def model() -> Iterator[Held]:
    held = Held()
    yield held
    held.go.set()


@pytest.fixture
def process(tmp_path: Path, model: Held) -> Iterator[Callable[[], tuple[TestClient, SharedJobs]]]:
    """Return a maker of processes: each has its own manager and its own API over the same data folder."""
    made: list[tuple[FastAPI, SharedJobs]] = []

    def make() -> tuple[TestClient, SharedJobs]:
        jobs = SharedJobs(Store(tmp_path / "data", max_file_mb=1), load_backend=model.load)
        api = create(load_backend=model.load, list_models=lambda: MODELS, jobs=lambda: jobs, settings=settings())
        made.append((api, jobs))
        return TestClient(Starlette(routes=[mounted(api)]), base_url="http://localhost"), jobs

    yield make
    model.go.set()
    for api, jobs in made:
        close(api)
        jobs.shutdown()
        jobs.store.close()


def send(client: TestClient, text: str = CSV) -> str:
    answer = client.post("/api/jobs", files={"file": ("a.csv", text)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def state(client: TestClient, identity: str) -> Any:
    return client.get(f"/api/jobs/{identity}").json()["state"]


def until(question: Callable[[], bool]) -> None:
    for _ in range(3000):
        if question():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to that")


def test_a_job_that_one_takes_is_shown_and_handed_out_by_the_other(process: Any, model: Held) -> None:
    model.go.set()
    (one, _), (other, jobs) = process(), process()
    identity = send(one)
    assert jobs.wait(identity, LONG).state is JobState.DONE
    for client in (one, other):
        assert client.get(f"/api/jobs/{identity}").json()["report"]["labels"] == {"负面": 1, "中性": 0, "正面": 1}
        assert "太差了" in client.get(f"/api/jobs/{identity}/result?format=csv").text
        assert send(client) == identity


def test_one_job_runs_at_a_time_and_the_others_wait(process: Any, model: Held) -> None:
    (one, _), (other, jobs) = process(), process()
    first = send(one)
    assert model.begun.wait(LONG)
    second = send(other, CSV.replace("质量", "味道"))
    assert (state(other, first), state(one, second)) == ("running", "queued")
    model.go.set()
    assert [jobs.wait(identity, LONG).state for identity in (first, second)] == [JobState.DONE] * 2


def test_each_can_pause_resume_and_delete_what_another_runs(process: Any, model: Held) -> None:
    everybody = [process() for _ in range(2)]
    (one, jobs), (other, _) = everybody
    identity = send(one)
    assert model.begun.wait(LONG)
    for client in (one, other):  # one of them runs it, the other does not
        assert client.post(f"/api/jobs/{identity}/pause").status_code == 202
    model.go.set()
    until(lambda: state(one, identity) in {"paused", "done"})
    if state(one, identity) == "paused":
        assert other.post(f"/api/jobs/{identity}/resume").status_code == 202
    assert jobs.wait(identity, LONG).state is JobState.DONE
    assert other.delete(f"/api/jobs/{identity}").status_code == 204
    assert one.get(f"/api/jobs/{identity}").json()["code"] == "J04"


def test_a_waiting_job_can_be_paused_by_any_and_does_not_run(process: Any, model: Held) -> None:
    (one, jobs), (other, _) = process(), process()
    first = send(one)
    assert model.begun.wait(LONG)
    second = send(one, CSV.replace("质量", "味道"))
    assert other.post(f"/api/jobs/{second}/pause").json()["state"] == "paused"
    assert one.post(f"/api/jobs/{second}/pause").status_code == 409
    model.go.set()
    jobs.wait(first, LONG)
    assert state(one, second) == "paused"


def test_when_the_one_that_runs_a_job_ends_another_goes_on(process: Any, model: Held) -> None:
    one, jobs = process()
    identity = send(one)
    assert model.begun.wait(LONG)
    _, others = process()
    ending = threading.Thread(target=jobs.shutdown)
    ending.start()
    model.go.set()
    ending.join(LONG)
    assert others.wait(identity, LONG).state is JobState.DONE


def test_what_a_dead_process_left_running_is_run_again(process: Any, model: Held) -> None:
    model.go.set()
    one, jobs = process()
    identity = send(one)
    jobs.wait(identity, LONG)
    jobs.store.catalogue.update(identity, state=JobState.RUNNING)
    until(lambda: state(one, identity) == "done")
