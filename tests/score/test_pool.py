"""One pool of threads for all scoring of the process."""

from __future__ import annotations

import itertools
import threading

import pytest

from core.score.cpu import cpu_threads
from core.score.pool import in_order


def test_answers_come_in_the_order_of_the_items() -> None:
    assert list(in_order(lambda n: n * n, range(50))) == [n * n for n in range(50)]


def test_an_error_reaches_the_caller() -> None:
    def work(n: int) -> int:
        if n == 3:
            raise ValueError("three")
        return n

    with pytest.raises(ValueError, match="three"):
        list(in_order(work, range(10)))


def test_only_a_few_items_of_one_caller_wait_in_the_pool() -> None:
    asked = itertools.count()
    answers = in_order(lambda n: n, (next(asked) for _ in range(1000)))
    next(answers)
    answers.close()
    assert next(asked) <= cpu_threads() + 2


@pytest.mark.timeout(60)
def test_work_that_asks_for_more_work_does_not_wait_for_itself() -> None:
    inner = list(in_order(lambda n: list(in_order(abs, [-n] * 20)), range(20)))
    assert inner == [[n] * 20 for n in range(20)]


def test_never_more_threads_than_cores_work_however_many_ask() -> None:
    busy, most, lock = [0], [0], threading.Lock()

    def work(_: int) -> None:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        threading.Event().wait(0.002)
        with lock:
            busy[0] -= 1

    callers = [threading.Thread(target=lambda: list(in_order(work, range(20)))) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert 1 <= most[0] <= cpu_threads()
