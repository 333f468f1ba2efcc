"""Prefetching: run an iterator in its own thread while its consumer is busy with the previous item."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Final, TypeVar

__all__ = ["Prefetcher", "each"]

T = TypeVar("T")
R = TypeVar("R")
_POLL_SECONDS: Final = 0.2


class _End:
    """The thread's last message: the source is exhausted, or the exception that ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Prefetcher(Iterator[T]):
    """Iterate over a source in a background thread, which ends with ``close`` or after the last item.

    Args:
        source: Iterated in the thread; closed there if it can be closed.
        depth: Maximum number of prefetched items.
        name: Thread name.
        idle: Called several times a second in the consumer's thread while it waits; may raise to stop.

    Example:
        >>> list(Prefetcher(iter("ab"), depth=1, name="letters"))
        ['a', 'b']
    """

    def __init__(self, source: Iterator[T], *, depth: int, name: str, idle: Callable[[], None] | None = None) -> None:
        self._source = source
        self._idle = idle
        self._waiting: queue.Queue[T | _End] = queue.Queue(maxsize=depth)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def __next__(self) -> T:
        """Return the next item; an exception from the source is raised here, once."""
        if self._closing.is_set():
            raise StopIteration
        try:
            item = self._next()
        except BaseException:
            self.close()
            raise
        if not isinstance(item, _End):
            return item
        self.close()
        raise item.error or StopIteration

    def close(self) -> None:
        """Stop the thread after its current item; no further items are returned."""
        self._closing.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            for item in self._source:
                if not self._offer(item):
                    break
            self._offer(_End())
        except BaseException as exc:  # re-raised in the consumer's thread
            self._offer(_End(exc))
        finally:
            if isinstance(self._source, Prefetcher | Generator):
                self._source.close()

    def _offer(self, item: T | _End) -> bool:
        while not self._closing.is_set():
            try:
                self._waiting.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def _next(self) -> T | _End:
        while True:
            try:
                return self._waiting.get(timeout=None if self._idle is None else _POLL_SECONDS)
            except queue.Empty:
                if self._idle is not None:
                    self._idle()


def each(work: Callable[[T], R], source: Generator[T, None, None] | Prefetcher[T]) -> Generator[R, None, None]:
    """Yield ``work(item)`` for every item, and close the source when closed."""
    try:
        for item in source:
            yield work(item)
    finally:
        source.close()
