"""Many callers at a time over HTTP: the same answers as alone, refusals instead of time-outs, a clean end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from core.api import close
from core.api.batching import LANES
from core.schema import Backend
from tests.api.conftest import TwoWords

Make = Callable[..., TestClient]
LONG = 30.0


class Waiting(TwoWords):
    """Scores only while ``go`` is set; notes the texts it was asked for, and whether it gave up waiting."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked: list[list[str]] = []
        self.gave_up = False

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        # a failed assertion here would be an answer of 500, which some tests do not look at
        self.gave_up |= not self.go.wait(LONG)
        return super().score(texts)

    def load(self, _name: str) -> Backend:
        return self


@pytest.fixture
def model() -> Iterator[Waiting]:
    made = Waiting()
    yield made
    assert not made.gave_up


def busy(pool: ThreadPoolExecutor, client: TestClient, model: Waiting) -> list[Any]:
    """Give every thread that scores something to wait for."""
    asked = []
    for i in range(LANES):
        asked.append(pool.submit(client.post, "/api/sentiment", json={"text": "忙"}))
        while len(model.asked) <= i:
            threading.Event().wait(0.01)
    return asked


def api_of(client: TestClient) -> Any:
    return client.app.routes[0]._base_app  # type: ignore[attr-defined]


def line_of(client: TestClient) -> Any:
    return api_of(client).state.scorer.line


def bodies() -> list[dict[str, Any]]:
    words = ("好", "差", "一般", "物流很好,客服太差", "!!!", " ")
    options: tuple[dict[str, Any], ...] = ({}, {"neutral_band": 0.9}, {"neutral_band": 0.0}, {"model": "two-words"})
    return [{"texts": [f"{words[i % 6]} {i if i % 7 else ''}"], **options[i % 4]} for i in range(64)]


def test_64_callers_at_a_time_get_what_each_gets_alone(client: Make) -> None:
    made = client()
    alone = [made.post("/api/sentiment/batch", json=body).json() for body in bodies()]
    start = threading.Barrier(64)

    def ask(body: dict[str, Any]) -> Any:
        start.wait(LONG)
        return made.post("/api/sentiment/batch", json=body).json()

    with ThreadPoolExecutor(64) as pool:
        together = list(pool.map(ask, bodies()))
    assert together == alone


def test_64_callers_at_a_time_meet_in_the_model(client: Make, model: Waiting) -> None:
    made = client(backends=model.load)
    with ThreadPoolExecutor(64 + LANES) as pool:
        held = busy(pool, made, model)
        texts = [f"第{i}条好" for i in range(64)]
        answers = [pool.submit(made.post, "/api/sentiment", json={"text": text}) for text in texts]
        while sum(map(len, model.asked)) + line_of(made).waiting < 64 + LANES:
            assert not threading.Event().wait(0.01)
        model.go.set()
        assert [a.result().json()["text"] for a in answers] == texts
        assert [one.result().status_code for one in held] == [200] * LANES
    # each lane takes its part of those that wait when all lanes come free at once
    assert max(map(len, model.asked)) >= 64 // LANES


def test_beyond_the_limit_callers_are_sent_away_with_429_and_the_others_are_answered(
    client: Make, model: Waiting
) -> None:
    made = client(backends=model.load, api_queue_texts=8)
    with ThreadPoolExecutor(40 + LANES) as pool:
        held = busy(pool, made, model)
        answers = [pool.submit(made.post, "/api/sentiment/batch", json={"texts": ["好"] * 4}) for _ in range(40)]
        refused = _first(answers, 38)
        model.go.set()
        codes = [a.result().status_code for a in answers]
        assert [one.result().status_code for one in held] == [200] * LANES
    assert (codes.count(200), codes.count(429)) == (2, 38)
    for answer in refused:
        assert answer.json()["code"] == "A34"
        assert int(answer.headers["retry-after"]) >= 1


def _first(futures: Sequence[Any], count: int) -> list[Any]:
    """Return the results of those that end although the model waits."""
    found: list[Any] = []
    for _ in range(3000):
        found = [f.result() for f in futures if f.done()]
        if len(found) >= count:
            break
        threading.Event().wait(0.01)
    return found


def test_a_caller_that_went_away_is_not_scored(client: Make, model: Waiting) -> None:
    made = client(backends=model.load)
    line = line_of(made)

    async def ask(text: str, *, leave: bool) -> list[Any]:
        sent: list[Any] = []
        inbox = [{"type": "http.request", "body": f'{{"text": "{text}"}}'.encode(), "more_body": False}]

        async def receive() -> Any:
            if inbox:
                return inbox.pop()
            while not leave:
                await anyio.sleep(0.01)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        scope = {
            "type": "http", "method": "POST", "path": "/api/sentiment", "raw_path": b"/api/sentiment",
            "headers": headers, "query_string": b"", "root_path": "", "scheme": "http",
            "server": ("localhost", 80), "http_version": "1.1",
        }  # fmt: skip
        await made.app(scope, receive, send)
        return sent

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for i in range(LANES):
                group.start_soon(lambda: ask("忙", leave=False))
                while len(model.asked) <= i:
                    await anyio.sleep(0.01)
            answer = await ask("走了", leave=True)
            assert answer[0]["status"] == 499
            assert line.waiting == 0
            model.go.set()

    # a thread of its own: a browser of the same run keeps a loop going in this one
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, main).result()
    assert not any("走了" in text for texts in model.asked for text in texts)


def test_after_closing_nothing_new_is_taken_and_the_answer_says_so(client: Make) -> None:
    made = client()
    assert made.post("/api/sentiment", json={"text": "好"}).status_code == 200
    close(api_of(made))
    answer = made.post("/api/sentiment", json={"text": "好"})
    assert (answer.status_code, answer.json()["code"]) == (503, "A35")
    assert answer.headers["retry-after"]


def test_a_model_that_is_slow_to_load_keeps_no_other_address_waiting(client: Make) -> None:
    go, callers = threading.Event(), 45  # more than the threads that all addresses share

    def slow(name: str) -> Backend:
        assert name != "two-words" or go.wait(LONG)
        return TwoWords()

    with client(backend="exploding", backends=slow) as made, ThreadPoolExecutor(callers + 1) as pool:
        named = [
            pool.submit(made.post, "/api/sentiment", json={"text": "好", "model": "two-words"}) for _ in range(callers)
        ]
        try:
            assert pool.submit(made.get, "/api/models").result(LONG / 3).status_code == 200
        finally:
            go.set()
        assert {one.result(LONG).status_code for one in named} == {200}
