"""The object store in a folder: temporary file, fsync, rename, fsync of the folder."""

import asyncio
import errno
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import IO

from ..errors import ServiceUnavailableError, StorageFullError
from .object_store import KEY, ObjectNotFoundError, StoreCapabilities, checked
from .threads import ended

CHUNK = 1 << 20
MOST_PIECES = 512
"""How many pieces one system call takes; the least that any system allows is 1,024 (IOV_MAX)."""
MOST_FOLDERS = 4096
"""So many folders are remembered as durable, in 3 MB: an authority's contents lie in 256, but each has two of its pages."""
LISTED = 1000
UNFINISHED = ".unfinished"
THREADS = ThreadPoolExecutor(thread_name_prefix="disk")
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileStore:
    """Implements `ObjectStore` with one file per object.

    Work on the disk runs in threads, so that a slow disk stops nobody else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._durable = {folder}
        (folder / UNFINISHED).mkdir(parents=True, exist_ok=True)

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        target = self._path(key)
        unfinished = self._folder / UNFINISHED / secrets.token_hex(16)
        try:
            with create(unfinished) as file:
                rest = await write_blocks(file, chunks)
                await on_disk(self._finish, file, rest, target)
        except BaseException:
            # A disk that is gone keeps it for the sweep, and has told of itself already.
            with suppress(OSError):
                unfinished.unlink()
            raise

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        with self._open(key, start) as file:
            left = sys.maxsize if length is None else length
            while left and (chunk := await on_disk(file.read, min(CHUNK, left))):
                yield chunk
                left -= len(chunk)

    async def size(self, key: str) -> int | None:
        try:
            return (await asyncio.to_thread(self._path(key).stat)).st_size
        except FileNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        path = self._path(key)
        with suppress(FileNotFoundError):
            await asyncio.to_thread(path.unlink)
            await asyncio.to_thread(sync_folder, path.parent)

    async def list(self, prefix: str) -> AsyncIterator[str]:
        found = files_below(self._folder, prefix)
        while page := await on_disk(lambda: list(islice(found, LISTED))):
            for key in page:
                yield key

    def link(self, key: str, seconds: int, *, content_type: str, disposition: str) -> str | None:
        """Return None: a file has no URL that a client could ask."""

    async def sweep(self, older_than_seconds: float) -> int:
        """Remove what writes left behind that were killed; return how many."""
        return await asyncio.to_thread(sweep_folder, self._folder / UNFINISHED, older_than_seconds)

    async def prepare(self) -> None:
        """Do nothing: the folder is made when the store is opened."""

    async def probe(self) -> StoreCapabilities:
        """Return that there is neither: a folder keeps what its owner leaves in it."""
        return StoreCapabilities(versioning=False, object_lock=False)

    async def close(self) -> None:
        """Do nothing: a file is open only while it is read or written."""

    def local_path(self, key: str) -> Path:
        """Return the file of an object, for a child process that reads it; it may not exist."""
        return self._path(key)

    def _open(self, key: str, start: int) -> FileIO:
        try:
            return open_at(self._path(key), start)
        except ObjectNotFoundError as exc:
            # A disk that is not mounted holds nothing; to call that a loss would have every content reported as damaged.
            if not (self._folder / UNFINISHED).is_dir():
                raise ServiceUnavailableError("the object store does not answer") from exc
            raise

    def _finish(self, file: FileIO, rest: Sequence[bytes], target: Path) -> None:
        """Write the rest, make the bytes durable, give them their name, make the name durable."""
        write_all(file, rest)
        os.fsync(file.fileno())
        self._make_folder(target.parent)
        Path(str(file.name)).replace(target)
        sync_folder(target.parent)

    def _make_folder(self, folder: Path) -> None:
        """Make the folder with all above it, each name durable.

        One that is there counts only once this process has synced its name: another may have made it a moment ago.
        """
        if folder in self._durable:
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
        if len(self._durable) >= MOST_FOLDERS:
            # All at once: it costs those in use one more sync each, where to know them would cost each write.
            self._durable = {self._folder}
        self._durable.add(folder)

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)


async def write_blocks(file: FileIO, chunks: AsyncIterator[bytes]) -> list[bytes]:
    """Write what is more than a block, in threads; return the rest. Chunks are never copied together."""
    waiting: list[bytes] = []
    size = 0
    async for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= CHUNK or len(waiting) == MOST_PIECES:
            await on_disk(write_all, file, waiting)
            waiting, size = [], 0
    return waiting


def write_all(file: FileIO | IO[bytes], pieces: Sequence[bytes]) -> None:
    """Write all pieces; the system may take less at once than it is given."""
    left = [memoryview(piece) for piece in pieces if piece]
    while left:
        written = os.writev(file.fileno(), left)
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = left[0][written:]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create(path: Path) -> FileIO:
    """Open a new file. Not in a thread: a caller who leaves meanwhile would leave it open."""
    with told_as_problem():
        return path.open("xb", buffering=0)


def open_at(path: Path, start: int) -> FileIO:
    """Open an object at an offset, as `create` does; raises ObjectNotFoundError."""
    try:
        with told_as_problem():
            file = path.open("rb", buffering=0)
    except ServiceUnavailableError as exc:
        if isinstance(exc.__cause__, FileNotFoundError | IsADirectoryError | NotADirectoryError):
            raise ObjectNotFoundError("the object store holds nothing under that key") from exc
        raise
    file.seek(start)
    return file


def files_below(root: Path, prefix: str) -> Iterator[str]:
    """Yield the keys of the files whose key starts with `prefix`; files that are unfinished, or not ours, have none."""
    # A disk that is not mounted is no empty store.
    (root / UNFINISHED).stat()
    for folder, _, names in (root / prefix.rpartition("/")[0]).walk(on_error=not_read):
        for name in names:
            key = (folder / name).relative_to(root).as_posix()
            if key.startswith(prefix) and KEY.fullmatch(key):
                yield key


def not_read(error: OSError) -> None:
    """Let pass that a folder is not there; one that cannot be read is not empty for that."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def sweep_folder(folder: Path, older_than_seconds: float) -> int:
    """Remove files that nobody has written to for so long; return how many."""
    old = [path for path in folder.iterdir() if time.time() - path.stat().st_mtime > older_than_seconds]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


async def on_disk[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in a thread; what the disk refuses becomes a problem that tells the way out."""
    with told_as_problem():
        return await in_thread(work, *args, **kwargs)


async def in_thread[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in a thread of the disk; who is cancelled leaves only when it has ended."""
    job = THREADS.submit(work, *args, **kwargs)
    await ended(job)
    return job.result()


@contextmanager
def told_as_problem(disk: str = "the object store") -> Iterator[None]:
    """Turn what a disk refuses into StorageFullError or ServiceUnavailableError."""
    try:
        yield
    except OSError as exc:
        if exc.errno in NO_ROOM:
            raise StorageFullError(f"{disk} has no room left") from exc
        raise ServiceUnavailableError(f"{disk} does not answer") from exc
