"""Bodies arrive whole over our protocol, slow readers slow their senders down, and who hangs up is noticed."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest
import uvicorn
import uvloop
from starlette.types import Message, Receive, Scope, Send

from aktenfluss.servicekit.process.http_protocol import HEAD_BYTES, READ_BYTES, HttpProtocol
from aktenfluss.servicekit.process.runner import Server
from aktenfluss.testkit import PATIENCE_SECONDS

SEED = 26
POURED_BYTES = 256 << 20
LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


class Hasher:
    """An app that answers with the digest of the body; it reads once `may_read` is set."""

    def __init__(self) -> None:
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.pieces: list[bytes] = []
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.may_read.wait()
        digest = hashlib.sha256()
        message: Message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left.set()
                return
            self.pieces.append(message["body"])
            digest.update(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"64")]})
        await send({"type": "http.response.body", "body": digest.hexdigest().encode()})


class Pourer(Hasher):
    """An app that answers with more than anybody keeps for a client who does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.poured = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"%d" % POURED_BYTES)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while self.poured < POURED_BYTES:
            self.poured += 1 << 20
            more = self.poured < POURED_BYTES
            await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": more})


@asynccontextmanager
async def serving(app: Hasher) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(app, port=0, http=HttpProtocol, lifespan="off", log_config=None, access_log=False)
    server = Server(config)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.005)
        reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            app.may_read.set()
            server.should_exit = True
            await running


def on_each_loop(test: Callable[[], Coroutine[None, None, None]]) -> Callable[[str], None]:
    """Run the test on uvloop, which serves the product, and on the loop of the standard library."""

    @pytest.mark.parametrize("loop", LOOPS)
    def run(loop: str) -> None:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(test())

    return run


def put(body: bytes) -> bytes:
    return b"PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def chunked(pieces: list[bytes]) -> bytes:
    lines = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""]]
    return b"PUT / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(lines)


async def answered(reader: asyncio.StreamReader) -> str:
    await reader.readuntil(b"\r\n\r\n")
    return (await reader.readexactly(64)).decode()


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@on_each_loop
async def test_bodies_of_every_size_arrive_whole_on_one_connection():
    sizes = [0, 1, 65_536, 65_537, READ_BYTES - 1, READ_BYTES, READ_BYTES + 1, 3_000_000]
    bodies = [random.Random(SEED).randbytes(size) for size in sizes]
    async with serving(Hasher()) as (reader, writer):
        for body in bodies:
            writer.write(put(body))
            assert await answered(reader) == digest(body)


@on_each_loop
async def test_requests_that_come_at_once_are_answered_in_their_order():
    bodies = [random.Random(SEED).randbytes(size) for size in (200_000, 10, 400_000, 70_000)]
    async with serving(Hasher()) as (reader, writer):
        writer.write(b"".join(put(body) for body in bodies))
        assert [await answered(reader) for _ in bodies] == [digest(body) for body in bodies]


@on_each_loop
async def test_small_chunks_behind_a_large_one_are_neither_lost_nor_mixed_up():
    source = random.Random(SEED)
    pieces = [source.randbytes(size) for size in (100_000, 1, 2, 70_000, 3, 100_000, 1)]
    async with serving(Hasher()) as (reader, writer):
        writer.write(chunked(pieces))
        assert await answered(reader) == digest(b"".join(pieces))


@on_each_loop
async def test_pieces_that_the_app_keeps_do_not_change_while_others_arrive():
    body = random.Random(SEED).randbytes(2_000_000)
    app = Hasher()
    async with serving(app) as (reader, writer):
        writer.write(put(body))
        await answered(reader)
        assert b"".join(app.pieces) == body
        assert all(isinstance(piece, bytes) for piece in app.pieces)


@on_each_loop
async def test_a_sender_waits_for_an_app_that_does_not_read():
    app = Hasher()
    app.may_read.clear()
    async with serving(app) as (reader, writer):
        body = bytes(64 << 20)
        writer.write(put(body))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 0.3)
        app.may_read.set()
        assert await answered(reader) == digest(body)


@on_each_loop
async def test_an_app_waits_for_a_client_that_does_not_read():
    app = Pourer()
    async with serving(app) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await stands_still(lambda: app.poured)
        assert app.poured < POURED_BYTES // 4
        received = 0
        while received < POURED_BYTES:
            received += len(await reader.read(1 << 20))
        assert received == POURED_BYTES


async def stands_still(value: Callable[[], int]) -> None:
    """Return once `value` has been the same for half a second."""
    before = -1
    while before != (before := value()):
        await asyncio.sleep(0.5)


@on_each_loop
async def test_who_hangs_up_in_the_middle_is_noticed():
    app = Hasher()
    async with serving(app) as (_, writer):
        writer.write(put(bytes(1_000_000))[:600_000])
        await writer.drain()
        writer.close()
        await app.left.wait()
    assert sum(map(len, app.pieces)) < 1_000_000


@on_each_loop
async def test_a_body_is_asked_for_where_the_sender_waits_for_that():
    async with serving(Hasher()) as (reader, writer):
        writer.write(b"PUT / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"bytes")
        assert await answered(reader) == digest(b"bytes")


async def send_in_pieces(writer: asyncio.StreamWriter, head: bytes) -> None:
    for start in range(0, len(head), 1000):
        writer.write(head[start : start + 1000])
        await writer.drain()


@on_each_loop
async def test_a_head_that_never_ends_is_refused_while_it_comes():
    async with serving(Hasher()) as (reader, writer):
        await send_in_pieces(writer, b"GET / HTTP/1.1\r\nHost: t\r\nX-Endless: ".ljust(HEAD_BYTES + 1, b"x"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")


@on_each_loop
async def test_a_head_as_large_as_allowed_may_come_in_pieces():
    head = b"GET / HTTP/1.1\r\nHost: t\r\nX-Long: ".ljust(HEAD_BYTES - 4, b"x")
    async with serving(Hasher()) as (reader, writer):
        await send_in_pieces(writer, head + b"\r\n\r\n")
        assert await answered(reader) == digest(b"")


@pytest.mark.parametrize("sent", [b"", b"GET / HTT", put(b"body") + b"GET / HTT"])
def test_a_head_that_does_not_come_ends_the_connection(sent, monkeypatch):
    monkeypatch.setattr("aktenfluss.servicekit.process.http_protocol.HEAD_SECONDS", 0.2)

    async def connect() -> None:
        async with serving(Hasher()) as (reader, writer):
            writer.write(sent)
            await reader.read()

    uvloop.run(connect())


def test_a_body_may_take_longer_than_a_head(monkeypatch):
    monkeypatch.setattr("aktenfluss.servicekit.process.http_protocol.HEAD_SECONDS", 0.2)

    async def send_slowly() -> None:
        async with serving(Hasher()) as (reader, writer):
            writer.write(put(b"body")[:-1])
            await asyncio.sleep(0.5)
            writer.write(b"y")
            assert await answered(reader) == digest(b"body")

    uvloop.run(send_slowly())
