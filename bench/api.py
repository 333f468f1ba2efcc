"""The REST API under load: one and two processes, 1, 16 and 64 clients, alternating with the batch engine.

First with the built-in model, then with one of StructBERT's base size. The machine's speed varies over time: every case
is measured in several rounds, each between two measurements of the engine, and its ratio is their median.
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
from pathlib import Path

import psutil

from bench import base_model
from bench.process import ROOT
from bench.scoring import ours
from bench.tables import Section
from bench.texts import alike, cleaned
from core.clean import clean_text
from core.score import SHIPPED, load

CLIENTS, BATCH = (1, 16, 64), 32
#: Seconds of the initial warm-up measurement, which is discarded.
WARM_SECONDS = 1.0
_THREADS = 2


@dataclass(frozen=True)
class Setting:
    """How to measure one model.

    Attributes:
        model: Name or folder.
        workers: Numbers of processes.
        asked: Texts per request and clients, case by case.
        own_texts: Texts per measurement, more than it can process: repeated texts would hit the cache.
        engine_texts: Texts that the engine scores in one call.
        seconds: Duration of each measurement.
        rounds: Measurements of each case.
    """

    model: str = SHIPPED[0]
    workers: tuple[int, ...] = (1, 2)
    asked: tuple[tuple[int, int], ...] = tuple((n, clients) for n in (1, BATCH) for clients in CLIENTS)
    own_texts: int = 16_000
    engine_texts: int = 3_000
    seconds: float = 3.0
    rounds: int = 5

    @property
    def texts(self) -> int:
        """Most texts sent to one number of processes, over all measurements."""
        return self.own_texts * (len(self.asked) * self.rounds + 2)


@dataclass(frozen=True)
class Target:
    """A running server: where it listens and its process."""

    port: int
    pid: int


@dataclass(frozen=True)
class Load:
    """One measurement.

    Attributes:
        texts: Texts per request.
        clients: Concurrent connections.
        rate: Texts answered per second.
        characters: Mean characters the model reads per text.
        seconds: Sorted latencies of the requests.
        failed: Responses other than 200, by status.
        own: CPU of the load generator, in cores.
        server: CPU of all processes of the server, in cores.
    """

    texts: int
    clients: int
    rate: float
    characters: float
    seconds: Sequence[float]
    failed: dict[str, int]
    own: float
    server: float


@dataclass(frozen=True)
class Case:
    """All rounds of one combination of texts and clients.

    Attributes:
        workers: Processes of the server.
        loads: The measurements, round by round.
        engine: The engine's rate for each, rows a second: the mean of just before and just after, scaled to texts as
            long as those answered. The mean length of a few hundred comments can be a fifth above that of others.
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
    """Measure and return one section per model."""
    quick = Setting()
    with tempfile.TemporaryDirectory() as place:
        folder = base_model.write(Path(place) / "base")
        load(str(folder))  # compiled once, before any server starts
        slow = Setting(str(folder), (1,), ((1, 1), (1, 16), (1, 64), (BATCH, 16)), 2_400, 1_200, 8.0, 3)
        return [
            section("REST API under load", "", quick),
            section(
                "REST API under load, base size", "A model of the base size (12 × 768, random weights, int8). ", slow
            ),
        ]


def section(title: str, opening: str, setting: Setting) -> Section:
    """Measure one model."""
    # a text without words is rightly refused with 400 and is no load
    texts = [text for text in alike(setting.texts) if clean_text(text)]
    rates: list[float] = []
    rows = [case.cells() for workers in setting.workers for case in cases(texts, workers, rates, setting)]
    what = (
        f"{opening}`serve --api-only` in its own process; `POST /api/sentiment` with one text, `/sentiment/batch` with "
        f"{BATCH}; distinct comments of six sets of ../shared/data in random order, over persistent connections. "
        f"{setting.rounds} rounds of {setting.seconds:.0f} s per row, of which the median; latencies over all "
        "requests. The load generator runs on the same cores; cores = CPU seconds per second. `: engine` is relative "
        f"to `core.score.score` on {setting.engine_texts:,} of the cleaned texts at once, {_THREADS} threads, measured "
        "before and after every half round and compared per character: median (lowest–highest). The engine ran at "
        f"{min(rates):,.0f} to {max(rates):,.0f} rows/s, {statistics.median(rates):,.0f} in the median of {len(rates)}."
    )
    header = [
        "workers", "texts a request", "clients", "texts/s", ": engine", "p50 ms", "p95 ms", "p99 ms", "not 200",
        "cores: generator", "cores: server",
    ]  # fmt: skip
    return Section(title, what, header, rows)


def cases(texts: list[str], workers: int, rates: list[float], setting: Setting) -> list[Case]:
    """Measure one server in all cases.

    Args:
        texts: Texts to send.
        workers: Processes of the server.
        rates: Each measurement of the engine is appended.
        setting: How to measure.
    """
    size = setting.own_texts
    parts = iter([texts[i : i + size] for i in range(0, len(texts) - size + 1, size)])
    found = {asked: Case(workers, [], []) for asked in setting.asked}
    sample = cleaned(texts[:: max(1, len(texts) // setting.engine_texts)])
    with server(workers, setting.model) as (port, pid):
        target = Target(port, pid)
        ask(target, next(parts), 1, max(CLIENTS), WARM_SECONDS)
        rates.append(ours(sample, _THREADS, setting.model))
        for _ in range(setting.rounds):
            for n in dict.fromkeys(n for n, _ in setting.asked):
                some = [asked for asked in setting.asked if asked[0] == n]
                for asked in some:
                    found[asked].loads.append(ask(target, next(parts), *asked, setting.seconds))
                rates.append(ours(sample, _THREADS, setting.model))
                for asked in some:
                    longer = found[asked].loads[-1].characters / _mean_length(sample)
                    found[asked].engine.append((rates[-2] + rates[-1]) / 2 / longer)
    return list(found.values())


def ask(target: Target, texts: list[str], n: int, clients: int, seconds: float) -> Load:
    """Send texts for some seconds, ``n`` per request."""
    path = "/api/sentiment" if n == 1 else "/api/sentiment/batch"
    asked: list[dict[str, object]] = (
        [{"text": text} for text in texts]
        if n == 1
        else [{"texts": texts[i : i + n]} for i in range(0, len(texts) - n + 1, n)]
    )
    bodies = [json.dumps(one, ensure_ascii=False) for one in asked]
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
    answered = n * found["statuses"].get("200", 0)
    used = (cpu_seconds(target.pid) - before) / wall
    length = _mean_length(texts[:answered])  # they are sent in order
    return Load(n, clients, answered / wall, length, found["seconds"], failed, found["cpu"] / wall, used)


@contextmanager
def server(workers: int, model: str = SHIPPED[0]) -> Iterator[tuple[int, int]]:
    """Run a server with its own data folder; yield its port and process id."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        line = [sys.executable, "-m", "core", "serve", "--api-only", "--port", str(port), "--workers", str(workers)]
        environment = {**os.environ, "TINGFENG_DATA_DIR": folder, "TINGFENG_BACKEND": model}
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


def _mean_length(texts: Sequence[str]) -> float:
    """Return the mean number of characters that the model reads per text."""
    return sum(len(clean_text(text)) for text in texts) / max(1, len(texts))


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its descendants; 0 if it does not exist."""
    total = 0.0
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        for process in (top, *top.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                used = process.cpu_times()
                total += used.user + used.system
    return total
