"""The OpenAPI document: what FastAPI finds out by itself, and how a key is given where one is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI

__all__ = ["describe_keys"]

_SCHEMES: Final = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "密钥"},
    "Bearer": {"type": "http", "scheme": "bearer", "description": "密钥,写在 Authorization: Bearer 里"},
}
_EITHER: Final[list[dict[str, list[str]]]] = [{name: []} for name in _SCHEMES]
_OPEN: Final = frozenset({"/health"})


def describe_keys(app: FastAPI) -> None:
    """Make the document of ``app`` say that its addresses want a key, so that the page can send one."""
    plain: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        document["components"]["securitySchemes"] = _SCHEMES
        for path, operations in document["paths"].items():
            if path not in _OPEN:
                for operation in operations.values():
                    operation["security"] = _EITHER
        return document

    app.openapi = openapi  # type: ignore[method-assign]
