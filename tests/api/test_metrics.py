"""What Prometheus reads: counts that are right, patterns instead of addresses, never a text."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from core.jobs import Jobs

Make = Callable[..., TestClient]
SECRET = "绝不能出现在指标里的评论"


def numbers(client: TestClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return {(name, labels): value}."""
    answer = client.get("/api/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(client: TestClient, name: str, **labels: str) -> float:
    return numbers(client).get((name, frozenset(labels.items())), 0.0)


def test_requests_are_counted_by_route_and_status(client: Make) -> None:
    made = client()
    for text in ("好", "差", ""):
        made.post("/api/sentiment", json={"text": text})
    found = {"method": "POST", "route": "/sentiment"}
    assert value(made, "tingfeng_requests_total", status="200", **found) == 2
    assert value(made, "tingfeng_requests_total", status="400", **found) == 1
    assert value(made, "tingfeng_request_seconds_count", route="/sentiment") == 3


def test_refusals_of_the_guard_and_unknown_addresses_are_counted_without_their_address(client: Make) -> None:
    made = client()
    made.get(f"/api/{SECRET}")
    made.get("/api/models", headers={"Origin": "http://evil.example"})
    made.request("SECRETLY", "/api/models")
    made.get(f"/api/jobs/{'0' * 24}")
    assert value(made, "tingfeng_requests_total", method="GET", route="other", status="404") == 1
    assert value(made, "tingfeng_requests_total", method="GET", route="other", status="403") == 1
    assert value(made, "tingfeng_requests_total", method="other", route="/models", status="405") == 1
    assert value(made, "tingfeng_requests_total", method="GET", route="/jobs/{id}", status="404") == 1


def test_texts_and_batches_are_counted(client: Make) -> None:
    made = client()
    made.post("/api/sentiment/batch", json={"texts": [SECRET] * 10})
    found = numbers(made)
    assert found["tingfeng_texts_scored_total", frozenset()] == 10
    assert found["tingfeng_batch_texts_sum", frozenset()] == 10
    assert found["tingfeng_batch_requests_count", frozenset()] >= 1
    assert found["tingfeng_queue_texts", frozenset()] == 0
    assert SECRET not in made.get("/api/metrics").text


def test_jobs_and_the_model_are_told(client: Make, jobs: Callable[[], Jobs]) -> None:
    made = client()
    sent = made.post("/api/jobs", files={"file": (f"{SECRET}.csv", "评论内容,日期\n很好,2026-09-01\n差,2026-09-02\n")})
    jobs().wait(sent.json()["id"], 60)
    assert value(made, "tingfeng_jobs", state="done") == 1
    assert value(made, "tingfeng_jobs", state="failed") == 0
    assert value(made, "tingfeng_model_info", model="two-words", version="0123456789ab") == 1
    assert SECRET not in made.get("/api/metrics").text


def test_a_model_that_cannot_be_loaded_leaves_the_other_numbers(client: Make) -> None:
    found = numbers(client(backend="gone"))
    assert not [name for name, _ in found if name == "tingfeng_model_info"]
    assert ("tingfeng_texts_scored_total", frozenset()) in found
