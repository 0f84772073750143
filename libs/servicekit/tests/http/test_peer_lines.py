"""A service that does not answer is left alone for a while, and found again without an operator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry
from tools.servers import free_port

from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.servicekit.peer_lines import FAILURES, Lines, PeerUnavailableError
from aktenfluss.testkit import PATIENCE_SECONDS

ANSWER = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Peer:
    """A port on which somebody may answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0

    @asynccontextmanager
    async def there(self, answer: bytes = ANSWER) -> AsyncIterator[None]:
        """Answer every request with `answer`, or with silence, until the body ends."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(answer)

        server = await asyncio.start_server(serve, "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()
            server.close_clients()
            await server.wait_closed()


@pytest.fixture
def peer() -> Peer:
    return Peer(free_port())


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def lines(peer: Peer, registry: CollectorRegistry) -> AsyncIterator[Lines]:
    timeout = httpx.Timeout(1.0)
    lines = Lines({"shelf": f"http://127.0.0.1:{peer.port}"}, timeout=timeout, registry=registry, rest_seconds=1.0)
    yield lines
    await lines.close()


async def call(lines: Lines) -> int:
    line = lines.to("shelf")
    return (await line.send(line.client.build_request("GET", "/"))).status_code


async def fail(lines: Lines, times: int = FAILURES) -> None:
    for _ in range(times):
        with pytest.raises(PeerUnavailableError):
            await call(lines)


async def left_alone(lines: Lines) -> bool:
    try:
        await call(lines)
    except PeerUnavailableError:
        return False
    except ServiceUnavailableError:
        return True
    return False


async def rest(lines: Lines) -> None:
    """Return after a call that was let through."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await left_alone(lines):
            await asyncio.sleep(0.01)


def told(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("peer_circuit_open", {"peer": "shelf"})


async def test_after_failures_in_a_row_a_service_is_left_alone(lines: Lines, registry: CollectorRegistry) -> None:
    await fail(lines, FAILURES - 1)
    assert told(registry) == 0
    await fail(lines, 1)
    assert await left_alone(lines)
    assert told(registry) == 1


async def test_an_answer_ends_the_row_whatever_it_says(lines: Lines, peer: Peer, registry: CollectorRegistry) -> None:
    await fail(lines, FAILURES - 1)
    async with peer.there():
        assert await call(lines) == 503
    await fail(lines, FAILURES - 1)
    assert told(registry) == 0


async def test_silence_is_a_failure(lines: Lines, peer: Peer) -> None:
    async with peer.there(answer=b""):
        await fail(lines)
        assert await left_alone(lines)


async def test_after_a_rest_one_call_finds_out(lines: Lines, peer: Peer, registry: CollectorRegistry) -> None:
    await fail(lines)
    await rest(lines)
    assert await left_alone(lines)
    async with peer.there():
        await rest(lines)
        assert told(registry) == 0
        assert [await call(lines) for _ in range(3)] == [503] * 3
    assert peer.connections == 1, "connections are kept"
