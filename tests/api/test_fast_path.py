"""The short way of a usual request and the framework's way give the same answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

Make = Callable[..., TestClient]
QUESTIONS: list[tuple[str, Any]] = [
    ("/sentiment", {"text": "物流很好 😄"}),
    ("/sentiment", {"text": "一般", "neutral_band": 0.5, "model": "two-words"}),
    ("/sentiment", {"text": " "}),
    ("/sentiment", {"text": "!!!"}),
    ("/sentiment", {"text": "好" * 21}),
    ("/sentiment", {"text": "好", "model": "absent"}),
    ("/sentiment", {"text": "好", "emotion": True}),
    ("/sentiment", {"text": "好", "neutral_band": 2}),
    ("/sentiment", {"text": 7}),
    ("/sentiment", {"text": "好", "other": 1}),
    ("/sentiment", {}),
    ("/sentiment", ["好"]),
    ("/sentiment/batch", {"texts": ["好", "", "差", "!!!"]}),
    ("/sentiment/batch", {"texts": []}),
    ("/sentiment/batch", {"texts": ["好"] * 6}),
    ("/sentiment/batch", {"texts": "好"}),
    ("/sentiment/batch", {"texts": ["好", "\ud83d"]}),
]


@pytest.mark.parametrize(("address", "question"), QUESTIONS)
def test_both_ways_give_the_same_answer(client: Make, address: str, question: Any) -> None:
    made = client(api_max_texts=5, api_max_chars=20)
    body = json.dumps(question).encode()

    def pieces() -> Iterator[bytes]:  # of unknown length: the framework's way
        yield body[:3]
        yield body[3:]

    kind = {"Content-Type": "application/json"}
    short = made.post(f"/api{address}", content=body, headers=kind)
    long = made.post(f"/api{address}", content=pieces(), headers=kind)
    assert (short.status_code, short.json()) == (long.status_code, long.json())
    assert short.headers["content-type"] == long.headers["content-type"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": NaN}', b"null"])
def test_a_body_that_is_no_question_is_refused_in_words(client: Make, body: bytes) -> None:
    answer = client().post("/api/sentiment", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, set(answer.json())) == (422, {"error", "code", "hint"})


def test_a_mounted_prefix_is_taken_off_once(client: Make) -> None:
    assert client().post("/api/api/sentiment", json={"text": "好"}).json()["code"] == "A28"
