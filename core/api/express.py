"""The short way of the scoring addresses: a right question goes straight from its bytes to the answer's bytes.

The framework's way costs several times what it takes to score a short text, so the usual request goes without: a JSON
body of known length that fits its model. Anything else (another content type, a chunked body, a wrong field) is handed
to the framework with its body unread, so that there is one place that knows what to say about it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.bodies import BatchQuestion, Question
from core.api.problems import told
from core.api.sentiment import Questions
from core.errors import TingfengError

__all__ = ["Express"]

_JSON: Final = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
_ANSWERS: Final = TypeAdapter(dict[str, Any]).serializer
Answering = Callable[[Any, Receive], Awaitable[dict[str, Any]]]


class Express:
    """ASGI middleware, the innermost one.

    Args:
        app: The framework's way.
        questions: Answers.
        routes: Those of the application; ``scope["route"]`` is set to one of them, as the router would.
    """

    def __init__(self, app: ASGIApp, questions: Questions, routes: list[BaseRoute]) -> None:
        self._app = app
        known = {getattr(route, "path", ""): route for route in routes}
        self._addresses: dict[str, tuple[type[BaseModel], Answering, BaseRoute]] = {
            "/sentiment": (Question, questions.one, known["/sentiment"]),
            "/sentiment/batch": (BatchQuestion, questions.many, known["/sentiment/batch"]),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        address = self._addresses.get(_path(scope)) if scope["type"] == "http" and scope["method"] == "POST" else None
        if address is None or not _usual(scope):
            await self._app(scope, receive, send)
            return
        model, answer, route = address
        body = await _body(receive)
        try:
            question = model.__pydantic_validator__.validate_json(body or b"")
        except ValidationError:
            await self._app(scope, _again(body, receive), send)
            return
        scope["route"] = route
        try:
            content = _ANSWERS.to_json(await answer(question, receive))
        except TingfengError as exc:
            await told(exc)(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _headers(content)})
        await send({"type": "http.response.body", "body": content})


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _usual(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return headers.get(b"content-type", b"").lower() in _JSON and b"content-length" in headers


def _headers(content: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body; None if the caller has gone."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes | None, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body once more."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if body is None:
        first = [{"type": "http.disconnect"}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed
