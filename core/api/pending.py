"""One request in the queue: its texts, which of them are still unscored, and the answers so far."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.schema import ScoreOptions

__all__ = ["Kind", "PendingRequest", "tell"]

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Kind:
    """What requests must have in common to be scored together.

    Attributes:
        model: Name of the model.
        options: How probabilities become labels.
    """

    model: str
    options: ScoreOptions


class PendingRequest(Generic[A]):
    """One request in the queue.

    Args:
        kind: Model and options.
        texts: Its texts.
        loop: The event loop of the waiting caller; None if a thread waits.

    Attributes:
        future: The answers in the order of the texts, or the error; an asyncio future if there is a loop.
        todo: Indices of the texts not yet taken, longest first, so that a slice holds texts of similar length.
        begun: Whether any of its texts has been taken.
        outcome: The answers or the error, once known; ``tell`` passes it to the future.
    """

    __slots__ = ("_answers", "_left", "begun", "future", "kind", "loop", "outcome", "texts", "todo")

    def __init__(self, kind: Kind, texts: Sequence[str], loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.kind = kind
        self.texts = texts
        self.loop = loop
        self.future: Future[list[A]] | asyncio.Future[list[A]] = Future() if loop is None else loop.create_future()
        self.todo = deque(range(len(texts)))
        if len(texts) > 1:
            lengths = [len(text) for text in texts]
            self.todo = deque(sorted(self.todo, key=lengths.__getitem__, reverse=True))
        self.begun = False
        self.outcome: list[A] | BaseException | None = None
        self._answers: list[Any] = [None] * len(texts)
        self._left = len(texts)

    def deliver(self, place: int, answer: A) -> bool:
        """Record one answer and return whether it was the last one. The caller holds the queue's lock."""
        self._answers[place] = answer
        self._left -= 1
        if self._left or self.outcome is not None:
            return False
        self.outcome = self._answers
        return True

    def fail(self, error: BaseException) -> bool:
        """Record an error for the whole request and return whether it is the outcome. The caller holds the lock."""
        if self.outcome is not None:
            return False
        self.outcome = error
        return True

    def settle(self) -> None:
        """Pass the outcome to the future, in its loop if it has one."""
        if self.future.done():
            return
        if isinstance(self.outcome, BaseException):
            self.future.set_exception(self.outcome)
        else:
            self.future.set_result(self.outcome or [])


def tell(requests: Iterable[PendingRequest[Any]]) -> None:
    """Notify the waiters, waking each event loop once however many of its requests have an outcome."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[PendingRequest[Any]]] = defaultdict(list)
    for request in requests:
        if request.loop is None:
            request.settle()
        else:
            loops[request.loop].append(request)
    for loop, own in loops.items():
        with suppress(RuntimeError):  # loop closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle, own)


def _settle(requests: Sequence[PendingRequest[Any]]) -> None:
    for request in requests:
        request.settle()
