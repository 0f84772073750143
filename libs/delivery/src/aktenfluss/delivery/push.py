"""Pushing a delivery: what the server lacks is sent, in parallel, and a broken push continues where it stopped."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

import httpx

from .delivery import Delivery, read_delivery
from .finding import Finding
from .folder import read_folder_texts
from .rules import Rule
from .server import Answer, Body, Patience, Server, ServerRefusedError

PIECE_BYTES = 64 << 20
PARALLEL = 8
_BLOCK_BYTES = 1 << 20

# Not about the one content: the next one would be refused as well.
_HOPELESS = frozenset({401, 403, 404, 405})


class Progress(Protocol):
    """Is told how a push goes on."""

    def expect(self, contents: int, size_bytes: int) -> None:
        """Take note of what will be sent."""
        ...

    def advance(self, size_bytes: int) -> None:
        """Take note that so many bytes more were sent, or need not be sent any more."""
        ...


class Silence:
    """A progress that nobody looks at."""

    def expect(self, contents: int, size_bytes: int) -> None: ...

    def advance(self, size_bytes: int) -> None: ...


@dataclass(frozen=True, slots=True)
class PushOptions:
    """How to push.

    `accept_missing` completes the delivery although files are missing or refused: the server's check then reports
    them. `wait` returns only when the server has checked the delivery. `piece_bytes` is the largest request body.
    """

    parallel: int = PARALLEL
    accept_missing: bool = False
    wait: bool = False
    patience: Patience = field(default_factory=Patience)
    piece_bytes: int = PIECE_BYTES


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did: contents by number, `unsent` those that are not there or were refused, and the server's answer.

    `announced` = `transferred` + `skipped` + the number of `unsent`; equal contents count once.
    """

    announced: int
    transferred: int
    transferred_bytes: int
    unsent: tuple[Finding, ...]
    answer: Answer

    @property
    def skipped(self) -> int:
        return self.announced - self.transferred - len(self.unsent)


def open_client(url: str, token: str, parallel: int = PARALLEL) -> httpx.AsyncClient:
    """Return a client for the server at `url`; connections stay open between requests."""
    return httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        limits=httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel),
        # Reading waits for the server's disk and digest of a whole piece.
        timeout=httpx.Timeout(30.0, read=300.0, pool=None),
    )


async def push_delivery(
    folder: Path,
    client: httpx.AsyncClient,
    options: PushOptions | None = None,
    progress: Progress | None = None,
) -> PushReport:
    """Push the delivery in `folder`; running it again is always safe and sends only what the server lacks.

    Digests are taken from the manifest, not computed: the server verifies every byte.
    Raises InvalidDeliveryError, ServerRefusedError or ServerUnavailableError.
    """
    options = options or PushOptions()
    tag_files, index = read_folder_texts(folder)
    delivery = read_delivery(tag_files, index)
    server = Server(client, options.patience)
    answer = await server.announce(delivery.id, tag_files, index)
    sender = _Sender(folder, server, options, progress or Silence())
    if answer.state == "uploading":
        await sender.send_all(_lacking(delivery, answer))
        if options.accept_missing or not sender.unsent:
            answer = await server.complete(delivery.id, accept_missing=options.accept_missing)
    if options.wait and answer.state != "uploading":
        answer = await _checked(server, answer)
    announced = len(set(delivery.contents.values()))
    return PushReport(announced, sender.transferred, sender.transferred_bytes, tuple(sorted(sender.unsent)), answer)


async def _checked(server: Server, answer: Answer) -> Answer:
    pause = 0.1
    while answer.state != "checked":
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 5.0)
        answer = await server.look_up(answer.delivery)
    return answer


def _lacking(delivery: Delivery, answer: Answer) -> dict[str, str]:
    """Return one path for each content that the server lacks."""
    missing = {entry.content for entry in answer.missing}
    return {content: path for path, content in delivery.contents.items() if content in missing}


@dataclass(frozen=True, slots=True)
class _File:
    """A payload file that is to be sent."""

    content: str
    path: str
    location: Path
    size: int


@dataclass(slots=True)
class _Sender:
    """Sends files, and counts what became of them."""

    folder: Path
    server: Server
    options: PushOptions
    progress: Progress
    transferred: int = 0
    transferred_bytes: int = 0
    unsent: list[Finding] = field(default_factory=list)

    async def send_all(self, lacking: dict[str, str]) -> None:
        files = [file for content, path in lacking.items() if (file := self._find(content, path))]
        self.progress.expect(len(files), sum(file.size for file in files))
        queue = iter(files)
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(min(self.options.parallel, len(files))):
                    workers.create_task(self._work(queue))
        except ExceptionGroup as group:
            raise group.exceptions[0] from group

    def _find(self, content: str, path: str) -> _File | None:
        location = self.folder / path
        try:
            status = location.lstat()
        except FileNotFoundError:
            self.unsent.append(Rule.FILE_MISSING.found(path, "the file is not there"))
            return None
        if not stat.S_ISREG(status.st_mode):
            self.unsent.append(Rule.SYMLINK.found(path, "it is not a regular file"))
            return None
        return _File(content, path, location, status.st_size)

    async def _work(self, queue: Iterator[_File]) -> None:
        for file in queue:
            try:
                await self._send(file)
            except OSError as error:
                self.unsent.append(Rule.FILE_UNREADABLE.found(file.path, error.strerror or str(error)))
            except ServerRefusedError as error:
                if error.status in _HOPELESS:
                    raise
                self.unsent.append(Rule.CONTENT_REFUSED.found(file.path, error.detail))
            else:
                self.transferred += 1

    async def _send(self, file: _File) -> None:
        send = self._send_whole if file.size <= self.options.piece_bytes else self._send_piece
        position = -1
        while position < file.size:
            reached = await self.server.persist(lambda: send(file))
            if reached <= position:
                raise ServerRefusedError("the server does not keep the pieces that it accepts", 409)
            self.progress.advance(reached - max(position, 0))
            position = reached

    async def _send_whole(self, file: _File) -> int:
        await self._put(file, 0, file.size, {})
        return file.size

    async def _send_piece(self, file: _File) -> int:
        """Send the next piece and return where it ends.

        The server is asked each time for what it has, so that a cut connection needs no path of its own.
        """
        start = await self.server.stored_bytes(file.content)
        if start is None or start >= file.size:
            return file.size
        end = min(start + self.options.piece_bytes, file.size)
        await self._put(file, start, end, {"Content-Range": f"bytes {start}-{end - 1}/{file.size}"})
        return end

    async def _put(self, file: _File, start: int, end: int, headers: dict[str, str]) -> None:
        headers |= {"Content-Length": str(end - start), "Content-Type": "application/octet-stream"}
        await self.server.put_content(file.content, _body(file.location, start, end), headers)
        self.transferred_bytes += end - start


def _body(location: Path, start: int, end: int) -> Body:
    """Return the bytes themselves where they are few: a thread for each block costs more than reading them."""
    if end - start > _BLOCK_BYTES:
        return _blocks(location, start, end)
    with location.open("rb", buffering=0) as file:
        file.seek(start)
        return _read(file, end - start)


async def _blocks(location: Path, start: int, end: int) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(location.open, "rb", 0)
    with file:
        file.seek(start)
        for position in range(start, end, _BLOCK_BYTES):
            yield await asyncio.to_thread(_read, file, min(_BLOCK_BYTES, end - position))


def _read(file: IO[bytes], size: int) -> bytes:
    block = os.read(file.fileno(), size)
    if len(block) < size:
        raise OSError("the file became shorter while it was sent")
    return block
