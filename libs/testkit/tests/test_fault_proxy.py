"""The fault proxy does to a line what it is told, before a real echo server."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager

import pytest

from aktenfluss.testkit import Direction, FaultProxy


async def echo(reader, writer):
    try:
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
async def echo_port():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
async def proxy(echo_port):
    async with FaultProxy.before("127.0.0.1", echo_port) as proxy:
        yield proxy


@asynccontextmanager
async def connected(proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def said(proxy, sent: bytes) -> bytes:
    """Return all that comes back until the connection ends."""
    async with connected(proxy) as (reader, writer):
        writer.write(sent)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), 10)


async def test_it_passes_on_both_ways_and_ends_when_both_have(proxy):
    megabytes = bytes(range(256)) * 16_384
    assert await said(proxy, megabytes) == megabytes


async def test_cut_resets_what_is_open_and_takes_new_connections(proxy):
    async with connected(proxy) as (reader, writer):
        writer.write(b"here")
        assert await reader.readexactly(4) == b"here"
        proxy.cut()
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
    assert await said(proxy, b"again") == b"again"


async def test_refuse_closes_the_port_until_it_is_healed(proxy):
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await said(proxy, b"x")
    proxy.heal()
    assert await said(proxy, b"x") == b"x"
    proxy.refuse()


async def test_delay_holds_the_answer(proxy):
    proxy.delay(0.2)
    begun = time.monotonic()
    assert await said(proxy, b"slow") == b"slow"
    assert time.monotonic() - begun >= 0.2


async def test_the_port_is_nobody_elses_while_it_is_refused(proxy):
    proxy.refuse()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", proxy.port))


@pytest.mark.parametrize("direction", list(Direction))
async def test_cut_after_lets_so_many_bytes_through_on_each_connection(proxy, direction):
    proxy.cut_after(3, direction)
    for _ in range(2):
        async with connected(proxy) as (reader, writer):
            writer.write(b"12345")
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(4)
    proxy.heal()
    assert await said(proxy, b"12345") == b"12345"


async def test_cut_after_counts_from_now_on_a_connection_that_is_open(proxy):
    async with connected(proxy) as (reader, writer):
        writer.write(b"12345")
        await reader.readexactly(5)
        proxy.cut_after(2, Direction.TO_CLIENT)
        writer.write(b"67890")
        assert await reader.readexactly(2) == b"67"


async def test_flip_after_changes_one_bit(proxy):
    proxy.flip_after(2, Direction.TO_SERVER)
    assert await said(proxy, b"00000") == b"00100"


async def test_answer_speaks_for_the_server_so_many_times(proxy):
    proxy.answer(b"HTTP/1.1 500 Oh\r\n\r\n", times=2)
    assert await said(proxy, b"x" * 300_000) == b"HTTP/1.1 500 Oh\r\n\r\n"
    assert await said(proxy, b"x") == b"HTTP/1.1 500 Oh\r\n\r\n"
    assert await said(proxy, b"x") == b"x"


async def test_answer_may_wait_for_what_begins_in_one_way(proxy):
    proxy.answer(b"no", to=b"DELETE ")
    assert await said(proxy, b"GET /") == b"GET /"
    assert await said(proxy, b"DELETE /") == b"no"
    assert await said(proxy, b"DELETE /") == b"DELETE /"


async def test_without_a_server_the_connection_is_reset(unused_server_port):
    async with FaultProxy.before("127.0.0.1", unused_server_port) as proxy:
        with pytest.raises(ConnectionError):
            await said(proxy, b"x")


@pytest.fixture
async def unused_server_port():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
