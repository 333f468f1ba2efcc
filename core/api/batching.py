"""Dynamic batching: requests that arrive together are scored together, in slices cut from a bounded queue.

The queue is bounded in texts and refuses at once what does not fit. A slice takes one text from each request in turn,
so that a huge batch cannot keep a single text waiting, and is sized to take about 0.25 s. Only requests of the same
kind (model and options) share a slice. A few threads serve the queue: while some score, another prepares what has
arrived in the meantime, so that the cores do not idle between two slices. A lone request never waits; a slice that
would be small waits briefly for more texts, but only while another thread keeps the model busy.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from core.api.pending import Kind, PendingRequest, tell
from core.errors import ApiError

__all__ = ["LANES", "SLICE_TEXTS", "Batcher"]

A = TypeVar("A")

#: Scoring threads: while two of them run the model, the third prepares and answers; the engine has the cores.
LANES: Final = 3
#: Slice limits: texts, and target seconds; the number of characters that meets the target is adapted at run time.
SLICE_TEXTS: Final = 512
#: So few texts are not worth splitting across threads.
_SHARED_TEXTS: Final = 8
_SLICE_SECONDS: Final = 0.25
_FIRST_CHARS, _LEAST_CHARS, _MOST_CHARS = 4096, 256, 65_536
#: A slice that ended longer ago does not predict the present load.
_COMPANY_SECONDS: Final = 0.5
_LONGEST_RETRY_SECONDS: Final = 60
#: Texts per second assumed until measured.
_FIRST_RATE: Final = 100.0


class Batcher(Generic[A]):
    """A bounded queue and the threads that serve it; all methods are thread-safe.

    Args:
        run: Scores texts of one kind; one answer per text, in order, each independent of its neighbours.
        observe: Called after each slice with its requests, texts, seconds and the texts still waiting.
        wait_ms: Longest wait for further requests, milliseconds.
        limit_texts: Most texts that wait; an empty queue accepts one request of any size.
        lanes: Slices scored concurrently.
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
        self._lines: OrderedDict[Kind, deque[PendingRequest[A]]] = OrderedDict()
        # daemon threads: process exit must not wait for a model
        self._runners = [threading.Thread(target=self._work, name="tingfeng-api", daemon=True) for _ in range(lanes)]
        self._lanes = lanes
        self._busy = 0
        self._chars: dict[str, int] = {}
        self._waiting = 0
        #: Number of waiting texts below which no thread is woken.
        self._wanted = 1
        self._company, self._company_at = 1, 0.0
        self._texts_per_second = _FIRST_RATE
        self._closed = False

    @property
    def waiting(self) -> int:
        """Number of texts that no thread has taken yet."""
        return self._waiting

    @property
    def closed(self) -> bool:
        """Whether new requests are refused."""
        return self._closed

    def put(self, kind: Kind, texts: Sequence[str], loop: asyncio.AbstractEventLoop | None = None) -> PendingRequest[A]:
        """Add a request to the queue.

        Args:
            kind: Model and options.
            texts: At least one.
            loop: The running event loop that is to own the request's future, if any.

        Raises:
            ApiError: A34 the queue is full, A35 the service is shutting down.
        """
        request: PendingRequest[A] = PendingRequest(kind, texts, loop)
        with self._change:
            if self._closed:
                raise _leaving()
            if self._waiting and self._waiting + len(texts) > self._limit:
                raise self._overloaded()
            self._lines.setdefault(kind, deque()).append(request)
            self._waiting += len(texts)
            if self._waiting >= self._wanted:
                self._change.notify()
        if not self._runners[0].is_alive():
            self._start()
        return request

    def _start(self) -> None:
        with self._change:
            for runner in self._runners:
                if runner.ident is None:
                    runner.start()

    def withdraw(self, request: PendingRequest[A]) -> None:
        """Remove a request whose caller has gone; texts already being scored are not stopped."""
        with self._change:
            self._remove(request)

    def close(self, timeout_seconds: float = 10.0) -> None:
        """Refuse new requests and those not yet begun, finish the others, and stop the threads."""
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
        refused = [request for line in self._lines.values() for request in line if begun or not request.begun]
        for request in refused:
            self._remove(request)
            request.fail(_leaving())
        tell(refused)

    def _remove(self, request: PendingRequest[A]) -> None:
        self._waiting -= len(request.todo)
        request.todo.clear()
        line = self._lines.get(request.kind)
        if line is not None and request in line:
            line.remove(request)
            if not line:
                del self._lines[request.kind]

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
                self._change.notify()  # another thread may be waiting to fill its slice
            tell(settled)

    def _take(self) -> tuple[Kind, list[tuple[PendingRequest[A], int]]] | None:
        """Return the next slice; None when the queue is closed and empty."""
        with self._change:
            while True:
                while not self._lines:
                    if self._closed:
                        return None
                    self._change.wait()
                self._wait_for_company()
                if self._lines:  # in the meantime requests may have been withdrawn or taken by another thread
                    self._busy += 1
                    return self._slice()

    def _wait_for_company(self) -> None:
        """Wait, only while the model is busy, for as many texts as the last slice had."""
        now = time.monotonic()
        self._wanted = min(self._company, SLICE_TEXTS) if now - self._company_at < _COMPANY_SECONDS else 1
        until = now + self._wait_seconds
        while self._busy and not self._closed and self._lines and self._waiting < self._wanted:
            if (left := until - time.monotonic()) <= 0:
                break
            self._change.wait(left)
        self._wanted = 1

    def _slice(self) -> tuple[Kind, list[tuple[PendingRequest[A], int]]]:
        kind, line = next(iter(self._lines.items()))
        self._lines.move_to_end(kind)
        # leave a share for each idle thread
        idle = self._lanes - self._busy
        most = min(SLICE_TEXTS, max(_SHARED_TEXTS, math.ceil(self._waiting / (idle + 1))))
        chosen: list[tuple[PendingRequest[A], int]] = []
        chars, most_chars = 0, self._chars.get(kind.model, _FIRST_CHARS)
        while line and len(chosen) < most and chars < most_chars:
            request = line.popleft()
            place = request.todo.popleft()
            request.begun = True
            chosen.append((request, place))
            chars += len(request.texts[place])
            if request.todo:
                line.append(request)
        if not line:
            del self._lines[kind]
        self._waiting -= len(chosen)
        if self._lines:
            self._change.notify()
        return kind, chosen

    def _serve(self, kind: Kind, chosen: list[tuple[PendingRequest[A], int]]) -> list[PendingRequest[A]]:
        """Score a slice and return the requests that now have an outcome."""
        started = time.perf_counter()
        requests = list(dict.fromkeys(request for request, _ in chosen))
        try:
            answers = self._run(kind, [request.texts[place] for request, place in chosen])
        except BaseException as exc:  # reported to the caller; the thread must survive even a library's panic
            if len(requests) == 1:
                with self._change:
                    self._remove(requests[0])
                    return requests if requests[0].fail(_told(exc)) else []
            # one request's error must not fail the others
            return [t for one in requests for t in self._serve(kind, [pair for pair in chosen if pair[0] is one])]
        seconds = time.perf_counter() - started
        self._observe(len(requests), len(chosen), seconds, self._waiting)  # before anybody can read the answer
        with self._change:
            chars = sum(len(request.texts[place]) for request, place in chosen)
            self._learn(kind.model, len(chosen), chars, seconds)
            pairs = zip(chosen, answers, strict=True)
            return [request for (request, place), answer in pairs if request.deliver(place, answer)]

    def _learn(self, model: str, texts: int, chars: int, seconds: float) -> None:
        """Update the slice size and the throughput, which sets ``Retry-After``, from the timing of one slice."""
        self._company, self._company_at = texts, time.monotonic()
        self._texts_per_second += 0.2 * (self._busy * texts / max(seconds, 1e-6) - self._texts_per_second)
        most = self._chars.get(model, _FIRST_CHARS)
        if seconds > 2 * _SLICE_SECONDS:
            most = max(_LEAST_CHARS, most // 2)
        elif seconds < _SLICE_SECONDS / 2 and chars >= most:
            most = min(_MOST_CHARS, most * 2)
        self._chars[model] = most


def _told(error: BaseException) -> Exception:
    """Return the error for the caller: an event loop must not receive one that is meant to end a thread."""
    return error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}: {error}")


def _leaving() -> ApiError:
    return ApiError("A35", "服务正在关闭。", "请稍后重试。", status=503, headers={"Retry-After": "5"})
