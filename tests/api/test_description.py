"""The OpenAPI document and its page."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from core.api import problems
from core.api.bodies import BatchAnswer, Health, Sentiment
from core.api.job_bodies import JobBody
from core.errors import CODES, ExportError, JobError, ModelError, ReadError, StoreError

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


#: Class of the errors of other stages, by the first letter of their codes.
KINDS = {"E": ExportError, "J": JobError, "M": ModelError, "R": ReadError, "S": StoreError}


def documented() -> dict[str, str]:
    """Code → status, from the table of docs/api.md; ``R..`` stands for the codes of a letter."""
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z][\w., ]+) \| (\d{3}|any) \|", page, re.MULTILINE)
    return {code: status for codes, status in rows for code in codes.split(", ")}


def raised() -> dict[str, set[str]]:
    """Code → the statuses of all ``ApiError`` in core/api; "any" where a status is computed."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "core/api").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ApiError"):
                continue
            given = [word.value for word in node.keywords if word.arg == "status"]
            status = given[0] if given else ast.Constant(400)
            said = str(status.value) if isinstance(status, ast.Constant) else "any"
            assert isinstance(node.args[0], ast.Constant)
            found.setdefault(str(node.args[0].value), set()).add(said)
    return found


def test_docs_api_md_lists_every_code_of_the_api_with_its_status() -> None:
    own = {code: {status} for code, status in documented().items() if code.startswith("A")}
    assert own == raised()
    assert own.keys() == {code for code in CODES if code.startswith("A")}


def test_the_other_codes_in_docs_api_md_exist_and_have_that_status() -> None:
    others = {code: status for code, status in documented().items() if not code.startswith("A")}
    assert others.keys() >= problems._STATUSES.keys()
    for code, status in others.items():
        example = code.replace("..", "01")
        assert example in CODES
        assert str(problems.told(KINDS[code[0]](example, "")).status_code) == status
