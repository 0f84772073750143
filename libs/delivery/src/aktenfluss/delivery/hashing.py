"""SHA-256 of many files at once."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

BLOCK_BYTES = 1 << 20

type Ticker = Callable[[int], None]
"""Is told how many bytes are done; from any thread."""


def no_ticker(_octets: int) -> None:
    """Tell nobody."""


def in_parallel[T, R](work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Yield the results in the order of the tasks; threads suffice, as hashing and reading release the lock."""
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        yield from pool.map(work, tasks)


def hash_file(source: Path, tick: Ticker = no_ticker) -> str:
    """Return the digest of a file."""
    with source.open("rb") as file:
        return _pump(file, lambda _block: None, tick)


def copy_file(source: Path, target: Path, tick: Ticker = no_ticker) -> str:
    """Copy a file in one pass with hashing it, and return its digest."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file, target.open("wb") as copy:
        return _pump(file, copy.write, tick)


def _pump(file: IO[bytes], write: Callable[[bytes], object], tick: Ticker) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK_BYTES):
        digest.update(block)
        write(block)
        tick(len(block))
    return f"sha256:{digest.hexdigest()}"
