"""The FastAPI application; mounted at ``/api`` in the dashboard's process (see Home.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from fastapi import FastAPI, Request
from fastapi_offline import FastAPIOffline

from core.api.bodies import BatchAnswer, BatchQuestion, Question, Sentiment
from core.api.cors import Cors, allowed_origins
from core.api.desk import Desk
from core.api.document import describe_keys
from core.api.guard import Guard
from core.api.jobs import add_jobs
from core.api.metrics import Measured, Metrics
from core.api.problems import SCORING, install
from core.api.scorer import Scorer
from core.api.service import VERSION, add_service
from core.errors import ApiError
from core.jobs import Jobs
from core.schema import Backend, ModelInfo
from core.settings import Settings, get_settings

__all__ = ["close", "create"]

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
        jobs: Gives the jobs manager, the dashboard's; called from worker threads. None: this process takes no jobs.
        settings: Limits, keys and defaults; None for those of the process.

    Returns:
        An application to mount at ``/api``; it has no lifespan of its own: whoever mounts it calls ``close``.

    Raises:
        InputError: I02 an entry of ``api_cors_origins`` is no origin.
    """
    settings = settings or get_settings()
    app = FastAPIOffline(
        title="听风 REST API",
        version=VERSION,
        description=_ABOUT,
        redoc_url=None,
        openapi_tags=[
            {"name": "情感", "description": "给文本打标"},
            {"name": "任务", "description": "给整张评论表打标"},
            {"name": "服务", "description": "模型与状态"},
        ],
    )
    metrics = Metrics()
    scorer = Scorer(load_backend, list_models, settings, metrics.scored)
    app.state.scorer = scorer
    _add_sentiment(app, scorer, settings)
    desk = Desk(jobs, scorer, settings)
    add_jobs(app, desk)
    add_service(app, scorer=scorer, desk=desk, list_models=list_models, metrics=metrics, settings=settings)
    install(app)
    if settings.api_key_sha256:
        describe_keys(app)
    origins = allowed_origins(settings)
    # the last one added is the first to see a request
    app.add_middleware(Guard, settings=settings, origins=origins)
    app.add_middleware(Cors, origins=origins)
    app.add_middleware(Measured, metrics=metrics)
    return app


def close(app: FastAPI) -> None:
    """Shut down what ``create`` made: no new work, what runs is answered, the thread that scores ends."""
    app.state.scorer.close()


def _add_sentiment(app: FastAPI, scorer: Scorer, settings: Settings) -> None:
    @app.post("/sentiment", tags=["情感"], summary="判断一条评论的情感", responses=SCORING)
    async def sentiment(question: Question, request: Request) -> Sentiment:
        _check([question.text], settings)
        if not question.text.strip():
            raise ApiError("A20", "输入文本不能为空。", "请在 text 里写入一条评论。")
        (answer,) = await scorer.answer([question.text], question, request)
        if answer.error is not None:
            raise ApiError("A20", f"{answer.error}。", "请在 text 里写入一条有文字或表情的评论。")
        return answer

    @app.post("/sentiment/batch", tags=["情感"], summary="判断多条评论的情感", responses=SCORING)
    async def sentiment_batch(question: BatchQuestion, request: Request) -> BatchAnswer:
        if not question.texts:
            raise ApiError("A20", "输入文本不能为空。", "请在 texts 里写入至少一条评论。")
        _check(question.texts, settings)
        results = await scorer.answer(question.texts, question, request)
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
