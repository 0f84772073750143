"""A service behind the door that tells what arrived: headers, and how much of the body at which time."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tools.servers import free_port

from aktenfluss.testkit import PATIENCE_SECONDS


@dataclass(slots=True)
class Request:
    """What came so far."""

    line: str
    headers: Mapping[str, str]
    received_bytes: int = 0


@dataclass(slots=True)
class StubService:
    """Answers every request by its own name, and `/ready` as long as it is told to."""

    name: str
    ready: bool = True
    cuts: int = 0
    requests: list[Request] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    port: int = field(default_factory=free_port)
    """One that the kernel gives to no client, while the service is stopped either."""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """End at once, as a killed process does."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def wait_for_bytes(self, count: int) -> None:
        """Return once a request has brought that much of its body."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: any(found.received_bytes >= count for found in self.requests))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await self._answer(reader, writer)
        self._writers.discard(writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        request = Request(head[0], headers)
        if " /ready " in request.line:
            writer.write(f"HTTP/1.1 {200 if self.ready else 503} -\r\nContent-Length: 0\r\n\r\n".encode())
            return
        self.requests.append(request)
        await self._take_body(reader, request)
        if self.cuts:
            self.cuts -= 1
            raise ConnectionError
        body = json.dumps({"service": self.name, "received_bytes": request.received_bytes}).encode()
        if request.line.startswith("HEAD "):
            body = b""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    async def _take_body(self, reader: asyncio.StreamReader, request: Request) -> None:
        expected = int(request.headers.get("content-length", 0))
        while request.received_bytes < expected:
            piece = await reader.read(min(1 << 20, expected - request.received_bytes))
            if not piece:
                raise ConnectionError
            async with self._changed:
                request.received_bytes += len(piece)
                self._changed.notify_all()
