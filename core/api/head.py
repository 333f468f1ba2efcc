"""HEAD for every GET endpoint, as HTTP requires; uptime checks and load balancers use it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Head"]


class Head:
    """ASGI middleware that answers HEAD with the status and headers of GET and no body.

    Args:
        app: The API behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        inside = {**scope, "method": "GET"}
        try:
            await self._app(inside, receive, bodiless)
        finally:
            scope.update(inside, method="HEAD")  # outer middleware needs the route found by the inner application
