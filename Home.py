"""Launcher: one process serves the dashboard at ``/`` and the REST API at ``/api``.

``python -m core serve``, ``streamlit run Home.py`` and ``uvicorn Home:app`` all start it. The main script is in
pages/ on purpose: next to a ``pages`` folder, Streamlit would run a deep-linked page without its frame.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from core.api import close, create, metrics_beside, mounted  # noqa: E402  (ROOT must be importable first)
from pages.parts import resources  # noqa: E402


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm up the model before the port opens; on exit, answer running requests and stop the jobs."""
    await to_thread.run_sync(resources.warm)
    try:
        yield
    finally:
        # the lifespan of a mounted application is not run
        await to_thread.run_sync(close, api)
        await to_thread.run_sync(resources.shutdown)


async def to_docs(_request: Request) -> RedirectResponse:
    """Redirect ``/api`` without a slash to the API's page, not to a dashboard page of that name."""
    return RedirectResponse("/api/docs")


api = create(load_backend=resources.backend, list_models=resources.models, jobs=resources.jobs)
app = st.App(
    ROOT / "pages" / "app.py",
    routes=[
        Route("/api", to_docs),
        mounted(api),
        metrics_beside(api),
    ],
    lifespan=lifespan,
)
