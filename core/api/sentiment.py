"""The two scoring endpoints: validation and answers, for the fast path and the framework alike."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI, Request
from starlette.types import Receive

from core.api.bodies import BatchAnswer, BatchQuestion, Question, Sentiment
from core.api.problems import SCORING
from core.api.scorer import Answer, Scorer
from core.errors import ApiError
from core.settings import Settings

__all__ = ["Questions", "add_sentiment"]


class Questions:
    """Answers well-formed scoring requests.

    Args:
        scorer: Scores the texts.
        settings: For the limits.
    """

    def __init__(self, scorer: Scorer, settings: Settings) -> None:
        self._scorer = scorer
        self._settings = settings

    async def one(self, question: Question, receive: Receive) -> Answer:
        """Score one text; the answer has the fields of ``Sentiment``.

        Args:
            question: The text and how to score it.
            receive: The request's ``receive``, body already read.

        Raises:
            ApiError: A20 nothing to score, A22 too long, and what ``Scorer.answer`` raises.
        """
        self._check((question.text,))
        if not question.text.strip():
            raise ApiError("A20", "输入文本不能为空。", "请在 text 里写入一条评论。")
        (answer,) = await self._scorer.answer((question.text,), question, receive)
        if answer["error"] is not None:
            raise ApiError("A20", f"{answer['error']}。", "请在 text 里写入一条有文字或表情的评论。")
        return answer

    async def many(self, question: BatchQuestion, receive: Receive) -> Answer:
        """Score many texts; the answer has the fields of ``BatchAnswer``.

        Args:
            question: The texts and how to score them.
            receive: The request's ``receive``, body already read.

        Raises:
            ApiError: A20 no text, A22 one is too long, A23 too many, and what ``Scorer.answer`` raises.
        """
        if not question.texts:
            raise ApiError("A20", "输入文本不能为空。", "请在 texts 里写入至少一条评论。")
        self._check(question.texts)
        results = await self._scorer.answer(question.texts, question, receive)
        return {"results": results, "count": len(results), "scored": sum(r["error"] is None for r in results)}

    def _check(self, texts: Sequence[str]) -> None:
        most_texts, most_chars = self._settings.api_max_texts, self._settings.api_max_chars
        if len(texts) > most_texts:
            said = f"一次最多 {most_texts} 条,收到 {len(texts)} 条。"
            raise ApiError("A23", said, "请分成几次发送。", status=413)
        longest = max(map(len, texts))
        if longest > most_chars:
            said = f"一条最多 {most_chars} 个字符,收到 {longest} 个。"
            raise ApiError("A22", said, "请缩短或拆开这条文本。", status=413)


def add_sentiment(app: FastAPI, questions: Questions) -> None:
    """Add the endpoints to ``app``: they document themselves and handle what bypasses ``FastPath``."""

    @app.post("/sentiment", tags=["情感"], summary="判断一条评论的情感", response_model=Sentiment, responses=SCORING)
    async def sentiment(question: Question, request: Request) -> Answer:
        return await questions.one(question, request.receive)

    @app.post(
        "/sentiment/batch", tags=["情感"], summary="判断多条评论的情感", response_model=BatchAnswer, responses=SCORING
    )
    async def sentiment_batch(question: BatchQuestion, request: Request) -> Answer:
        return await questions.many(question, request.receive)
