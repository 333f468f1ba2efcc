"""The API without the dashboard, as run by ``serve --api-only`` in one process or in several."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from multiprocessing.process import BaseProcess

from anyio import to_thread
from prometheus_client.multiprocess import mark_process_dead
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from core.api.app import close, create, warm
from core.api.metrics import MULTIPROCESS
from core.api.mounting import FirstRoute, metrics_beside, mounted
from core.api.problems import install
from core.jobs import Jobs, SharedJobs
from core.schema import Backend
from core.score import load, models
from core.settings import get_settings
from core.store import open_store

__all__ = ["make"]


def make() -> ASGIApp:
    """Build the ASGI application that serves the API under ``/api``, as the dashboard's process does.

    The port opens only after the default model has loaded and scored a text. Several processes share their jobs.
    A process whose parent dies shuts itself down.
    """
    settings = get_settings()
    backend = _Models()
    manager = cache(partial(_jobs, backend, shared=settings.api_workers > 1))
    api = create(load_backend=backend, list_models=models, jobs=manager, settings=settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await to_thread.run_sync(warm, backend, manager)
        _end_with_parent()
        try:
            yield
        finally:
            await to_thread.run_sync(close, api)
            await to_thread.run_sync(_end, manager)

    app = Starlette(
        routes=[mounted(api), Route("/", _to_docs), Route("/api", _to_docs), metrics_beside(api)],
        lifespan=lifespan,
    )
    install(app)
    return FirstRoute(app, api)


class _Models:
    """Cache of loaded models by name. Each loads once; a slow load blocks only the callers that need that model."""

    def __init__(self) -> None:
        self._loaded: dict[str, Backend] = {}
        self._loading: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def __call__(self, name: str) -> Backend:
        """Return the named model; raises what ``core.score.load`` raises."""
        if name not in self._loaded:
            with self._loading[name]:
                if name not in self._loaded:
                    self._loaded[name] = load(name)
        return self._loaded[name]


def _jobs(backend: Callable[[str], Backend], *, shared: bool) -> Jobs:
    return (SharedJobs if shared else Jobs)(open_store(), load_backend=backend)


def _end_with_parent() -> None:
    """Shut down as on SIGTERM when the parent process dies: nothing else would ever stop this one."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), name="tingfeng-parent", daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _end(manager: Callable[[], Jobs]) -> None:
    """Stop the running job at the end of a chunk; it can be resumed, or another process continues it."""
    jobs = manager()
    jobs.shutdown()
    jobs.store.close()
    gc.unfreeze()  # see ``warm``
    if MULTIPROCESS in os.environ:
        mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]


async def _to_docs(_request: Request) -> RedirectResponse:
    return RedirectResponse("/api/docs")
