"""Bytes as files of this machine, for as long as a child process reads them."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from ..errors import ServiceUnavailableError, StorageFullError
from .file_store import NO_ROOM


class TemporaryCopies:
    """Lends copies, so many at a time: who comes later waits, and the disk holds no more.

    A copy is removed when it is given back; one of a process that was killed is left to the sweeper of the folder.
    """

    def __init__(self, at_a_time: int, folder: Path | None = None) -> None:
        """Copy into `folder`, by default that of the machine for temporary files."""
        self._places = asyncio.Semaphore(at_a_time)
        self._folder = folder

    @asynccontextmanager
    async def lend(self, content: AsyncIterable[bytes], suffix: str = "") -> AsyncIterator[Path]:
        """Lend a file with the content; raises what `content` raises, StorageFullError and ServiceUnavailableError."""
        async with self._places:
            with ExitStack() as removal:
                with told_as_problem():
                    file = removal.enter_context(NamedTemporaryFile(suffix=suffix, dir=self._folder, buffering=0))
                async for chunk in content:
                    with told_as_problem():
                        await asyncio.to_thread(write_all, file, chunk)
                yield Path(file.name)


def write_all(file: IO[bytes], chunk: bytes) -> None:
    """Write the chunk; a full disk takes less than it is given before it refuses."""
    left = memoryview(chunk)
    while left:
        left = left[file.write(left) :]


@contextmanager
def told_as_problem() -> Iterator[None]:
    """Turn what the disk refuses into StorageFullError or ServiceUnavailableError."""
    try:
        yield
    except OSError as exc:
        problem = StorageFullError if exc.errno in NO_ROOM else ServiceUnavailableError
        raise problem("there is no room, or no right, to copy a content into the temporary folder") from exc
