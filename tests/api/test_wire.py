"""A connection as such: what it may send and how long it may say nothing before somebody else needs its place."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from core.api.wire import HEAD_BYTES, Bounded

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"


class Hasty(Bounded):
    """With times that a test can wait for."""

    head_seconds = 0.3
    body_seconds = 0.3


@pytest.fixture
def port() -> Iterator[int]:
    """A server whose answer is the body, once ``slow`` was waited for."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        assert scope["type"] == "http"
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        await asyncio.sleep(1.0 if body == b"slow" else 0.0)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, http=Hasty, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def said(port: int, *parts: bytes) -> bytes:
    """Send and return everything that comes until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        for part in parts:
            caller.sendall(part)
        answer = b""
        try:
            while piece := caller.recv(65_536):
                answer += piece
        except ConnectionError:
            pass
        return answer


@pytest.mark.parametrize("before", [HEAD + b"X: ", b"GET /"])
def test_a_head_without_an_end_is_refused_before_it_fills_the_memory(port: int, before: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller, pytest.raises(ConnectionError):
        caller.sendall(before)
        for _ in range(100):
            caller.sendall(b"a" * HEAD_BYTES * 4)


def test_many_requests_in_one_piece_are_no_large_head(port: int) -> None:
    count = 2 * HEAD_BYTES // len(HEAD)
    last = HEAD + b"Connection: close\r\n\r\nlast"
    assert said(port, (HEAD + b"\r\ngood") * count + last).count(b"HTTP/1.1 200 OK") == count + 1


@pytest.mark.parametrize("begun", [b"", b"GET / HT", HEAD + b"X: a\r\n", HEAD + b"\r\nha"])
def test_who_never_finishes_a_request_is_let_go(port: int, begun: bytes) -> None:
    assert said(port, begun) == b""


def test_who_waits_for_an_answer_gets_it_however_long_it_takes(port: int) -> None:
    assert said(port, HEAD + b"Connection: close\r\n\r\nslow").endswith(b"slow")
