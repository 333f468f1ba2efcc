"""The OpenAPI document: FastAPI's, in Chinese, with the security schemes if a key is required."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

from core.api.bodies import BatchAnswer, Sentiment
from core.api.job_bodies import JobBody

__all__ = ["describe"]

_SCHEMES: Final = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "密钥"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "密钥,写在 Authorization: Bearer 里"},
}
_EITHER: Final[list[dict[str, list[str]]]] = [{name: []} for name in _SCHEMES]
_OPEN: Final = frozenset({"/health"})
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_FINE: Final = {"200": "成功", "202": "已接受", "204": "已完成,没有内容"}


def describe(app: FastAPI, *, keyed: bool) -> None:
    """Adapt the OpenAPI document of ``app`` to its readers.

    Args:
        app: The application with all its endpoints.
        keyed: Whether a key is required; the document then says so, so that the docs page can send one.
    """
    plain: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        for schema in document["components"]["schemas"].values():
            # English class docstrings are for readers of the source
            if not _CHINESE.search(schema.get("description", "")):
                schema.pop("description", None)
        for body in (Sentiment, BatchAnswer, JobBody):  # FastAPI drops nulls, even in examples
            document["components"]["schemas"][body.__name__]["examples"] = body.model_json_schema()["examples"]
        for operations in document["paths"].values():
            for operation in operations.values():
                _name_success(operation["responses"])
        if keyed:
            _want_key(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _name_success(responses: dict[str, dict[str, Any]]) -> None:
    for status, words in _FINE.items():
        if status in responses and not _CHINESE.search(responses[status]["description"]):
            responses[status]["description"] = words


def _want_key(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = _SCHEMES
    for path, operations in document["paths"].items():
        if path not in _OPEN:
            for operation in operations.values():
                operation["security"] = _EITHER
