"""The FastAPI application; mounted at ``/api`` in the dashboard's process (see Home.py)."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from functools import cache, partial
from typing import Final

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from core.api.cors import Cors, allowed_origins
from core.api.document import describe
from core.api.fast_path import FastPath
from core.api.guard import Guard, Rules
from core.api.head import Head
from core.api.job_service import JobService
from core.api.jobs import add_jobs
from core.api.metrics import Measured, Metrics
from core.api.problems import install
from core.api.scorer import Scorer
from core.api.sentiment import Questions, add_sentiment
from core.api.service import VERSION, add_service
from core.errors import TingfengError
from core.jobs import CachedScorer, Jobs
from core.schema import Backend, ModelInfo
from core.settings import Settings, get_settings

__all__ = ["close", "create", "warm"]

LOG = logging.getLogger(__name__)

_ABOUT: Final = (
    "给中文评论判断情感。所有请求都在这台机器上处理,不会发往别处。"
    "从别的机器访问需要密钥:请求头 `X-API-Key: …` 或 `Authorization: Bearer …`。"
    '所有错误都是同一种形状:`{"error", "code", "hint"}`。'
)


def create(
    *,
    load_backend: Callable[[str], Backend],
    list_models: Callable[[], list[ModelInfo]],
    jobs: Callable[[], Jobs] | None,
    settings: Settings | None = None,
) -> FastAPI:
    """Make the API application.

    Args:
        load_backend: Name → loaded model; called from worker threads, must return one shared object per name.
        list_models: The models of this machine.
        jobs: Returns the dashboard's job manager; called from worker threads. None: this process accepts no jobs.
        settings: Limits, keys and defaults; None for those of the process.

    Returns:
        An application to mount at ``/api``; it has no lifespan of its own: its host must call ``close``.

    Raises:
        InputError: I02 an entry of ``api_cors_origins`` is not an origin.
    """
    settings = settings or get_settings()
    app = FastAPIOffline(
        title="听风 REST API",
        version=VERSION,
        description=_ABOUT,
        redoc_url=None,
        redirect_slashes=False,  # it would redirect to whatever Host header the caller sent
        openapi_tags=[
            {"name": "情感", "description": "给文本打标"},
            {"name": "任务", "description": "给整张评论表打标"},
            {"name": "服务", "description": "模型与状态"},
        ],
    )
    metrics = Metrics()
    scorer = Scorer(load_backend, list_models, settings, metrics.scored, cache(partial(_known, jobs)))
    app.state.scorer = scorer
    questions = Questions(scorer, settings)
    add_sentiment(app, questions)
    job_service = JobService(jobs, scorer, settings)
    add_jobs(app, job_service)
    add_service(
        app, scorer=scorer, job_service=job_service, list_models=list_models, metrics=metrics, settings=settings
    )
    install(app)
    describe(app, keyed=bool(settings.api_key_sha256))
    origins = allowed_origins(settings)
    rules = Rules(settings, origins)
    # the last one added is the first to see a request
    app.add_middleware(Head)
    app.add_middleware(Guard, rules=rules)
    app.add_middleware(Cors, origins=origins)
    app.add_middleware(Measured, metrics=metrics)
    app.state.fast_path = FastPath(app, questions, rules, metrics)
    return app


def _known(jobs: Callable[[], Jobs] | None) -> CachedScorer | None:
    """Return the score cache that the API shares with the jobs; None if there is none."""
    return None if jobs is None else CachedScorer(jobs().store.cache)


def warm(load_backend: Callable[[str], Backend], jobs: Callable[[], Jobs]) -> None:
    """Load the default model and score one text before the port opens, so that no request waits for it.

    A model that cannot be loaded does not stop the service: the pages and ``/api/health`` report the problem. Undo
    ``gc.freeze`` at exit: native objects still frozen then are reported as leaked, one by one.

    Args:
        load_backend: As for ``create``.
        jobs: As for ``create``.
    """
    try:
        load_backend(get_settings().backend).score(["你好"])
    except TingfengError as exc:
        LOG.warning("default model not ready: %s", exc)
    jobs()
    # objects alive now are permanent: unless frozen, every full collection under load traverses them again
    gc.collect()
    gc.freeze()


def close(app: FastAPI) -> None:
    """Shut down an application made by ``create``: refuse new work, answer running requests, stop the threads."""
    app.state.scorer.close()
