"""The FastAPI application; mounted at ``/api`` in the dashboard's process (see Home.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from anyio import to_thread
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.responses import RedirectResponse

from core.api.bodies import BatchAnswer, BatchQuestion, Health, Model, Question, Sentiment
from core.api.guard import Guard
from core.api.problems import RESPONSES, install
from core.api.scorer import Scorer
from core.errors import ApiError, TingfengError
from core.schema import Backend, ModelInfo
from core.settings import Settings, get_settings

__all__ = ["VERSION", "create"]

VERSION: Final = "0.1.0"

_ABOUT: Final = (
    "给中文评论判断情感。所有请求都在这台机器上处理,不会发往别处。"
    "从别的机器访问需要密钥:请求头 `X-API-Key: …` 或 `Authorization: Bearer …`。"
    '所有错误都是同一种形状:`{"error", "code", "hint"}`。'
)
_LISTING: Final[dict[int | str, dict[str, Any]]] = {401: RESPONSES[401], 403: RESPONSES[403]}


def create(
    *,
    load_backend: Callable[[str], Backend],
    list_models: Callable[[], list[ModelInfo]],
    settings: Settings | None = None,
) -> FastAPI:
    """Make the API application.

    Args:
        load_backend: Name → loaded model; called from worker threads, must return one shared object per name.
        list_models: The models of this machine.
        settings: Limits, keys and defaults; None for those of the process.

    Returns:
        An application to mount at ``/api``; it has no lifespan of its own.
    """
    settings = settings or get_settings()
    app = FastAPIOffline(
        title="听风 REST API",
        version=VERSION,
        description=_ABOUT,
        redoc_url=None,
        openapi_tags=[{"name": "情感", "description": "给文本打标"}, {"name": "服务", "description": "模型与状态"}],
    )
    scorer = Scorer(load_backend, list_models, settings)
    _add_sentiment(app, scorer, settings)
    _add_service(app, scorer, list_models, settings)
    install(app)
    app.add_middleware(Guard, settings=settings)
    return app


def _add_sentiment(app: FastAPI, scorer: Scorer, settings: Settings) -> None:
    @app.post("/sentiment", tags=["情感"], summary="判断一条评论的情感", responses=RESPONSES)
    async def sentiment(question: Question) -> Sentiment:
        _check([question.text], settings)
        if not question.text.strip():
            raise ApiError("A20", "输入文本不能为空。", "请在 text 里写入一条评论。")
        (answer,) = await scorer.answer([question.text], question)
        if answer.error is not None:
            raise ApiError("A20", f"{answer.error}。", "请在 text 里写入一条有文字或表情的评论。")
        return answer

    @app.post("/sentiment/batch", tags=["情感"], summary="判断多条评论的情感", responses=RESPONSES)
    async def sentiment_batch(question: BatchQuestion) -> BatchAnswer:
        if not question.texts:
            raise ApiError("A20", "输入文本不能为空。", "请在 texts 里写入至少一条评论。")
        _check(question.texts, settings)
        results = await scorer.answer(question.texts, question)
        return BatchAnswer(results=results, count=len(results), scored=sum(r.error is None for r in results))


def _check(texts: Sequence[str], settings: Settings) -> None:
    if len(texts) > settings.api_max_texts:
        raise ApiError(
            "A23", f"一次最多 {settings.api_max_texts} 条,收到 {len(texts)} 条。", "请分成几次发送。", status=413
        )
    longest = max(map(len, texts))
    if longest > settings.api_max_chars:
        raise ApiError(
            "A22", f"一条最多 {settings.api_max_chars} 个字符,收到 {longest} 个。", "请缩短或拆开这条文本。", status=413
        )


def _add_service(app: FastAPI, scorer: Scorer, list_models: Callable[[], list[ModelInfo]], settings: Settings) -> None:
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

    @app.get("/health", tags=["服务"], summary="服务是否可用", responses={403: RESPONSES[403]})
    async def health() -> Health:
        try:
            name, backend = await to_thread.run_sync(scorer.backend, None)
        except TingfengError:
            return Health(status="degraded", version=VERSION, model=settings.backend, model_version=None)
        return Health(status="ok", version=VERSION, model=name, model_version=backend.version)

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("docs")
