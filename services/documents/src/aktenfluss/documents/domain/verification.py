"""Bytes on their way in and out, checked against their digests while they pass."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from blake3 import blake3

from .content import Content
from .errors import ContentDamagedError, ContentTooLargeError, DigestMismatchError, IncompleteBodyError

BLOCK_BYTES = 2 << 20
BLOCKS_ABOVE_BYTES = 8 << 20
"""Contents above this size get block digests: below it, hashing all of it costs a range less than 5 ms."""


async def in_chunks(pieces: AsyncIterable[bytes], size: int = BLOCK_BYTES) -> AsyncIterator[bytes]:
    """Yield the same bytes in chunks of exactly `size`, the last one shorter; never an empty one."""
    waiting: list[bytes] = []
    missing = size
    async for piece in pieces:
        rest = piece
        while len(rest) >= missing:
            yield b"".join([*waiting, rest[:missing]])
            rest, waiting, missing = rest[missing:], [], size
        if rest:
            waiting.append(rest)
            missing -= len(rest)
    if waiting:
        yield b"".join(waiting)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a sender announced: the digest, the size where he told one, and the largest size we take."""

    digest: str
    size_bytes: int | None
    limit_bytes: int

    def __post_init__(self) -> None:
        if self.size_bytes is not None and self.size_bytes > self.limit_bytes:
            raise self.too_large()

    def too_large(self) -> ContentTooLargeError:
        return ContentTooLargeError(
            f"{self.digest} exceeds the limit of {self.limit_bytes} bytes", limit_bytes=self.limit_bytes
        )


class Arrival:
    """Bytes that arrive: counted and hashed as they pass, refused before their end where they are not as announced.

    The refusal comes before the end of the iteration: a store that writes what it reads never completes the object.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._hash = hashlib.sha256()
        self._blocks: list[bytes] = []
        self.size_bytes = 0

    @property
    def block_digests(self) -> bytes:
        """The digests of the blocks, once all bytes have passed; empty for a small content."""
        return b"".join(self._blocks) if self.size_bytes > BLOCKS_ABOVE_BYTES else b""

    async def check(self, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """Yield the bytes of `pieces`.

        Raises ContentTooLargeError, IncompleteBodyError or DigestMismatchError.
        """
        announced = self._expected.size_bytes
        in_blocks = announced is None or announced > BLOCKS_ABOVE_BYTES
        # A small content passes as it comes: cutting it into blocks would copy every byte once more.
        async for chunk in in_chunks(pieces, BLOCK_BYTES) if in_blocks else pieces:
            self._count(chunk)
            if in_blocks:
                self._blocks.append(blake3(chunk).digest())
            yield chunk
        self._conclude()

    def _count(self, chunk: bytes) -> None:
        self.size_bytes += len(chunk)
        if self.size_bytes > self._expected.limit_bytes:
            raise self._expected.too_large()
        self._hash.update(chunk)

    def _conclude(self) -> None:
        announced = self._expected.size_bytes
        if announced is not None and announced != self.size_bytes:
            raise IncompleteBodyError(f"{announced} bytes were announced, {self.size_bytes} arrived")
        if f"sha256:{self._hash.hexdigest()}" != self._expected.digest:
            raise DigestMismatchError(f"the {self.size_bytes} bytes that arrived are not {self._expected.digest}")


async def verified(content: Content, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield the whole content; raise ContentDamagedError instead of yielding the last chunk of a changed one.

    A content of one chunk is checked before its first byte is out.
    """
    calculated, size, held = hashlib.sha256(), 0, b""
    async for chunk in in_chunks(pieces):
        if held:
            yield held
        calculated.update(chunk)
        size += len(chunk)
        held = chunk
    if size != content.size_bytes or f"sha256:{calculated.hexdigest()}" != content.digest:
        raise changed(content)
    if held:
        yield held


async def verified_blocks(content: Content, blocks: slice, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield the blocks, each checked before it is out; raise ContentDamagedError where one is changed or missing."""
    left = [content.block_digests[start : start + 32] for start in range(0, len(content.block_digests), 32)][blocks]
    async for block in in_chunks(pieces, BLOCK_BYTES):
        if not left or blake3(block).digest() != left.pop(0):
            raise changed(content)
        yield block
    if left:
        raise changed(content)


def changed(content: Content) -> ContentDamagedError:
    """Return the problem of a content whose bytes are not those that were stored."""
    return ContentDamagedError(f"the stored bytes of {content.digest} are not those that were stored")
