"""CORS: pages of other sites may call only if their origins are on the allow list."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import InputError
from core.settings import Settings

__all__ = ["Cors", "allowed_origins"]

_ORIGIN: Final = re.compile(r"https?://(?:\[[0-9a-f:.]+\]|[^\s/:*\[\]]+)(?::\d{1,5})?")
_SENT: Final = ("X-API-Key", "Authorization", "Content-Type")
_READ: Final = ("Retry-After", "Content-Disposition", "Location")


def allowed_origins(settings: Settings) -> frozenset[str]:
    """Return the origins of ``api_cors_origins`` in lower case.

    Raises:
        InputError: I02 an entry is not an origin; ``*`` is refused: the key would be the only protection.

    Example:
        >>> sorted(allowed_origins(Settings(api_cors_origins="https://A.cn, http://localhost:3000")))
        ['http://localhost:3000', 'https://a.cn']
    """
    named = [part.strip().lower() for part in settings.api_cors_origins.split(",") if part.strip()]
    for origin in named:
        if not _ORIGIN.fullmatch(origin):
            raise InputError(
                "I02", f"设置 api_cors_origins 里的 {origin!r} 不是网页来源。", "请写成 https://a.cn,不带路径,不用 *。"
            )
    return frozenset(named)


class Cors:
    """ASGI middleware that applies CORS to requests from listed origins and passes on all others.

    Args:
        app: The guard, which refuses origins that are not on the list.
        origins: See ``allowed_origins``.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._open = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=_SENT,
            expose_headers=_READ,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request, through ``CORSMiddleware`` if its origin is on the list."""
        listed = scope["type"] == "http" and Headers(scope=scope).get("origin", "") in self._origins
        await (self._open if listed else self._app)(scope, receive, send)
