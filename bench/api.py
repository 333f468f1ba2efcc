"""The REST API under load: one and two processes, 1, 16 and 64 callers, in turns with the batch engine.

The machine is not equally fast at all times: every case is measured in several rounds, each between two measurements of
the engine, and its ratio is the median of them.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from bench.process import ROOT
from bench.scoring import ours
from bench.tables import Section
from bench.texts import alike
from core.clean import clean_text

#: Every measurement sends texts of its own, more than it gets through: the cache answers what was asked before.
OWN_TEXTS, ENGINE_TEXTS = 16_000, 3_000
WORKERS, CLIENTS = (1, 2), (1, 16, 64)
BATCH, ROUNDS = 32, 5
#: Seconds of each measurement, and of the one before all that is thrown away.
SECONDS, WARM_SECONDS = 3.0, 1.0
_THREADS = 2


@dataclass(frozen=True)
class Target:
    """A running server: where it listens and its process."""

    port: int
    pid: int


@dataclass(frozen=True)
class Load:
    """One measurement.

    Attributes:
        texts: Texts of one request.
        clients: Connections at a time.
        rate: Texts answered a second.
        seconds: Sorted times of the requests.
        failed: Answers that were not 200, by status.
        own: CPU of the load generator, in cores.
        server: CPU of all processes of the server, in cores.
    """

    texts: int
    clients: int
    rate: float
    seconds: Sequence[float]
    failed: dict[str, int]
    own: float
    server: float


@dataclass(frozen=True)
class Case:
    """All rounds of one number of texts and callers.

    Attributes:
        workers: Processes of the server.
        loads: What was measured, round by round.
        engine: The engine beside each, rows a second: the mean of just before and just after.
    """

    workers: int
    loads: list[Load]
    engine: list[float]

    def cells(self) -> list[str]:
        """Return the row of the table."""
        first, seconds = self.loads[0], sorted(second for load in self.loads for second in load.seconds)
        ratios = [load.rate / engine for load, engine in zip(self.loads, self.engine, strict=True)]
        failed = sum((Counter(load.failed) for load in self.loads), Counter())
        times = [1000 * seconds[int(share * (len(seconds) - 1))] for share in (0.5, 0.95, 0.99)]
        return [
            str(self.workers),
            str(first.texts),
            str(first.clients),
            f"{statistics.median(load.rate for load in self.loads):,.0f}",
            f"{statistics.median(ratios):.0%} ({min(ratios):.0%}–{max(ratios):.0%})",
            *(f"{milliseconds:,.1f}" for milliseconds in times),
            ", ".join(f"{count} × {status}" for status, count in failed.items()) or "0",
            f"{statistics.mean(load.own for load in self.loads):.2f}",
            f"{statistics.mean(load.server for load in self.loads):.2f}",
        ]


def run() -> list[Section]:
    """Measure; returns one section."""
    # a text without words is refused with 400, which is right and no load
    texts = [text for text in alike(OWN_TEXTS * (2 * len(CLIENTS) * ROUNDS + 2)) if clean_text(text)]
    rates: list[float] = []
    rows = [case.cells() for workers in WORKERS for case in cases(texts, workers, rates)]
    what = (
        f"`serve --api-only` apart; `POST /api/sentiment` with one text, `/sentiment/batch` with {BATCH}; "
        "distinct comments of six sets of ../shared/data in an order drawn by chance (every measurement has texts of "
        f"like length), connections stay open. {ROUNDS} rounds of {SECONDS:.0f} s for each row; the median of them, "
        "times of all requests together. The load generator runs on the same cores; cores = CPU seconds a second. "
        f"`: engine` is against `core.score.score` on {ENGINE_TEXTS:,} of the texts at once, {_THREADS} threads, "
        f"before and after every half round: median (lowest–highest round); it gave {min(rates):,.0f} to "
        f"{max(rates):,.0f} rows/s, {statistics.median(rates):,.0f} in the median of {len(rates)}."
    )
    header = [
        "workers", "texts a request", "clients", "texts/s", ": engine", "p50 ms", "p95 ms", "p99 ms", "not 200",
        "cores: generator", "cores: server",
    ]  # fmt: skip
    return [Section("REST API under load", what, header, rows)]


def cases(texts: list[str], workers: int, rates: list[float]) -> list[Case]:
    """Measure one server at every number of clients, with one text a request and with many.

    Args:
        texts: To send.
        workers: Processes of the server.
        rates: Every measurement of the engine is added.
    """
    parts = iter([texts[i : i + OWN_TEXTS] for i in range(0, len(texts) - OWN_TEXTS + 1, OWN_TEXTS)])
    found = {(n, clients): Case(workers, [], []) for n in (1, BATCH) for clients in CLIENTS}
    with server(workers) as (port, pid):
        target = Target(port, pid)
        ask(target, single(next(parts)), 1, max(CLIENTS), WARM_SECONDS)
        rates.append(engine_rate(texts))
        for _ in range(ROUNDS):
            for n in (1, BATCH):
                for clients in CLIENTS:
                    bodies = (single if n == 1 else many)(next(parts))
                    found[n, clients].loads.append(ask(target, bodies, n, clients))
                rates.append(engine_rate(texts))
                for clients in CLIENTS:
                    found[n, clients].engine.append((rates[-2] + rates[-1]) / 2)
    return list(found.values())


def single(texts: list[str]) -> list[str]:
    return [json.dumps({"text": text}, ensure_ascii=False) for text in texts]


def many(texts: list[str]) -> list[str]:
    found = range(0, len(texts) - BATCH, BATCH)
    return [json.dumps({"texts": texts[i : i + BATCH]}, ensure_ascii=False) for i in found]


def ask(target: Target, bodies: list[str], texts: int, clients: int, seconds: float = SECONDS) -> Load:
    path = "/api/sentiment" if texts == 1 else "/api/sentiment/batch"
    plan = {"port": target.port, "path": path, "bodies": bodies, "clients": clients, "seconds": seconds}
    before = cpu_seconds(target.pid)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(plan),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found = json.loads(done.stdout)
    wall, failed = found["wall"], {status: n for status, n in found["statuses"].items() if status != "200"}
    rate = texts * found["statuses"].get("200", 0) / wall
    used = (cpu_seconds(target.pid) - before) / wall
    return Load(texts, clients, rate, found["seconds"], failed, found["cpu"] / wall, used)


@contextmanager
def server(workers: int) -> Iterator[tuple[int, int]]:
    """Run a server with a data folder of its own; gives its port and process id."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        line = [sys.executable, "-m", "core", "serve", "--api-only", "--port", str(port), "--workers", str(workers)]
        environment = {**os.environ, "TINGFENG_DATA_DIR": folder}
        with subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                wait_until_open(port)
                yield port, process.pid
            finally:
                process.send_signal(signal.SIGTERM)


def wait_until_open(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=30):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def engine_rate(texts: list[str]) -> float:
    """Return the rows a second of the batch engine in a process of its own."""
    return ours(texts[:: max(1, len(texts) // ENGINE_TEXTS)], _THREADS)


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and of all below it; 0 where there is none."""
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                used = process.cpu_times()
                total += used.user + used.system
    return total
