"""Scoring over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

Make = Callable[..., TestClient]


def test_one_text_gets_label_face_confidence_and_probabilities(client: Make) -> None:
    answer = client().post("/api/sentiment", json={"text": "质量很好"})
    assert answer.status_code == 200
    assert answer.json() == {
        "text": "质量很好",
        "sentiment": "Positive",
        "label": "正面",
        "emoji": "😄",
        "confidence": 0.8,
        "probabilities": {"negative": 0.1, "neutral": 0.1, "positive": 0.8},
        "needs_review": False,
        "truncated": False,
        "emotion": None,
        "model": "two-words",
        "model_version": "0123456789ab",
        "error": None,
    }


@pytest.mark.parametrize("text", ["", "   ", "\n\t\u3000"])
def test_a_blank_text_is_refused_with_400(client: Make, text: str) -> None:
    answer = client().post("/api/sentiment", json={"text": text})
    assert answer.status_code == 400
    assert answer.json() == {"error": "输入文本不能为空", "code": "A20", "hint": "请在 text 里写入一条评论。"}


@pytest.mark.parametrize(
    ("text", "why"), [("……!!!", "只有标点"), ("NULL", "表示没有内容的占位词"), ("默认好评", "平台自动")]
)
def test_a_text_without_an_opinion_is_refused_with_its_reason(client: Make, text: str, why: str) -> None:
    answer = client().post("/api/sentiment", json={"text": text})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(why)


def test_a_batch_keeps_order_and_a_blank_does_not_spoil_it(client: Make) -> None:
    answer = client().post("/api/sentiment/batch", json={"texts": ["好", "", "差", "一般"]}).json()
    assert [r["sentiment"] for r in answer["results"]] == ["Positive", None, "Negative", "Neutral"]
    assert answer["results"][1]["error"] == "输入文本不能为空"
    assert (answer["count"], answer["scored"]) == (4, 3)


def test_an_empty_batch_is_refused(client: Make) -> None:
    answer = client().post("/api/sentiment/batch", json={"texts": []})
    assert (answer.status_code, answer.json()["error"]) == (400, "输入文本不能为空")


def test_the_neutral_band_of_a_request_counts(client: Make) -> None:
    plain = client().post("/api/sentiment", json={"text": "好"}).json()
    banded = client().post("/api/sentiment", json={"text": "好", "neutral_band": 0.9}).json()
    assert (plain["sentiment"], banded["sentiment"]) == ("Positive", "Neutral")


def test_a_model_that_is_not_ready_is_refused_with_the_ready_ones(client: Make) -> None:
    answer = client().post("/api/sentiment", json={"text": "好", "model": "absent"})
    assert (answer.status_code, answer.json()["code"]) == (400, "A31")
    assert "two-words" in answer.json()["hint"]


def test_a_caller_cannot_name_a_folder_as_model(client: Make) -> None:
    answer = client().post("/api/sentiment", json={"text": "好", "model": "/etc"})
    assert (answer.status_code, answer.json()["code"]) == (400, "A31")


def test_a_default_model_that_cannot_load_is_503_and_degraded(client: Make) -> None:
    broken = client(backend="gone")
    assert broken.post("/api/sentiment", json={"text": "好"}).status_code == 503
    assert broken.get("/api/health").json()["status"] == "degraded"


def test_a_text_over_the_limit_is_refused(client: Make) -> None:
    small = client(api_max_chars=10)
    assert small.post("/api/sentiment", json={"text": "好" * 10}).status_code == 200
    assert small.post("/api/sentiment", json={"text": "好" * 11}).json()["code"] == "A22"


def test_too_many_texts_are_refused(client: Make) -> None:
    small = client(api_max_texts=3)
    assert small.post("/api/sentiment/batch", json={"texts": ["好"] * 3}).status_code == 200
    assert small.post("/api/sentiment/batch", json={"texts": ["好"] * 4}).json()["code"] == "A23"


def test_answers_of_concurrent_requests_belong_to_their_own_texts(client: Make) -> None:
    shared = client()
    wrong: list[str] = []

    def ask(number: int) -> None:
        texts = [f"{number}-{i} {'好' if (number + i) % 2 else '差'}" for i in range(20)]
        results = shared.post("/api/sentiment/batch", json={"texts": texts}).json()["results"]
        for text, result in zip(texts, results, strict=True):
            if result["text"] != text or (result["sentiment"] == "Positive") != ("好" in text):
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_models_and_health_say_what_is_there(client: Make) -> None:
    models = client().get("/api/models").json()
    assert [(m["name"], m["ready"], m["default"]) for m in models] == [
        ("two-words", True, True),
        ("absent", False, False),
    ]
    assert client().get("/api/health").json() == {
        "status": "ok",
        "version": "0.1.0",
        "model": "two-words",
        "model_version": "0123456789ab",
    }
