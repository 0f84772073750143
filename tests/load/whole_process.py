"""The whole product in one process: its memory under large contents, a stock list, its start."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from aktenfluss.kernel import Role

from .figures import Figure
from .processes import Process, product, server
from .requests_cpu import mint

LARGE, PIECE = 2_000_000_000, 60_000_000
LINES = 21_000
MEBIBYTE = 1 << 20


def measure(data: Path) -> list[Figure]:
    figures = []
    with server(*product(data)) as process:
        figures += [import_stock(process, data), memory(process, data)]
    return [*figures, start(data)]


def memory(process: Process, data: Path) -> Figure:
    """Push a content of 2 GB in pieces and whole, fetch it back, and look at the peak beside the level before."""
    headers = {"Authorization": f"Bearer {mint(data, Role.SERVICE)}"}
    block = os.urandom(MEBIBYTE)
    digest = hashlib.sha256()
    for _ in range(LARGE // MEBIBYTE):
        digest.update(block)
    size = LARGE // MEBIBYTE * MEBIBYTE
    with httpx.Client(base_url=process.base_url, headers=headers, timeout=600) as client:
        client.get("/v1/contents/sha256:" + "0" * 64)
        process.forget_peak()
        before = process.peak_bytes()
        path = f"/v1/contents/sha256:{digest.hexdigest()}"
        sized = {"Content-Length": str(size)}
        client.put(path, content=blocks(block, size), headers=sized).raise_for_status()
        fetched = fetch(client, path)
    if fetched != size:
        raise RuntimeError(f"{size} bytes went up, {fetched} came down")
    grown = (process.peak_bytes() - before) / 1e6
    return Figure(
        "memory while 2 GB goes up and down", grown, "MB more", f"{before / 1e6:.0f} MB before", "<= 64", "<= 16"
    )


def blocks(block: bytes, size: int) -> Iterator[bytes]:
    for _ in range(size // len(block)):
        yield block


def fetch(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path) as response:
        response.raise_for_status()
        return sum(len(chunk) for chunk in response.iter_raw(MEBIBYTE))


def import_stock(process: Process, data: Path) -> Figure:
    lines = b"".join(
        json.dumps({"keeping_authority": "065200", "file_number": f"STOCK-{n}", "family_name": "Öztürk"}).encode()
        + b"\n"
        for n in range(LINES)
    )
    headers = {"Authorization": f"Bearer {mint(data, Role.RECORDS_MANAGER)}"}
    begin = time.perf_counter()
    answer = httpx.post(f"{process.base_url}/v1/case-files:import", content=lines, headers=headers, timeout=300)
    seconds = time.perf_counter() - begin
    summary = json.loads(answer.raise_for_status().text.splitlines()[-1])["summary"]
    if summary["created"] != LINES:
        raise RuntimeError(f"{LINES} lines were sent, the report says {summary}")
    return Figure(f"import of {LINES:,} stock lines", seconds, "s", f"{LINES / seconds:.0f} lines/s", "<= 30", "<= 8")


def start(data: Path) -> Figure:
    with server(*product(data)) as process:
        seconds = process.seconds_to_ready
    begin = time.perf_counter()
    with server("-m", "tests.load.bare_app", "--data", str(data)):
        bare = time.perf_counter() - begin
    return Figure("serve to ready on an existing data folder", seconds, "s", f"bare app {bare:.1f} s", "<= 6", "<= 3")
