"""An iterator that works ahead in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import pytest

from core.prefetch import Prefetcher, each


def numbers(closed: list[str], stop: int = 1000) -> Generator[int, None, None]:
    try:
        yield from range(stop)
    finally:
        closed.append(threading.current_thread().name)


def alive(name: str) -> bool:
    return any(thread.name == name for thread in threading.enumerate())


def test_steps_side_by_side_keep_the_order() -> None:
    doubled = Prefetcher(each(lambda n: 2 * n, Prefetcher(numbers([], 20), depth=1, name="one")), depth=2, name="two")
    assert list(doubled) == list(range(0, 40, 2))


def test_an_error_comes_when_its_turn_comes() -> None:
    def source() -> Generator[int, None, None]:
        yield 1
        raise OSError("gone")

    items = Prefetcher(source(), depth=5, name="failing")
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)
    assert not alive("failing")


def test_closing_ends_every_thread_and_closes_every_source() -> None:
    closed: list[str] = []
    items = Prefetcher(each(abs, Prefetcher(numbers(closed), depth=1, name="inner")), depth=1, name="outer")
    next(items)
    items.close()
    assert closed == ["inner"]
    assert not alive("inner")
    assert not alive("outer")


def test_no_more_is_made_than_may_wait() -> None:
    made: list[int] = []
    items = Prefetcher(each(made.append, numbers([])), depth=2, name="eager")
    next(items)
    time.sleep(0.05)
    items.close()
    assert len(made) <= 5


def test_a_consumer_that_waits_is_asked_in_its_own_thread() -> None:
    go, seen = threading.Event(), []

    def source() -> Generator[int, None, None]:
        go.wait(20)
        yield 1

    def idle() -> None:
        seen.append(threading.current_thread())
        go.set()

    assert list(Prefetcher(source(), depth=1, name="slow", idle=idle)) == [1]
    assert set(seen) == {threading.main_thread()}
