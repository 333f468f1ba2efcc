"""One thread pool for all scoring of this process, shared by jobs, API and pages, so that cores are not oversubscribed.

A batch runs on one thread from beginning to end. Two threads on one batch wait for each other at every operator; two
batches in parallel do not (measured: see docs/notes/engine_experiments.md).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Final, TypeVar

from core.score.cpu import cpu_threads

__all__ = ["in_order"]

_OWN: Final = threading.local()

T = TypeVar("T")
R = TypeVar("R")


def in_order(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield ``work(item)`` for every item in order, computed by all threads of the pool.

    Each caller has only a few items in the pool at a time, so that a single text does not wait for a whole table.
    Work that itself calls this runs inline: threads of the pool never wait for each other.

    Args:
        work: Called in a thread of the pool.
        items: Consumed one by one, in the caller's thread.

    Example:
        >>> list(in_order(abs, [-1, 2]))
        [1, 2]
    """
    if getattr(_OWN, "is_of_pool", False):
        yield from map(work, items)
        return
    pool, most = _pool(), cpu_threads() + 1
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cpu_threads(), thread_name_prefix="tingfeng-score", initializer=_mark)


def _mark() -> None:
    _OWN.is_of_pool = True
