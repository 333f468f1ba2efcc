"""The REST API under load: one and two processes, 1, 16 and 64 callers, beside the batch engine on the same texts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
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
BATCH = 32
#: Seconds of each measurement, and of the one before it that is thrown away.
SECONDS, WARM_SECONDS = 6.0, 1.0
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

    def at(self, share: float) -> float:
        """Return the time that this share of the requests stayed within, milliseconds."""
        return 1000 * self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def run() -> list[Section]:
    """Measure; returns one section."""
    # a text without words is refused with 400, which is right and no load
    texts = [text for text in alike(OWN_TEXTS * (2 * len(CLIENTS) + 2)) if clean_text(text)]
    engine = [engine_rate(texts)]
    rows: list[list[str]] = []
    for workers in WORKERS:
        measured = loads(texts, workers)
        engine.append(engine_rate(texts))
        # the engine just before and just after: whatever else the machine did is in both
        beside = (engine[-2] + engine[-1]) / 2
        rows += [cells(workers, one, beside) for one in measured]
    rates = "; ".join(f"{rate:,.0f}" for rate in engine)
    what = (
        f"`serve --api-only` apart; `POST /api/sentiment` with one text, `/sentiment/batch` with {BATCH}; "
        f"distinct comments of six sets of ../shared/data in an order drawn by chance (every measurement has texts of "
        f"like length), {SECONDS:.0f} s each, connections stay open. "
        f"The load generator runs on the same cores; cores = CPU seconds a second. `: engine` is against "
        f"`core.score.score` on {ENGINE_TEXTS:,} of the texts at once, {_THREADS} threads, measured before, between "
        f"and after: {rates} rows/s."
    )
    header = [
        "workers", "texts a request", "clients", "texts/s", ": engine", "p50 ms", "p95 ms", "p99 ms", "not 200",
        "cores: generator", "cores: server",
    ]  # fmt: skip
    return [Section("REST API under load", what, header, rows)]


def cells(workers: int, load: Load, engine: float) -> list[str]:
    times = [f"{load.at(share):,.1f}" for share in (0.5, 0.95, 0.99)]
    failed = ", ".join(f"{count} × {status}" for status, count in load.failed.items()) or "0"
    ratio = f"{load.rate / engine:.0%}"
    cores = [f"{load.own:.2f}", f"{load.server:.2f}"]
    return [str(workers), str(load.texts), str(load.clients), f"{load.rate:,.0f}", ratio, *times, failed, *cores]


def loads(texts: list[str], workers: int) -> list[Load]:
    """Measure one server at every number of clients, with one text a request and with many."""
    parts = iter([texts[i : i + OWN_TEXTS] for i in range(0, len(texts) - OWN_TEXTS + 1, OWN_TEXTS)])
    with server(workers) as (port, pid):
        target = Target(port, pid)
        ask(target, single(next(parts)), 1, max(CLIENTS), WARM_SECONDS)
        alone = [ask(target, single(next(parts)), 1, clients) for clients in CLIENTS]
        return alone + [ask(target, many(next(parts)), BATCH, clients) for clients in CLIENTS]


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
