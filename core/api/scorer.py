"""Texts in, answers out: the one place of the API that runs a model."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from core.api.bodies import Asked, Emotion, Probabilities, Sentiment
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

__all__ = ["Scorer"]

#: Runs at a time. The engine uses every core by itself; a second run tokenises while the first computes.
_PARALLEL_RUNS = 2


class Scorer:
    """Score the texts of a request off the event loop.

    Args:
        load_backend: Name → loaded model, shared with the dashboard; may be slow the first time.
        list_models: The models of this machine.
        settings: For the default model and labelling options.
    """

    def __init__(
        self, load_backend: Callable[[str], Backend], list_models: Callable[[], list[ModelInfo]], settings: Settings
    ) -> None:
        self._load = load_backend
        self._list = list_models
        self._settings = settings
        self._pool = ThreadPoolExecutor(_PARALLEL_RUNS, thread_name_prefix="tingfeng-api")

    async def answer(self, texts: Sequence[str], asked: Asked) -> list[Sentiment]:
        """Score texts in their order.

        Args:
            texts: Raw texts; a blank one gets an answer that says so.
            asked: Which model (a ready one of the list; None for the default), the neutral band (in [0, 1); None for
                the setting) and whether emotions are wanted.

        Raises:
            ApiError: A31 there is no such model or it is not ready, A33 it cannot tell emotions.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._run, texts, asked)

    def backend(self, model: str | None) -> tuple[str, Backend]:
        """Return the name and the loaded model; only names of the list: a caller may not point at folders.

        Raises:
            ApiError: A31 there is no such model or it is not ready.
        """
        name = model or self._settings.backend
        if name != self._settings.backend:
            ready = [m.name for m in self._list() if m.ready]
            if name not in ready:
                raise ApiError("A31", "没有这个模型,或它还没有下载。", f"现在可用:{'、'.join(ready)}。", status=400)
        return name, self._load(name)

    def _run(self, texts: Sequence[str], asked: Asked) -> list[Sentiment]:
        name, backend = self.backend(asked.model)
        if asked.emotion and not can_tell(backend):
            raise ApiError("A33", f"模型 {name} 不能判断情绪。", "请去掉 emotion,或改用 builtin。", status=400)
        options = ScoreOptions(
            neutral_band=self._settings.neutral_band if asked.neutral_band is None else asked.neutral_band,
            review_below=self._settings.review_below,
            max_windows=self._settings.max_windows,
            emotion=asked.emotion,
        )
        return [_answer(row, name, backend.version) for row in check(texts, backend, options)]


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
