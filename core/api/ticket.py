"""One request in the line: its texts, which of them are still to be scored, and the answers so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.schema import ScoreOptions

__all__ = ["Kind", "Ticket"]

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


class Ticket(Generic[A]):
    """One request in the line.

    Args:
        kind: Model and options.
        texts: Its texts.

    Attributes:
        future: The answers in the order of the texts, or the error.
        todo: Places of the texts that nobody has taken yet, long ones first: a slice then holds texts of like length.
        begun: Some of its texts were taken.
    """

    def __init__(self, kind: Kind, texts: Sequence[str]) -> None:
        self.kind = kind
        self.texts = texts
        self.future: Future[list[A]] = Future()
        lengths = [len(text) for text in texts]
        self.todo = deque(sorted(range(len(texts)), key=lengths.__getitem__, reverse=True))
        self.begun = False
        self._answers: dict[int, A] = {}
        self._settled = False

    def deliver(self, place: int, answer: A) -> None:
        """Note one answer; the last one settles the request. The caller holds the lock of the line."""
        self._answers[place] = answer
        if len(self._answers) == len(self.texts):
            self._settle([self._answers[i] for i in range(len(self.texts))])

    def fail(self, error: BaseException) -> None:
        """Answer the whole request with an error; the caller holds the lock of the line."""
        self._settle(error)

    def _settle(self, outcome: list[A] | BaseException) -> None:
        if self._settled:
            return
        self._settled = True
        if not self.future.set_running_or_notify_cancel():
            return
        if isinstance(outcome, BaseException):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)
