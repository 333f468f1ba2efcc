"""Where the API stands in a larger application."""

from __future__ import annotations

import re
from typing import Final

from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["metrics_beside", "mounted"]

PREFIX: Final = "/api"
_METRICS: Final = "/metrics"


def mounted(api: ASGIApp) -> Mount:
    """Return the API under ``/api``, with every address below it.

    Starlette's own pattern ends at a line break (``/api/%0A``): such an address would reach what stands beside us.
    """
    mount = Mount(PREFIX, app=api)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def metrics_beside(api: ASGIApp) -> Route:
    """Return the address where Prometheus looks unless told otherwise: ``/metrics``, the same as ``/api/metrics``."""
    return Route(_METRICS, _Within(api))


class _Within:
    """ASGI application that answers as the API does for ``/api/metrics``, whoever may call and all."""

    def __init__(self, api: ASGIApp) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = PREFIX + _METRICS
        within = {"path": path, "raw_path": path.encode(), "root_path": scope.get("root_path", "") + PREFIX}
        await self._api({**scope, **within}, receive, send)
