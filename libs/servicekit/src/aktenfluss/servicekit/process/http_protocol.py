"""HTTP on a connection: the bytes of a large body copied once instead of four times (ADR 0026), heads of requests limited."""

import asyncio
import threading
from typing import cast

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

READ_BYTES = 512 << 10
"""What one read takes at most: more no longer fits the cache of a core together with its copy."""


HEAD_BYTES = 16 << 10
"""How large the head of a request may be that comes in several reads; one read takes no more than READ_BYTES."""
HEAD_SECONDS = 30
"""How long the head of a request may take, from the connection or its first byte on."""
WRITE_AHEAD_BYTES = 2 << 20
"""How much of an answer may wait for the client while the next of it is made: a block of a content."""


class ReadBuffer(threading.local):
    """The memory that connections read into, one for each thread and so for each event loop.

    All connections share it: what a read brought is parsed, and thereby copied, before the next read of anyone.
    """

    def __init__(self) -> None:
        self.view = memoryview(bytearray(READ_BYTES))


READ_BUFFER = ReadBuffer()


class HttpProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which reads into a buffer and hands on large pieces of a body as they are.

    A head that is too large or never ends is refused before anybody could know who sends it.
    """

    _head: asyncio.TimerHandle | None = None
    """Ends the connection, while the head of a request is waited for."""
    _head_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        writing = cast("asyncio.Transport", transport)
        super().connection_made(writing)
        writing.set_write_buffer_limits(high=WRITE_AHEAD_BYTES)
        transport.set_protocol(Reading(self))
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        head = self._head
        super().data_received(data)
        if head is not None and head is self._head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._end_head()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _end_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def on_body(self, body: bytes) -> None:
        """Keep what arrived of the body until the app asks for it, and pause reading where it is much."""
        cycle = self.cycle
        if len(body) <= HIGH_WATER_LIMIT or cycle.body or cycle.response_complete:
            if not isinstance(cycle.body, bytearray):
                cycle.body = bytearray(cycle.body)
            super().on_body(body)
            return
        # Not a bytearray, but the cycle only asks for its length and for `bytes` of it, which then copies nothing.
        cycle.body = cast("bytearray", body)
        self.flow.pause_reading()
        cycle.message_event.set()


class Reading(asyncio.BufferedProtocol):
    """Reads for an `HttpProtocol`, which is itself bound to the kind of protocol that gets new bytes from each read."""

    def __init__(self, protocol: HttpProtocol) -> None:
        self._protocol = protocol

    def get_buffer(self, _wanted: int) -> memoryview:
        return READ_BUFFER.view

    def buffer_updated(self, count: int) -> None:
        self._protocol.data_received(cast("bytes", READ_BUFFER.view[:count]))

    def eof_received(self) -> None:
        self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()
