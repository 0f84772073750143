"""Content push: megabytes per second and core, against a raw loop that does what must be done in any case."""

import asyncio
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from aktenfluss.kernel import Role

from .client import read_answer, request
from .figures import Figure
from .processes import Process, server
from .requests_cpu import mint

SIZE, COUNT, ROUNDS = 5_000_000, 40, 3
CHUNK = 1 << 20


def measure(folder: Path) -> list[Figure]:
    """Measure in turn; the best of each counts, the machine is shared."""
    with server("-m", "tests.load.api_app", "documents", "--data", str(folder / "data")) as product:
        token = mint(folder / "data", Role.CONTRACTOR)
        push(product, token, 4)
        rounds = [(push(product, token, COUNT), raw_loop(folder / "raw", COUNT)) for _ in range(ROUNDS)]
    own, raw = max(mine for mine, _ in rounds), max(other for _, other in rounds)
    return [
        Figure(
            "content push of 5 MB per core",
            own / raw,
            "times raw",
            f"{own:.0f} ÷ {raw:.0f} MB/s",
            ">= 0.5",
            ">= 0.8",
        )
    ]


def push(product: Process, token: str, count: int) -> float:
    """Return megabytes per CPU second of the process."""
    begin = product.cpu_seconds()
    asyncio.run(put_all(product.base_url, contents(token, count)))
    return SIZE * count / 1e6 / (product.cpu_seconds() - begin)


def contents(token: str, count: int) -> Iterator[bytes]:
    for _ in range(count):
        content = os.urandom(SIZE)
        yield request("PUT", f"/v1/contents/sha256:{hashlib.sha256(content).hexdigest()}", token, content)


async def put_all(base_url: str, requests: Iterator[bytes]) -> None:
    address = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    for content in requests:
        writer.write(content)
        await writer.drain()
        if (answer := await read_answer(reader)).status != 201:
            raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
    writer.close()


def raw_loop(folder: Path, count: int) -> float:
    """Return megabytes per CPU second of reading a file, hashing, writing and syncing, one after the other."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "source"
    source.write_bytes(os.urandom(SIZE))
    begin = time.process_time()
    for number in range(count):
        copy_durably(source, folder / f"copy-{number}")
    return SIZE * count / 1e6 / (time.process_time() - begin)


def copy_durably(source: Path, target: Path) -> None:
    digest = hashlib.sha256()
    unfinished = target.with_suffix(".unfinished")
    with source.open("rb", buffering=0) as reading, unfinished.open("wb", buffering=0) as writing:
        while chunk := reading.read(CHUNK):
            digest.update(chunk)
            writing.write(chunk)
        os.fsync(writing.fileno())
    unfinished.replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
