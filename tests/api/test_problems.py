"""Every error has one shape and never repeats what the caller wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.errors import CODES

Make = Callable[..., TestClient]
SECRET = "绝不能出现在错误里的评论"

BAD_BODIES: list[tuple[str, Any]] = [
    ("not json", b"{"),
    ("not utf-8", b'{"text": "\xff\xfe"}'),
    ("array", [SECRET]),
    ("missing", {}),
    ("wrong kind", {"text": [SECRET]}),
    ("null", {"text": None}),
    ("number", {"text": 1}),
    ("extra", {"text": "好", SECRET: 1}),
    ("band too large", {"text": SECRET, "neutral_band": 1.0}),
    ("band nan", b'{"text": "x", "neutral_band": NaN}'),
    ("band that is no number", {"text": SECRET, "neutral_band": False}),
    ("emotion that is no truth value", {"text": SECRET, "emotion": "yes"}),
    ("lone surrogate", b'{"text": "\\ud800"}'),
    ("lone surrogate in a comment", '{"text": "很好\\ud83d"}'.encode()),
]


@pytest.mark.parametrize("body", [b for _, b in BAD_BODIES], ids=[name for name, _ in BAD_BODIES])
def test_a_bad_body_is_refused_in_the_one_shape(client: Make, body: Any) -> None:
    options = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = client().post("/api/sentiment", headers={"Content-Type": "application/json"}, **options)
    assert answer.status_code in {400, 422}
    _has_the_one_shape(answer)
    assert SECRET not in answer.text


def test_an_unknown_address_is_404_in_the_one_shape(client: Make) -> None:
    answer = client().get("/api/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "A28")
    _has_the_one_shape(answer)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/sentiment"), ("DELETE", "/api/models"), ("PUT", "/api/health")]
)
def test_a_wrong_method_is_405_with_the_allowed_ones(client: Make, method: str, path: str) -> None:
    answer = client().request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "A29")
    assert answer.headers["allow"]
    _has_the_one_shape(answer)


def test_a_body_that_is_not_declared_as_json_is_refused(client: Make) -> None:
    answer = client().post("/api/sentiment", content=b'{"text": "x"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422
    _has_the_one_shape(answer)


@pytest.mark.parametrize(
    "body", ['{"text": "很好"}'.encode("gbk"), b'{"text": "\xff"}', b"[" * 200_000], ids=["gbk", "broken", "nested"]
)
def test_a_body_that_is_no_json_in_utf8_is_told_so(client: Make, body: bytes) -> None:
    answer = client().post("/api/sentiment", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "A21")
    assert "JSON" in answer.json()["error"]


def test_what_is_wrong_goes_by_our_names_alone(client: Make) -> None:
    made = client()
    said = made.post("/api/sentiment", json={"text": "好", "emotion": None}).json()["error"]
    assert said == "请求不符合格式:emotion 应为 true 或 false"
    answer = made.post("/api/jobs", data={"neutral_band": "nan"}, files={"file": ("a.csv", b"a")})
    assert answer.json()["error"] == "请求不符合格式:neutral_band 应为有限的数字"


@pytest.mark.parametrize("path", ["/api/health", "/api/models", "/api/metrics", "/api/docs"])
def test_head_is_answered_as_get_without_a_body(client: Make, path: str) -> None:
    made = client()
    asked, got = made.head(path), made.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]


def test_head_where_there_is_no_get_is_405(client: Make) -> None:
    assert client().head("/api/sentiment").status_code == 405


def test_an_unexpected_error_is_500_without_details(client: Make) -> None:
    answer = client(backend="exploding").post("/api/sentiment", json={"text": SECRET})
    assert (answer.status_code, answer.json()["code"]) == (500, "A30")
    _has_the_one_shape(answer)
    assert SECRET not in answer.text


def test_scoring_writes_no_comment_text_into_the_log(client: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client().post("/api/sentiment", json={"text": SECRET})
        client().post("/api/sentiment", json={"text": SECRET, "model": "absent"})
    assert SECRET not in caplog.text


def _has_the_one_shape(answer: Any) -> None:
    body = answer.json()
    assert set(body) == {"error", "code", "hint"}
    assert body["code"] in CODES
    assert body["error"]
    assert not body["error"].endswith("。")
