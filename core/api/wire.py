"""What a connection may take before anybody has looked at its key: bytes of a request's head, time without a byte.

uvicorn bounds neither: a header without an end filled the memory, a thousand callers that say nothing stayed for ever.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BODY_SECONDS", "HEAD_BYTES", "HEAD_SECONDS", "Bounded"]

#: Address and headers of one request; what arrives with their end in one read, at most 256 KiB, is not counted.
HEAD_BYTES: Final = 65_536
#: From the opening of the connection, or the first byte of a further request, to the end of its headers.
HEAD_SECONDS: Final = 30.0
#: Without a byte of a body that has not ended.
BODY_SECONDS: Final = 60.0
_LOOKS: Final = 3


class Bounded(HttpToolsProtocol):
    """uvicorn's protocol with bounds; a caller who waits for an answer may wait as long as it takes."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection; its first request has to come."""
        super().connection_made(transport)
        self._in_head, self._passed = True, False
        self._head_bytes = 0
        self._last = self.loop.time()
        #: When the head began that is waited for; None between two requests.
        self._begun: float | None = self._last
        self._timer = self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless the head of a request grows too large."""
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
        """Begin with the body."""
        self._in_head, self._passed = False, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be ready for a further request."""
        self._in_head, self._passed = True, True
        self._head_bytes, self._begun = 0, None
        super().on_message_complete()

    def _look_later(self) -> asyncio.TimerHandle:
        # now and then, and not a timer for each request: that would cost more than the rest here
        return self.loop.call_later(min(self.head_seconds, self.body_seconds) / _LOOKS, self._look)

    def _look(self) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        now = self.loop.time()
        if self._in_head:
            late = self._begun is not None and now - self._begun > self.head_seconds
        else:  # a body that is not read from the network because nobody has taken its beginning is not the caller's
            late = not self.flow.read_paused and now - self._last > self.body_seconds
        if late:
            self.transport.close()
        else:
            self._timer = self._look_later()
