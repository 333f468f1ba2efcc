"""Limits on a connection before its key is checked: size of a request's head, and idle time.

uvicorn bounds neither: an endless header filled the memory, a thousand silent connections stayed open for ever.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BODY_SECONDS", "HEAD_BYTES", "HEAD_SECONDS", "Bounded"]

#: Request line and headers of one request; the read that contains their end, at most 256 KiB, is not counted.
HEAD_BYTES: Final = 65_536
#: From the opening of the connection, or the first byte of a further request, to the end of its headers.
HEAD_SECONDS: Final = 30.0
#: Without a byte while a body is incomplete.
BODY_SECONDS: Final = 60.0
_LOOKS: Final = 3


class Bounded(HttpToolsProtocol):
    """uvicorn's protocol with limits; the wait for a response has none."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection and start the clock for its first request."""
        super().connection_made(transport)
        self._in_head, self._passed = True, False
        self._head_bytes = 0
        self._last = self.loop.time()
        #: When the pending head began; None between two requests.
        self._begun: float | None = self._last
        self._timer = self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer of a closed connection."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Process received bytes and refuse a request head that grows too large."""
        self._last = self.loop.time()
        self._passed = False
        super().data_received(data)
        if not self._in_head or self._passed:
            return
        if self._begun is None:
            self._begun = self._last
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_headers_complete(self) -> None:
        """Switch from the head to the body."""
        self._in_head, self._passed = False, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Reset for the next request."""
        self._in_head, self._passed = True, True
        self._head_bytes, self._begun = 0, None
        super().on_message_complete()

    def _look_later(self) -> asyncio.TimerHandle:
        # periodic check: a timer per request would cost more than everything else here
        return self.loop.call_later(min(self.head_seconds, self.body_seconds) / _LOOKS, self._look)

    def _look(self) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        now = self.loop.time()
        if self._in_head:
            late = self._begun is not None and now - self._begun > self.head_seconds
        else:  # a body held back by our own back-pressure is not the caller's fault
            late = not self.flow.read_paused and now - self._last > self.body_seconds
        if late:
            self.transport.close()
        else:
            self._timer = self._look_later()
