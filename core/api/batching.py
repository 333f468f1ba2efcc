"""Requests that arrive together are scored together: a bounded line of texts, cut into slices, served in turn.

The line is counted in texts and what does not fit is refused at once. A slice takes one text of each request after
the other, so that a huge batch cannot keep a single text waiting, and is small enough to take about 0.25 s. Only
requests of the same kind (model and options) share a slice. A few threads serve the line: while some score, another
reads what has come in the meantime, so that the cores do not idle between two slices. A lone request never waits; a
slice that would be small waits a moment for company, but only while another thread keeps the model busy.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from core.api.ticket import Kind, Ticket, tell
from core.errors import ApiError

__all__ = ["LANES", "SLICE_TEXTS", "Batcher"]

A = TypeVar("A")

#: Threads that score: while the model runs for two of them, the third prepares and answers; the engine has the cores.
LANES: Final = 3
#: A slice: most texts, and the seconds it should take; the characters that fit into them are found while running.
SLICE_TEXTS: Final = 512
#: Not worth sharing with another thread.
_SHARED_TEXTS: Final = 8
_SLICE_SECONDS: Final = 0.25
_FIRST_CHARS, _LEAST_CHARS, _MOST_CHARS = 4096, 256, 65_536
#: Requests of a slice that ended longer ago say nothing about those that come now.
_COMPANY_SECONDS: Final = 0.5
_LONGEST_RETRY_SECONDS: Final = 60
#: Texts a second, until something is known.
_FIRST_RATE: Final = 100.0


class Batcher(Generic[A]):
    """The line and the threads that serve it; all methods may be called from any thread.

    Args:
        run: Scores texts of one kind; one answer per text, in order, each independent of its neighbours.
        observe: Told after each slice: requests, texts, seconds and the texts that still wait.
        wait_ms: Longest wait for further requests, milliseconds.
        limit_texts: Most texts that wait; an empty line takes one request of any size.
        lanes: Slices scored at a time.
    """

    def __init__(
        self,
        run: Callable[[Kind, Sequence[str]], Sequence[A]],
        *,
        observe: Callable[[int, int, float, int], None],
        wait_ms: float,
        limit_texts: int,
        lanes: int = LANES,
    ) -> None:
        self._run = run
        self._observe = observe
        self._wait_seconds = wait_ms / 1000
        self._limit = limit_texts
        self._change = threading.Condition()
        self._lines: OrderedDict[Kind, deque[Ticket[A]]] = OrderedDict()
        # daemons: a process that wants to end must not wait for a model
        self._runners = [threading.Thread(target=self._work, name="tingfeng-api", daemon=True) for _ in range(lanes)]
        self._lanes = lanes
        self._busy = 0
        self._chars: dict[str, int] = {}
        self._waiting = 0
        #: Waiting texts below which nobody needs to be woken.
        self._wanted = 1
        self._company, self._company_at = 1, 0.0
        self._texts_per_second = _FIRST_RATE
        self._closed = False

    @property
    def waiting(self) -> int:
        """Texts that nobody has taken yet."""
        return self._waiting

    @property
    def closed(self) -> bool:
        """No new request is taken."""
        return self._closed

    def put(self, kind: Kind, texts: Sequence[str], loop: asyncio.AbstractEventLoop | None = None) -> Ticket[A]:
        """Take a request into the line.

        Args:
            kind: Model and options.
            texts: At least one.
            loop: The running event loop, where the ticket's future is to belong to one.

        Raises:
            ApiError: A34 the line is full, A35 the service is shutting down.
        """
        ticket: Ticket[A] = Ticket(kind, texts, loop)
        with self._change:
            if self._closed:
                raise _leaving()
            if self._waiting and self._waiting + len(texts) > self._limit:
                raise self._overloaded()
            self._lines.setdefault(kind, deque()).append(ticket)
            self._waiting += len(texts)
            if self._waiting >= self._wanted:
                self._change.notify()
        if not self._runners[0].is_alive():
            self._start()
        return ticket

    def _start(self) -> None:
        with self._change:
            for runner in self._runners:
                if runner.ident is None:
                    runner.start()

    def withdraw(self, ticket: Ticket[A]) -> None:
        """Take a request out of the line whose caller has gone; texts that are being scored are not stopped."""
        with self._change:
            self._remove(ticket)

    def close(self, timeout_seconds: float = 10.0) -> None:
        """Refuse what comes or has not begun, finish what has, and end the threads."""
        with self._change:
            self._closed = True
            self._wanted = 1
            self._refuse_waiting(begun=False)
            self._change.notify_all()
        until = time.monotonic() + timeout_seconds
        for runner in self._runners:
            if runner.is_alive():
                runner.join(max(0.0, until - time.monotonic()))
        with self._change:
            self._refuse_waiting(begun=True)

    def _refuse_waiting(self, *, begun: bool) -> None:
        refused = [ticket for line in self._lines.values() for ticket in line if begun or not ticket.begun]
        for ticket in refused:
            self._remove(ticket)
            ticket.fail(_leaving())
        tell(refused)

    def _remove(self, ticket: Ticket[A]) -> None:
        self._waiting -= len(ticket.todo)
        ticket.todo.clear()
        line = self._lines.get(ticket.kind)
        if line is not None and ticket in line:
            line.remove(ticket)
            if not line:
                del self._lines[ticket.kind]

    def _overloaded(self) -> ApiError:
        seconds = min(_LONGEST_RETRY_SECONDS, max(1, math.ceil(self._waiting / self._texts_per_second)))
        return ApiError(
            "A34",
            f"服务正忙:已有 {self._waiting} 条文本在排队。",
            f"请在 {seconds} 秒后重试,整张表请提交为任务。",
            status=429,
            headers={"Retry-After": str(seconds)},
        )

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            settled = self._serve(*taken)
            with self._change:
                self._busy -= 1
                self._change.notify()  # one may wait for company
            tell(settled)

    def _take(self) -> tuple[Kind, list[tuple[Ticket[A], int]]] | None:
        """Return the next slice; None when the line is closed and empty."""
        with self._change:
            while True:
                while not self._lines:
                    if self._closed:
                        return None
                    self._change.wait()
                self._wait_for_company()
                if self._lines:  # those who waited may have gone, or others been quicker
                    self._busy += 1
                    return self._slice()

    def _wait_for_company(self) -> None:
        """Wait while the model is busy anyway, for as many texts as met the last time."""
        now = time.monotonic()
        self._wanted = min(self._company, SLICE_TEXTS) if now - self._company_at < _COMPANY_SECONDS else 1
        until = now + self._wait_seconds
        while self._busy and not self._closed and self._lines and self._waiting < self._wanted:
            if (left := until - time.monotonic()) <= 0:
                break
            self._change.wait(left)
        self._wanted = 1

    def _slice(self) -> tuple[Kind, list[tuple[Ticket[A], int]]]:
        kind, line = next(iter(self._lines.items()))
        self._lines.move_to_end(kind)
        # a thread that has nothing to do gets its part
        idle = self._lanes - self._busy
        most = min(SLICE_TEXTS, max(_SHARED_TEXTS, math.ceil(self._waiting / (idle + 1))))
        chosen: list[tuple[Ticket[A], int]] = []
        chars, most_chars = 0, self._chars.get(kind.model, _FIRST_CHARS)
        while line and len(chosen) < most and chars < most_chars:
            ticket = line.popleft()
            place = ticket.todo.popleft()
            ticket.begun = True
            chosen.append((ticket, place))
            chars += len(ticket.texts[place])
            if ticket.todo:
                line.append(ticket)
        if not line:
            del self._lines[kind]
        self._waiting -= len(chosen)
        if self._lines:
            self._change.notify()
        return kind, chosen

    def _serve(self, kind: Kind, chosen: list[tuple[Ticket[A], int]]) -> list[Ticket[A]]:
        """Score a slice; returns the requests that have an outcome now."""
        started = time.perf_counter()
        tickets = list(dict.fromkeys(ticket for ticket, _ in chosen))
        try:
            answers = self._run(kind, [ticket.texts[place] for ticket, place in chosen])
        except BaseException as exc:  # whoever asked gets to know it; the thread must outlive even a panic of a library
            if len(tickets) == 1:
                with self._change:
                    self._remove(tickets[0])
                    return tickets if tickets[0].fail(_told(exc)) else []
            # an error is its own request's alone
            return [t for one in tickets for t in self._serve(kind, [pair for pair in chosen if pair[0] is one])]
        seconds = time.perf_counter() - started
        self._observe(len(tickets), len(chosen), seconds, self._waiting)  # before anybody can read the answer
        with self._change:
            chars = sum(len(ticket.texts[place]) for ticket, place in chosen)
            self._learn(kind.model, len(chosen), chars, seconds)
            pairs = zip(chosen, answers, strict=True)
            return [ticket for (ticket, place), answer in pairs if ticket.deliver(place, answer)]

    def _learn(self, model: str, texts: int, chars: int, seconds: float) -> None:
        """Note how fast a slice went: the next one is cut, and the next refusal says when to come again, by it."""
        self._company, self._company_at = texts, time.monotonic()
        self._texts_per_second += 0.2 * (self._busy * texts / max(seconds, 1e-6) - self._texts_per_second)
        most = self._chars.get(model, _FIRST_CHARS)
        if seconds > 2 * _SLICE_SECONDS:
            most = max(_LEAST_CHARS, most // 2)
        elif seconds < _SLICE_SECONDS / 2 and chars >= most:
            most = min(_MOST_CHARS, most * 2)
        self._chars[model] = most


def _told(error: BaseException) -> Exception:
    """Return what the caller is told: an event loop takes no error that is meant to end a thread."""
    return error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")


def _leaving() -> ApiError:
    return ApiError("A35", "服务正在关闭。", "请稍后重试。", status=503, headers={"Retry-After": "5"})
