"""Mount the API in a larger application."""

from __future__ import annotations

import re
from typing import Final

from fastapi import FastAPI
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.fast_path import FastPath

__all__ = ["FirstRoute", "metrics_beside", "mounted"]

PREFIX: Final = "/api"
_METRICS: Final = "/metrics"


def mounted(api: FastAPI) -> Mount:
    """Return a mount of the API at ``/api`` that covers every path below it.

    Starlette's own pattern ends at a newline (``/api/%0A``): such a path would reach the neighbouring routes.
    """
    mount = Mount(PREFIX, app=api)  # it reads the API's routes
    mount.app = api.state.fast_path
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def metrics_beside(api: ASGIApp) -> Route:
    """Return the route ``/metrics``, Prometheus's default path, which answers like ``/api/metrics``."""
    return Route(_METRICS, _Within(api))


class FirstRoute:
    """ASGI application that sends scoring requests straight to the API, bypassing the outer application's routing.

    Args:
        app: The larger application.
        api: The API that is mounted in it.
    """

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        self._app = app
        self._api: FastPath = api.state.fast_path
        self._paths = frozenset(PREFIX + address for address in self._api.addresses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] in self._paths:
            await self._api({**scope, "root_path": scope.get("root_path", "") + PREFIX}, receive, send)
        else:
            await self._app(scope, receive, send)


class _Within:
    """ASGI application that answers any request as ``/api/metrics``, access rules included."""

    def __init__(self, api: ASGIApp) -> None:
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = PREFIX + _METRICS
        within = {"path": path, "raw_path": path.encode(), "root_path": scope.get("root_path", "") + PREFIX}
        await self._api({**scope, **within}, receive, send)
