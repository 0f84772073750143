"""Bytes as files of this machine, for as long as a child process reads them."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from .file_store import in_thread, told_as_problem, write_all

TEMPORARY = "the folder for temporary files"


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
                with told_as_problem(TEMPORARY):
                    file = removal.enter_context(NamedTemporaryFile(suffix=suffix, dir=self._folder, buffering=0))
                async for chunk in content:
                    with told_as_problem(TEMPORARY):
                        await in_thread(write_all, file, [chunk])
                yield Path(file.name)
