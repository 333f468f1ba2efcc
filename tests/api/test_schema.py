"""Schemathesis: whatever the OpenAPI document allows or forbids, the API answers as the document says."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from core.jobs import Jobs

Make = Callable[..., TestClient]
KEY = "k-7Qm2"
OPERATIONS = [
    ("POST", "/sentiment"),
    ("POST", "/sentiment/batch"),
    ("POST", "/jobs"),
    ("GET", "/jobs"),
    ("GET", "/jobs/{id}"),
    ("DELETE", "/jobs/{id}"),
    ("GET", "/jobs/{id}/result"),
    ("POST", "/jobs/{id}/pause"),
    ("POST", "/jobs/{id}/resume"),
    ("GET", "/models"),
    ("GET", "/health"),
    ("GET", "/metrics"),
]
#: Nothing can be forbidden where nothing is sent.
WITHOUT_INPUT = ("GET", "/health")
EXAMPLES = 20
#: What a schema cannot say: a text without words, a model that is not here, a file that holds no table.
MEANT = {"A20", "A22", "A23", "A31", "A33", "S07"}
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 400, 401, 404, 409, 413, 422, 429]}}}


@pytest.fixture
def document(client: Make) -> Any:
    """The document of an API that wants a key, and its application."""
    made = client(api_key_sha256=sha256(KEY.encode()).hexdigest(), api_hosts="testserver", api_max_texts=5)
    config = SchemathesisConfig.from_dict(CONFIG)
    return schemathesis.openapi.from_asgi("/api/openapi.json", made.app, config=config)


@pytest.fixture
def job(client: Make, jobs: Callable[[], Jobs]) -> str:
    """A finished job in the same data folder."""
    sent = client().post("/api/jobs", files={"file": ("a.csv", "评论内容,日期\n很好,2026-09-01\n差,2026-09-02\n,\n")})
    return jobs().wait(sent.json()["id"], 60).id


def test_every_operation_of_the_document_is_tried(document: Any) -> None:
    found = [result.ok() for result in document.get_all_operations()]
    assert {(op.method.upper(), op.path) for op in found} == set(OPERATIONS)


def run(document: Any, method: str, path: str, mode: GenerationMode, look: Callable[[Any, Any], None]) -> None:
    """Send what schemathesis makes up, let all its checks look at the answer, then ours."""

    @given(case=document[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def answers(case: Any) -> None:
        look(case, None)
        look(case, case.call_and_validate(headers={"X-API-Key": KEY}))

    answers()


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{m} {p}" for m, p in OPERATIONS])
def test_what_the_document_allows_is_answered_as_it_says(document: Any, job: str, method: str, path: str) -> None:
    def look(case: Any, answer: Any) -> None:
        if answer is None and "id" in case.path_parameters and len(str(case.query)) % 2:
            case.path_parameters["id"] = job
        elif answer is not None and answer.status_code in {400, 413, 422}:
            code = answer.json()["code"]
            assert code in MEANT or code.startswith("R"), answer.text

    run(document, method, path, GenerationMode.POSITIVE, look)


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if one != WITHOUT_INPUT], ids=lambda part: part)
def test_what_the_document_forbids_is_refused_as_it_says(document: Any, method: str, path: str) -> None:
    def look(case: Any, answer: Any) -> None:
        if answer is None:
            assume(not holds_a_file_of_another_type(case.body))
        elif answer.status_code >= 400:
            assert set(answer.json()) == {"error", "code", "hint"}

    run(document, method, path, GenerationMode.NEGATIVE, look)


def holds_a_file_of_another_type(body: Any) -> bool:
    """Return whether a file of a form is a number or a truth value: its characters are sent, and they are a file."""
    files = body.get("file") if isinstance(body, dict) else None
    return isinstance(files, list) and any(isinstance(one, bool | int | float | None) for one in files)
