"""Build derived tables in the background, one at a time, for pages that must not block."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from core.derive.recipe import Recipe, view_of
from core.derive.run import derive
from core.errors import JobError, StoreError, TingfengError
from core.jobs import Jobs
from core.jobs.progress import Meter, Progress, Stage

__all__ = ["DerivationQueue", "Failed", "Running", "State"]


@dataclass(frozen=True, slots=True)
class Running:
    """The table is queued or being built."""

    progress: Progress
    title: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The table could not be built."""

    error: TingfengError


#: The view's name if the table exists; None if it was not requested yet.
State = str | Running | Failed | None


class _Order(NamedTuple):
    """What is built: the view changes with the rows and corrections of the job, the recipe does not."""

    job_id: str
    view: str
    recipe: str


class DerivationQueue:
    """Builds derived tables for the jobs of one process; all methods are thread-safe.

    Args:
        jobs: The jobs manager.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._lock = threading.Lock()
        self._states: dict[_Order, Running | Failed] = {}
        self._stopped: set[_Order] = set()
        self._closed = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tingfeng-derive")

    def state(self, job_id: str, recipe: Recipe) -> State:
        """Return the state of a derived table."""
        order = self._order(job_id, recipe)
        with self._lock:
            known = self._states.get(order)
        if known is not None:
            return known
        with suppress(StoreError):  # a damaged file counts as missing
            if self._jobs.store.derived(job_id).facts(order.view) is not None:
                return order.view
        return None

    def start(self, job_id: str, recipe: Recipe) -> None:
        """Start building a table, unless it exists or is being built.

        Raises:
            JobError: J04 no such job, J05 the queue is closed.
        """
        if isinstance(self.state(job_id, recipe), str | Running):
            return
        order = self._order(job_id, recipe)
        with self._lock:
            if self._closed:
                raise JobError("J05", "程序正在关闭。", "请稍后重新打开。")
            if isinstance(self._states.get(order), Running):
                return  # another thread started it since
            self._stopped.discard(order)
            self._states[order] = Running(Progress(0, None, 0.0, None, Stage.WAITING), recipe.title)
            self._pool.submit(self._make, order, recipe)

    def stop(self, job_id: str, recipe: Recipe) -> None:
        """Cancel a table that is queued or being built, also one that was started before the latest correction."""
        wanted = self._order(job_id, recipe)
        with self._lock:
            self._stopped |= {one for one in self._states if (one.job_id, one.recipe) == (job_id, wanted.recipe)}

    def forget(self, job_id: str, recipe: Recipe) -> None:
        """Clear a failure, so that the table can be tried again."""
        order = self._order(job_id, recipe)
        with self._lock:
            if isinstance(self._states.get(order), Failed):
                del self._states[order]

    def shutdown(self) -> None:
        """Cancel all work and accept no more."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _order(self, job_id: str, recipe: Recipe) -> _Order:
        return _Order(job_id, view_of(recipe, self._jobs.table(job_id)), repr((recipe.kind, recipe.cache_key())))

    def _make(self, order: _Order, recipe: Recipe) -> None:
        job_id = order.job_id
        failure: TingfengError | None = None
        try:
            table = self._jobs.table(job_id)
            derive(job_id, recipe, store=self._jobs.store, table=table, report=self._reporter(order, recipe.title))
        except TingfengError as exc:
            failure = exc
        except BaseException as exc:  # a bug or a panic in a library must not leave the table Running forever
            failure = JobError("J07", f"分析时出现意外错误:{type(exc).__name__}。", "请换个范围重试;若仍失败请反馈。")
        with self._lock:
            self._states.pop(order, None)
            if failure is not None and failure.code != "J03":
                self._states[order] = Failed(failure)

    def _reporter(self, order: _Order, title: str) -> Callable[[int, int], None]:
        meters: dict[int, Meter] = {}

        def report(done: int, total: int) -> None:
            meter = meters.setdefault(total, Meter(done, total))
            with self._lock:
                if self._closed or order in self._stopped:
                    raise JobError("J03", "已停止。", "可以重新开始。")
                self._states[order] = Running(meter.at(done, Stage.SCORING), title)

        return report
