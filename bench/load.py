"""Load an HTTP server from many connections, as cheaply as Python can: ``python -m bench.load < plan.json``.

A separate process, so that its CPU time is distinct from the server's. Each connection stays open and sends its next
request when the previous one is answered; requests are built before the clock starts.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import cast

HOST = "127.0.0.1"


class Caller(asyncio.Protocol):
    """One connection: request, response, next request, until the time is up."""

    def __init__(self, requests: Iterator[bytes], until: float, ended: asyncio.Future[None]) -> None:
        self.requests, self.until, self.ended = requests, until, ended
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.buffer = b""
        self.wanted = 0
        self.ran_out = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.ask()

    def ask(self) -> None:
        self.buffer, self.wanted = b"", 0
        self.started = time.perf_counter()
        request = next(self.requests, None)
        if request is None:
            self.ran_out = True
            self.transport.close()
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.wanted:
            head, separator, _ = self.buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            length = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
            self.wanted = len(head) + 4 + int(length)
        if len(self.buffer) >= self.wanted:
            now = time.perf_counter()
            self.seconds.append(now - self.started)
            self.statuses[int(self.buffer[9:12])] += 1
            if now < self.until:
                self.ask()
            else:
                self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


async def load(port: int, path: str, bodies: list[str], clients: int, seconds: float) -> dict[str, object]:
    """Return the responses received within the seconds; the clients share the bodies.

    Raises:
        RuntimeError: There were too few bodies.
    """
    requests = [_request(path, body.encode()) for body in bodies]
    loop = asyncio.get_running_loop()
    callers, ends = [], []
    cpu, started = _cpu(), time.perf_counter()
    shared = iter(requests)
    for _ in range(clients):
        end = loop.create_future()
        caller = Caller(shared, started + seconds, end)
        await loop.create_connection(lambda caller=caller: caller, HOST, port)  # type: ignore[misc]
        callers.append(caller)
        ends.append(end)
    await asyncio.gather(*ends)
    wall = time.perf_counter() - started
    if any(caller.ran_out for caller in callers):
        raise RuntimeError(f"{len(bodies):,} requests were too few for {seconds:.0f} s")
    statuses = sum((caller.statuses for caller in callers), Counter())
    return {
        "wall": wall,
        "cpu": _cpu() - cpu,
        "statuses": statuses,
        "seconds": sorted(second for caller in callers for second in caller.seconds),
    }


def _request(path: str, body: bytes) -> bytes:
    lines = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([f"POST {path} HTTP/1.1", f"Host: {HOST}", *lines, "", ""]).encode() + body


def _cpu() -> float:
    used = os.times()
    return used.user + used.system


def main() -> int:
    """Read a plan from standard input, run it and write the results as JSON."""
    plan = json.load(sys.stdin)
    try:
        import uvloop
    except ImportError:  # Windows
        print(json.dumps(asyncio.run(load(**plan))))
    else:
        print(json.dumps(uvloop.run(load(**plan))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
