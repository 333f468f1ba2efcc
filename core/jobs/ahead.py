"""Work done ahead: an iterator runs in a thread of its own while its consumer is busy with the item before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Final, TypeVar

__all__ = ["ahead", "each"]

T = TypeVar("T")
R = TypeVar("R")
_POLL_SECONDS: Final = 0.2


class _End:
    """What the thread sends last: nothing more, or the error that ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(
    source: Iterator[T], *, depth: int, name: str, idle: Callable[[], None] | None = None
) -> Generator[T, None, None]:
    """Yield the items of an iterator that runs in a thread; the thread ends with this generator.

    Args:
        source: Runs in the thread, closed there when it is a generator.
        depth: Items that wait, at most.
        name: Of the thread.
        idle: Called several times a second in the consumer's thread while it waits; may raise to stop.

    Example:
        >>> list(ahead(iter("ab"), depth=1, name="letters"))
        ['a', 'b']
    """
    waiting: queue.Queue[T | _End] = queue.Queue(maxsize=depth)
    closing = threading.Event()

    def offer(item: T | _End) -> bool:
        while not closing.is_set():
            try:
                waiting.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in source:
                if not offer(item):
                    break
            offer(_End())
        except BaseException as exc:  # raised again in the thread that asks
            offer(_End(exc))
        finally:
            if isinstance(source, Generator):
                source.close()

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        while not isinstance(item := _next(waiting, idle), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        closing.set()
        thread.join()


def each(work: Callable[[T], R], source: Generator[T, None, None]) -> Generator[R, None, None]:
    """Yield ``work(item)`` of every item, and close the source when closed."""
    try:
        for item in source:
            yield work(item)
    finally:
        source.close()


def _next(waiting: queue.Queue[T | _End], idle: Callable[[], None] | None) -> T | _End:
    while True:
        try:
            return waiting.get(timeout=None if idle is None else _POLL_SECONDS)
        except queue.Empty:
            if idle is not None:
                idle()
