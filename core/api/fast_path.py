"""The fast path of the scoring endpoints: a valid request goes straight from its bytes to the answer's bytes.

The framework costs several times as much as scoring a short text, so the usual request bypasses it: a JSON body of
known length that fits its model, from a caller with access. Anything else (another content type, a chunked body, an
invalid field, a call from a web page, a caller without a key) is passed to the framework unchanged, so that one place
produces the error responses.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.bodies import BatchQuestion, Question
from core.api.guard import Rules, path_of
from core.api.metrics import Metrics
from core.api.problems import told
from core.api.sentiment import Questions
from core.errors import TingfengError

__all__ = ["FastPath"]

_JSON: Final = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
_TYPE: Final = (b"content-type", b"application/json")
_ANSWERS: Final = TypeAdapter(dict[str, Any]).serializer
Answering = Callable[[Any, Receive], Awaitable[dict[str, Any]]]


class FastPath:
    """ASGI application wrapped around the framework's.

    Args:
        app: The framework's application.
        questions: Answers valid requests.
        rules: Decide who may call.
        metrics: Counts and times what is answered here; the framework's path counts its own.
    """

    def __init__(self, app: ASGIApp, questions: Questions, rules: Rules, metrics: Metrics) -> None:
        self._app = app
        self._rules = rules
        self._metrics = metrics
        self._addresses: dict[str, tuple[type[BaseModel], Answering]] = {
            "/sentiment": (Question, questions.one),
            "/sentiment/batch": (BatchQuestion, questions.many),
        }

    @property
    def addresses(self) -> frozenset[str]:
        """The paths that can be answered here."""
        return frozenset(self._addresses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or pass it to the framework."""
        path = path_of(scope)
        address = self._addresses.get(path) if scope["type"] == "http" and scope["method"] == "POST" else None
        if address is None or not _usual(scope) or self._rules.refusal(scope) is not None:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        model, answer = address
        body = await _body(receive)
        try:
            question = model.__pydantic_validator__.validate_json(body or b"")
        except ValidationError:
            await self._app(scope, _again(body, receive), send)
            return
        try:
            status, headers, content = 200, [_TYPE], _ANSWERS.to_json(await answer(question, receive))
        except TingfengError as exc:
            refused = told(exc)
            status, headers, content = refused.status_code, refused.raw_headers, bytes(refused.body)
        except Exception:  # our bug: the framework's path hits it too, and reports and logs it like any other
            await self._app(scope, _again(body, receive), send)
            return
        length = (b"content-length", b"%d" % len(content))
        headers = [*(header for header in headers if header[0] != length[0]), length]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        self._metrics.answered("POST", path, status, time.perf_counter() - started)


def _usual(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    # a call from a web page may need CORS headers
    plain = b"content-length" in headers and b"origin" not in headers
    return plain and headers.get(b"content-type", b"").lower() in _JSON


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body; None if the caller disconnected."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes | None, receive: Receive) -> Receive:
    """Return a ``receive`` that replays the body."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if body is None:
        first = [{"type": "http.disconnect"}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed
