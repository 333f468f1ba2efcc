"""The OpenAPI document and its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from core.api.bodies import BatchAnswer, Health, Sentiment
from core.api.job_bodies import JobBody
from core.errors import CODES

Make = Callable[..., TestClient]
ROOT = Path(__file__).resolve().parents[2]


def test_every_operation_has_a_chinese_summary_and_documents_its_errors(client: Make) -> None:
    document = client().get("/api/openapi.json").json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len(operations) == 12
    for operation in operations:
        assert re.search(r"[\u4e00-\u9fff]", operation["summary"])
        assert "403" in operation["responses"]


def test_the_question_has_a_chinese_example_that_works(client: Make) -> None:
    schemas = client().get("/api/openapi.json").json()["components"]["schemas"]
    (example,) = schemas["Question"]["examples"]
    assert client().post("/api/sentiment", json=example).status_code == 200
    (batch,) = schemas["BatchQuestion"]["examples"]
    assert client().post("/api/sentiment/batch", json=batch).status_code == 200


def test_all_words_of_the_document_are_chinese(client: Make) -> None:
    def words(part: Any) -> Iterator[str]:
        inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for name, value in inner:
            if name in {"description", "summary"} and isinstance(value, str):
                yield value
            else:
                yield from words(value)

    found = list(words(client().get("/api/openapi.json").json()))
    assert len(found) > 100
    assert not [said for said in found if not re.search(r"[\u4e00-\u9fff]", said)]


@pytest.mark.parametrize("body", [Sentiment, BatchAnswer, Health, JobBody])
def test_examples_of_answers_are_answers(client: Make, body: type[BaseModel]) -> None:
    schemas = client().get("/api/openapi.json").json()["components"]["schemas"]
    (example,) = schemas[body.__name__]["examples"]
    assert body.model_validate(example).model_dump(mode="json") == example


def test_every_error_is_documented_with_the_one_shape(client: Make) -> None:
    document = client().get("/api/openapi.json").json()
    responses = document["paths"]["/sentiment"]["post"]["responses"]
    for status in ("400", "401", "403", "413", "422", "500", "503"):
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorBody"}


def test_the_docs_page_loads_nothing_from_another_host(client: Make) -> None:
    made = client()
    page = made.get("/api/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses
    assert all(address.startswith("/api/") for address in addresses)
    assert all(made.get(address).status_code == 200 for address in addresses)
    assert not re.search(r"https?://", page)


def test_docs_api_md_lists_every_code_of_the_api() -> None:
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    for code in CODES:
        if "A20" <= code <= "A39":
            assert f"| {code} |" in page
