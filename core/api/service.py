"""The endpoints about the service itself: models, health, metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from anyio import to_thread
from fastapi import FastAPI
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from core.api.bodies import Health, Model
from core.api.job_service import JobService
from core.api.metrics import CONTENT_TYPE, Metrics
from core.api.problems import RESPONSES
from core.api.scorer import Scorer, shown_model
from core.errors import TingfengError
from core.schema import ModelInfo
from core.settings import Settings

__all__ = ["VERSION", "add_service"]

VERSION: Final = "0.1.0"
_LISTING: Final[dict[int | str, dict[str, Any]]] = {s: RESPONSES[s] for s in (401, 403, 500)}
_METRICS: Final[dict[int | str, dict[str, Any]]] = {
    **_LISTING,
    200: {"description": "Prometheus 文本格式", "content": {"text/plain": {"schema": {"type": "string"}}}},
}


def add_service(
    app: FastAPI,
    *,
    scorer: Scorer,
    job_service: JobService,
    list_models: Callable[[], list[ModelInfo]],
    metrics: Metrics,
    settings: Settings,
) -> None:
    """Add the endpoints to ``app``."""

    @app.get("/models", tags=["服务"], summary="列出模型", responses=_LISTING)
    def models() -> list[Model]:
        return [
            Model(
                name=m.name,
                title=m.title,
                labels=list(m.labels),
                ready=m.ready,
                default=m.name == settings.backend,
                size_mb=round(m.size_mb, 1),
                note=m.note,
            )
            for m in list_models()
        ]

    @app.get("/health", tags=["服务"], summary="服务是否可用", responses={403: RESPONSES[403], 500: RESPONSES[500]})
    async def health() -> Health:
        known = await to_thread.run_sync(_default_model, scorer)
        if known is None:
            return Health(status="degraded", version=VERSION, model=shown_model(settings.backend), model_version=None)
        return Health(status="ok", version=VERSION, model=known[0], model_version=known[1])

    @app.get("/metrics", tags=["服务"], summary="运行指标", responses=_METRICS, response_class=PlainTextResponse)
    def numbers() -> Response:
        text = metrics.exposition(waiting=scorer.line.waiting, jobs=job_service.states(), model=_default_model(scorer))
        return Response(text, media_type=CONTENT_TYPE)

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("docs")


def _default_model(scorer: Scorer) -> tuple[str, str] | None:
    """Return name and version of the default model; None if it cannot be loaded."""
    try:
        name, backend = scorer.backend(None)
    except TingfengError:
        return None
    return name, backend.version
