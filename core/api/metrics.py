"""Prometheus metrics of the service: counts and times, never a text.

With several processes (``serve --api-only --workers N``), prometheus_client keeps its values in files under
``PROMETHEUS_MULTIPROC_DIR`` and every process reports the totals of all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.schema import JobState

__all__ = ["CONTENT_TYPE", "MULTIPROCESS", "Measured", "Metrics"]

disable_created_metrics()  # type: ignore[no-untyped-call]  # an extra line per metric that nobody uses

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TEXTS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
#: Methods counted by name; anything else that a caller sends is counted as ``other``.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
_OTHER: Final = "other"
#: The folder of the metrics that several processes share, set by ``serve``; prometheus_client reads it on first import.
MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        own = self._own = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("tingfeng_requests", "Requests answered.", labels, registry=own)
        self._seconds = Histogram(
            "tingfeng_request_seconds", "Time to the last byte.", ("route",), buckets=_SECONDS, registry=own
        )
        self._texts = Counter("tingfeng_texts_scored", "Texts scored for requests.", registry=own)
        self._batches = Histogram("tingfeng_batch_texts", "Texts scored together.", buckets=_TEXTS, registry=own)
        self._met = Histogram("tingfeng_batch_requests", "Requests scored together.", buckets=_TEXTS, registry=own)
        self._batch_seconds = Histogram(
            "tingfeng_batch_seconds", "Time to score one batch.", buckets=_SECONDS, registry=own
        )
        self._queue = Gauge(
            "tingfeng_queue_texts", "Texts that wait to be scored.", registry=own, multiprocess_mode="livesum"
        )

    def scored(self, requests: int, texts: int, seconds: float, waiting: int) -> None:
        """Record one batch; ``waiting`` texts remain queued."""
        self._texts.inc(texts)
        self._batches.observe(texts)
        self._met.observe(requests)
        self._batch_seconds.observe(seconds)
        self._queue.set(waiting)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record one response."""
        self._requests.labels(method if method in _METHODS else _OTHER, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def exposition(self, *, waiting: int, jobs: Mapping[JobState, int] | None, model: tuple[str, str] | None) -> bytes:
        """Return all metrics in the Prometheus text format.

        Args:
            waiting: Texts in the queue now.
            jobs: Number of jobs in each state; None omits them.
            model: Name and version of the default model; None omits it.
        """
        self._queue.set(waiting)
        now, shared = CollectorRegistry(), self._own
        now.register(_Now(jobs, model))
        if MULTIPROCESS in os.environ:
            shared = CollectorRegistry()
            MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared) + generate_latest(now)


class _Now(Collector):
    """Metrics computed at scrape time."""

    def __init__(self, jobs: Mapping[JobState, int] | None, model: tuple[str, str] | None) -> None:
        self._jobs = jobs
        self._model = model

    def collect(self) -> Iterable[Metric]:
        """Yield jobs by state and the model."""
        if self._jobs is not None:
            family = GaugeMetricFamily("tingfeng_jobs", "Jobs by state.", labels=["state"])
            for state in JobState:
                family.add_metric([state.value], self._jobs.get(state, 0))
            yield family
        if self._model is not None:
            info = GaugeMetricFamily("tingfeng_model_info", "The default model.", labels=["model", "version"])
            info.add_metric(list(self._model), 1)
            yield info


class Measured:
    """ASGI middleware that counts and times every response, including those of the guard.

    Args:
        app: The API behind it.
        metrics: Where they are recorded.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request and record its response under the route's pattern, never under the requested path."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500
        outer = scope.get("route")  # set if a larger application has mounted this one

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = scope.get("route")
            path = _OTHER if route is outer else str(getattr(route, "path", _OTHER))
            self._metrics.answered(scope["method"], path, status, time.perf_counter() - started)
