"""A proxy on loopback that stands before a real server and breaks the line to it on demand."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from typing import Self

LOOPBACK = "127.0.0.1"
BLOCK = 64 << 10
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that drops what was not sent: the other side sees a reset, as when a machine goes down."""


class Direction(Enum):
    """Which way bytes go."""

    TO_SERVER = auto()
    TO_CLIENT = auto()


class Line:
    """A client's connection and the one to the server behind it; `passed` counts bytes since a fault was set."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.server = socket.socket()
        self.passed = dict.fromkeys(Direction, 0)
        client.settimeout(0)
        self.server.settimeout(0)

    def reset(self) -> None:
        for end in (self.client, self.server):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def close(self) -> None:
        self.client.close()
        self.server.close()


class FaultProxy:
    """Passes bytes on between clients and one server, until it is told not to.

    Made inside a running event loop. A fault lasts until `heal`, and meets the connections that are open as well as new ones.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._lines: dict[asyncio.Task[None], Line] = {}
        self._answers: deque[tuple[bytes, bytes]] = deque()
        self._delay = 0.0
        self._limits: dict[Direction, int] = {}
        self._flips: dict[Direction, int] = {}
        # Bound and never listening: nobody else is given the port while the proxy refuses.
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._place.bind((LOOPBACK, 0))
        self.port: int = self._place.getsockname()[1]
        self._listener = self._listen()

    @classmethod
    @asynccontextmanager
    async def before(cls, host: str, port: int) -> AsyncIterator[Self]:
        """Stand before that server; clients connect to `port` instead."""
        proxy = cls(host, port)
        try:
            yield proxy
        finally:
            lines = list(proxy._lines)
            proxy.refuse()
            proxy._place.close()
            await asyncio.gather(*lines, return_exceptions=True)

    def cut(self) -> None:
        """Reset the connections that are open; new ones are taken."""
        for serving in self._lines:
            serving.cancel()

    def refuse(self) -> None:
        """Reset the connections and close the port."""
        if self._listener.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
        self.cut()

    def delay(self, seconds: float) -> None:
        """Hold every block of an answer for so long."""
        self._delay = seconds

    def cut_after(self, size: int, direction: Direction) -> None:
        """Reset each connection once `size` more bytes went that way on it."""
        self._set(self._limits, size, direction)

    def flip_after(self, size: int, direction: Direction) -> None:
        """Change a bit of the byte that follows on `size` more bytes, on each connection."""
        self._set(self._flips, size, direction)

    def answer(self, response: bytes, times: int = 1, *, to: bytes = b"") -> None:
        """Give this instead of the server's answer, and end the connection, the next times that a client sends.

        What does not begin with `to`, say `DELETE `, is passed on meanwhile.
        """
        self._answers.extend([(to, response)] * times)

    def heal(self) -> None:
        """End all faults."""
        self._delay = 0.0
        for faults in (self._limits, self._flips, self._answers):
            faults.clear()
        if self._listener.fileno() < 0:
            self._listener = self._listen()

    def _set(self, faults: dict[Direction, int], size: int, direction: Direction) -> None:
        faults[direction] = size
        for line in self._lines.values():
            line.passed[direction] = 0

    def _listen(self) -> socket.socket:
        listener = socket.create_server((LOOPBACK, self.port))
        listener.settimeout(0)
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(BlockingIOError):  # the client may have left already
            line = Line(listener.accept()[0])
            serving = asyncio.create_task(self._serve(line))
            self._lines[serving] = line
            serving.add_done_callback(self._end)

    def _end(self, serving: asyncio.Task[None]) -> None:
        """Close the line; one that was cut, or is broken, is reset at both ends."""
        line = self._lines.pop(serving)
        if serving.cancelled() or serving.exception():
            line.reset()
        line.close()

    async def _serve(self, line: Line) -> None:
        """Pass on both ways until both sides have ended."""
        await asyncio.get_running_loop().sock_connect(line.server, self._server)
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._pass_on(line, line.client, line.server, Direction.TO_SERVER))
            ways.create_task(self._pass_on(line, line.server, line.client, Direction.TO_CLIENT))

    async def _pass_on(self, line: Line, source: socket.socket, target: socket.socket, direction: Direction) -> None:
        loop = asyncio.get_running_loop()
        while block := await loop.sock_recv(source, BLOCK):
            if direction is Direction.TO_SERVER and self._answers and block.startswith(self._answers[0][0]):
                await self._answer_instead(line.client)
                break
            if direction is Direction.TO_CLIENT:
                await asyncio.sleep(self._delay)
            await loop.sock_sendall(target, self._spoilt(block, line, direction))
            line.passed[direction] += len(block)
            if line.passed[direction] >= self._limits.get(direction, line.passed[direction] + 1):
                raise ConnectionAbortedError
        target.shutdown(socket.SHUT_WR)

    def _spoilt(self, block: bytes, line: Line, direction: Direction) -> bytes:
        """Return what goes on of a block: a bit changed, the end cut off, or all as it is."""
        passed = line.passed[direction]
        place = self._flips.get(direction, -1) - passed
        if 0 <= place < len(block):
            block = block[:place] + bytes([block[place] ^ 1]) + block[place + 1 :]
        return block[: self._limits.get(direction, passed + len(block)) - passed]

    async def _answer_instead(self, client: socket.socket) -> None:
        """Answer, then read on to the end: what lay unread when the socket closes would reset the answer too."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, self._answers.popleft()[1])
        client.shutdown(socket.SHUT_WR)
        while await loop.sock_recv(client, BLOCK):
            pass
