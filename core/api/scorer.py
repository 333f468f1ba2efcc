"""Texts in, answers out: the one place of the API that runs a model."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any

from anyio import to_thread
from starlette.requests import Request

from core.api.batching import Batcher
from core.api.bodies import Asked, Emotion, Probabilities, Sentiment
from core.api.ticket import Kind
from core.check import Checked, check
from core.errors import ApiError
from core.schema import (
    EMOTION_NAMES,
    EMOTIONS,
    LABEL_EMOJI,
    LABEL_NAMES,
    LABELS,
    REASON_TITLES,
    Backend,
    ModelInfo,
    Reason,
    ScoreOptions,
)
from core.score import can_tell
from core.settings import Settings

__all__ = ["Scorer", "shown_model"]


class Scorer:
    """Score the texts of requests off the event loop, those that arrive together in one go.

    Args:
        load_backend: Name → loaded model, shared with the dashboard; may be slow the first time.
        list_models: The models of this machine.
        settings: For the default model, labelling options and the limits of the line.
        observe: Told after each slice, see ``Batcher``.
    """

    def __init__(
        self,
        load_backend: Callable[[str], Backend],
        list_models: Callable[[], list[ModelInfo]],
        settings: Settings,
        observe: Callable[[int, int, float, int], None],
    ) -> None:
        self._load = load_backend
        self._list = list_models
        self._settings = settings
        self.line: Batcher[Sentiment] = Batcher(
            self._run, observe=observe, wait_ms=settings.api_wait_ms, limit_texts=settings.api_queue_texts
        )

    async def answer(self, texts: Sequence[str], asked: Asked, request: Request) -> list[Sentiment]:
        """Score texts in their order.

        Args:
            texts: Raw texts; a blank one gets an answer that says so.
            asked: Which model (a ready one of the list; None for the default), the neutral band (in [0, 1); None for
                the setting) and whether emotions are wanted.
            request: Who asks, body already read; when they go away, what is not scored yet never will be.

        Raises:
            ApiError: A31 there is no such model or it is not ready, A33 it cannot tell emotions, A34 too much is
                waiting, A35 the service is shutting down, A36 the caller went away.
        """
        if asked.model is not None:
            # here, not in the thread that scores: a model that takes seconds to load must not keep others waiting
            await to_thread.run_sync(self.backend, asked.model)
        ticket = self.line.put(self._kind(asked), texts)
        scored = asyncio.wrap_future(ticket.future)
        left = asyncio.ensure_future(_left(request))
        both: set[asyncio.Future[Any]] = {scored, left}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not scored.done():
                raise ApiError("A36", "请求方已断开连接。", "不会再为它打标。", status=499)
            return scored.result()
        finally:
            left.cancel()
            if not scored.done():
                self.line.withdraw(ticket)
                scored.cancel()

    def backend(self, model: str | None) -> tuple[str, Backend]:
        """Return the name to show and the loaded model; only names of the list: a caller may not point at folders.

        Raises:
            ApiError: A31 there is no such model or it is not ready.
        """
        name = model or self._settings.backend
        if name != self._settings.backend:
            ready = [m.name for m in self._list() if m.ready]
            if name not in ready:
                raise ApiError("A31", "没有这个模型,或它还没有下载。", f"现在可用:{'、'.join(ready)}。", status=400)
        return shown_model(name), self._load(name)

    def close(self) -> None:
        """Take no new request, answer what runs, end the thread."""
        self.line.close()

    def _kind(self, asked: Asked) -> Kind:
        options = ScoreOptions(
            neutral_band=self._settings.neutral_band if asked.neutral_band is None else asked.neutral_band,
            review_below=self._settings.review_below,
            max_windows=self._settings.max_windows,
            emotion=asked.emotion,
        )
        return Kind(asked.model or self._settings.backend, options)

    def _run(self, kind: Kind, texts: Sequence[str]) -> list[Sentiment]:
        name, backend = self.backend(kind.model)
        if kind.options.emotion and not can_tell(backend):
            raise ApiError("A33", f"模型 {name} 不能判断情绪。", "请去掉 emotion,或改用 builtin。", status=400)
        return [_answer(row, name, backend.version) for row in check(texts, backend, kind.options)]


def shown_model(name: str) -> str:
    """Return what callers may know of a model: its name, of a folder on this machine only the last part.

    Example:
        >>> shown_model("builtin"), shown_model("/srv/models/ours")
        ('builtin', 'ours')
    """
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or name


async def _left(request: Request) -> None:
    """Return when the caller has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _answer(row: Checked, model: str, version: str) -> Sentiment:
    if row.reason:
        error = "输入文本不能为空" if row.reason == Reason.EMPTY else REASON_TITLES[Reason(row.reason)]
        return Sentiment(text=row.text, model=model, model_version=version, error=error)
    negative, neutral, positive = (round(p, 4) for p in row.probabilities)
    return Sentiment.model_validate(
        {
            "text": row.text,
            "sentiment": LABEL_NAMES[row.label].capitalize(),
            "label": LABELS[row.label],
            "emoji": LABEL_EMOJI[row.label],
            "confidence": round(row.confidence, 4),
            "probabilities": Probabilities(negative=negative, neutral=neutral, positive=positive),
            "needs_review": row.needs_review,
            "truncated": row.cut,
            "emotion": _emotion(row),
            "model": model,
            "model_version": version,
        }
    )


def _emotion(row: Checked) -> Emotion | None:
    if row.emotion < 0:
        return None
    offensive = None if math.isnan(row.p_offensive) else round(row.p_offensive, 4)
    return Emotion.model_validate(
        {
            "emotion": EMOTIONS[row.emotion],
            "name": EMOTION_NAMES[row.emotion],
            "confidence": round(row.p_emotion, 4),
            "offensive": offensive,
        }
    )
