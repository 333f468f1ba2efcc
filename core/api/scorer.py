"""Score texts: the only module of the API that runs a model."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, cast

from anyio import CapacityLimiter, to_thread
from starlette.types import Receive

from core.api.batching import Batcher
from core.api.bodies import ScoringOptions
from core.api.pending import Kind
from core.check import Checked, check
from core.errors import ApiError
from core.jobs import CachedScorer
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

__all__ = ["Answer", "Scorer", "shown_model"]

#: The fields of ``bodies.Sentiment``; a plain dict, because building and validating a model costs more than the rest.
Answer = dict[str, Any]

#: Most answers arrive sooner; only after this time does the API watch for a disconnect.
_PATIENCE_SECONDS: Final = 0.1
#: Models loaded at the same time.
_LOADING: Final = 4
_SAID: Final = tuple(
    {"sentiment": name.capitalize(), "label": label, "emoji": emoji}
    for name, label, emoji in zip(LABEL_NAMES, LABELS, LABEL_EMOJI, strict=True)
)

_UNSAID: Final = dict.fromkeys(
    ("sentiment", "label", "emoji", "confidence", "probabilities", "needs_review", "truncated", "emotion")
)


class Scorer:
    """Scores request texts off the event loop, batching those that arrive together.

    Args:
        load_backend: Name → loaded model, shared with the dashboard; may be slow the first time.
        list_models: The models of this machine.
        settings: For the default model, labelling options and the queue limits.
        observe: Called after each slice, see ``Batcher``.
        known: Returns the score cache shared with the jobs; called from the scoring threads.
    """

    def __init__(
        self,
        load_backend: Callable[[str], Backend],
        list_models: Callable[[], list[ModelInfo]],
        settings: Settings,
        observe: Callable[[int, int, float, int], None],
        known: Callable[[], CachedScorer | None],
    ) -> None:
        self._load = load_backend
        self._list = list_models
        self._settings = settings
        self._known = known
        self._there: set[str] = set()
        self._loading = CapacityLimiter(_LOADING)
        self._kind = lru_cache(maxsize=64)(self._new_kind)
        self.line: Batcher[Answer] = Batcher(
            self._run, observe=observe, wait_ms=settings.api_wait_ms, limit_texts=settings.api_queue_texts
        )

    async def answer(self, texts: Sequence[str], options: ScoringOptions, receive: Receive) -> list[Answer]:
        """Score texts in order.

        Args:
            texts: Raw texts; a blank one gets an answer that says so.
            options: Which model (a ready one of the list; None for the default), the neutral band (in [0, 1); None for
                the setting) and whether emotions are wanted.
            receive: The request's ``receive``, body already read; on a disconnect, unscored texts are dropped.

        Raises:
            ApiError: A31 there is no such model or it is not ready, A33 it has no emotion head, A34 the queue is full,
                A35 the service is shutting down, A36 the caller disconnected.
        """
        if options.model is not None and options.model not in self._there:
            # here, not in a scoring thread: a model that takes seconds to load must not block other requests,
            # and those that wait for it may hold only a few of the threads that all endpoints share
            await to_thread.run_sync(self.backend, options.model, limiter=self._loading)
            self._there.add(options.model)
        loop = asyncio.get_running_loop()
        request = self.line.put(self._kind(options.model, options.neutral_band, options.emotion), texts, loop)
        scored = cast("asyncio.Future[list[Answer]]", request.future)
        watch = _Watch(loop, receive, scored)
        try:
            return await scored
        finally:
            watch.end()
            if request.outcome is None:
                self.line.withdraw(request)

    def backend(self, model: str | None) -> tuple[str, Backend]:
        """Return the public name and the loaded model; only listed names: a caller may not point at folders.

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
        """Refuse new requests, answer running ones, stop the threads and flush the score cache."""
        self.line.close()
        known = self._known()
        if known is not None:
            known.flush()

    def _new_kind(self, model: str | None, neutral_band: float | None, emotion: bool) -> Kind:
        options = ScoreOptions(
            neutral_band=self._settings.neutral_band if neutral_band is None else neutral_band,
            review_below=self._settings.review_below,
            max_windows=self._settings.max_windows,
            emotion=emotion,
        )
        return Kind(model or self._settings.backend, options)

    def _run(self, kind: Kind, texts: Sequence[str]) -> list[Answer]:
        name, backend = self.backend(kind.model)
        if kind.options.emotion and not can_tell(backend):
            raise ApiError("A33", f"模型 {name} 不能判断情绪。", "请去掉 emotion,或改用 builtin。", status=400)
        return [_answer(row, name, backend.version) for row in check(texts, backend, kind.options, self._known())]


def shown_model(name: str) -> str:
    """Return the public name of a model: for a folder on this machine, only its last part.

    Example:
        >>> shown_model("builtin"), shown_model("/srv/models/ours")
        ('builtin', 'ours')
    """
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or name


class _Watch:
    """Ends the wait for an answer when the caller disconnects.

    Args:
        loop: The running loop.
        receive: The request's ``receive``.
        answer: The awaited future.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive, answer: asyncio.Future[Any]) -> None:
        self._receive = receive
        self._answer = answer
        self._task: asyncio.Task[None] | None = None
        self._timer = loop.call_later(_PATIENCE_SECONDS, self._begin)

    def end(self) -> None:
        """Stop listening."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self._answer.done():
            self._answer.set_exception(ApiError("A36", "请求方已断开连接。", "不会再为它打标。", status=499))


def _answer(row: Checked, model: str, version: str) -> Answer:
    if row.reason:
        error = "输入文本不能为空" if row.reason == Reason.EMPTY else REASON_TITLES[Reason(row.reason)]
        return {"text": row.text, **_UNSAID, "model": model, "model_version": version, "error": error}
    negative, neutral, positive = row.probabilities
    return {
        "text": row.text,
        **_SAID[row.label],
        "confidence": round(row.confidence, 4),
        "probabilities": {
            "negative": round(negative, 4), "neutral": round(neutral, 4), "positive": round(positive, 4),
        },
        "needs_review": row.needs_review,
        "truncated": row.cut,
        "emotion": _emotion(row),
        "model": model,
        "model_version": version,
        "error": None,
    }  # fmt: skip


def _emotion(row: Checked) -> dict[str, Any] | None:
    if row.emotion < 0:
        return None
    return {
        "emotion": EMOTIONS[row.emotion],
        "name": EMOTION_NAMES[row.emotion],
        "confidence": round(row.p_emotion, 4),
        "offensive": None if math.isnan(row.p_offensive) else round(row.p_offensive, 4),
    }
