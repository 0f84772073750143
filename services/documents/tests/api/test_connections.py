"""What only a real connection shows: bodies that are not read, bodies that end early, answers that break off."""

import asyncio
import random
from contextlib import asynccontextmanager

import pytest
import uvicorn

from aktenfluss.kernel import digest_of
from aktenfluss.servicekit.process.runner import Server
from aktenfluss.testkit import PATIENCE_SECONDS

CONTENT = random.Random(5).randbytes(3 << 20)
DIGEST = digest_of(CONTENT)


@pytest.fixture
async def port(documents):
    server = Server(uvicorn.Config(documents.service.app, port=0, lifespan="off", log_config=None, ws="none"))
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


@pytest.fixture
def connect(port, documents):
    token = documents.as_("service")["Authorization"]

    @asynccontextmanager
    async def connection():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def request(method, digest, body=b"", length=None):
            head = f"{method} /v1/contents/{digest} HTTP/1.1\r\nHost: h\r\nAuthorization: {token}\r\n"
            writer.write(f"{head}Content-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body)
            await writer.drain()

        async def status():
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
            return int(head.split()[1]), length

        yield request, status, reader
        writer.close()

    return connection


async def test_a_known_content_leaves_the_connection_usable(connect, put):
    await put(CONTENT)
    async with connect() as (request, status, reader), asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(3):
            await request("PUT", DIGEST, CONTENT)
            code, length = await status()
            assert (code, len(await reader.readexactly(length))) == (200, length)
        await request("HEAD", DIGEST)
        assert await status() == (200, len(CONTENT))


async def test_a_sender_that_hangs_up_leaves_nothing(connect, contractor, stored_files):
    async with connect() as (request, _, _):
        await request("PUT", DIGEST, CONTENT[: 2 << 20], length=len(CONTENT))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while stored_files():
            await asyncio.sleep(0.01)
    assert (await contractor.head(f"/v1/contents/{DIGEST}")).status_code == 404
    assert (await contractor.put(f"/v1/contents/{DIGEST}", content=CONTENT)).status_code == 201


async def test_a_damaged_answer_breaks_off(connect, put, flip):
    await put(CONTENT)
    flip(DIGEST, len(CONTENT) - 1)
    async with connect() as (request, status, reader), asyncio.timeout(PATIENCE_SECONDS):
        await request("GET", DIGEST)
        code, length = await status()
        assert (code, length) == (200, len(CONTENT))
        with pytest.raises(asyncio.IncompleteReadError):
            await reader.readexactly(length)
