"""A load generator that costs little: HTTP/1.1 on kept connections, requests prepared as bytes."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 16


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def request(method: str, path: str, token: str, body: bytes = b"", headers: Sequence[str] = ()) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bench",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(body)}",
    ]
    lines += ["Content-Type: application/json", *headers] if method == "POST" else headers
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def send_all(base_url: str, requests: Iterator[bytes], expected: int, connections: int = CONNECTIONS) -> None:
    """Send `requests` over some connections; raises RuntimeError for an answer that is not `expected`."""
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(send_some(base_url, requests, expected))


async def send_some(base_url: str, requests: Iterator[bytes], expected: int) -> None:
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for content in requests:
        writer.write(content)
        answer = await read_answer(reader)
        if answer.status != expected:
            raise RuntimeError(f"expected {expected}, got {answer.status}: {answer.body[:500]!r}")
    writer.close()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return Answer(int(head[9:12]), await reader.readexactly(length))


def repeat(make: Callable[[int], bytes], count: int) -> Iterator[bytes]:
    """Yield `count` requests, one after the other for all connections together."""
    return (make(number) for number in range(count))
