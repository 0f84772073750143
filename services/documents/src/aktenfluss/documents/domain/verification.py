"""Bytes on their way in and out, checked against their digests while they pass."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, replace

from blake3 import blake3

from aktenfluss.kernel import digest_of

from .content import Content
from .errors import ContentDamagedError, ContentTooLargeError, DigestMismatchError, IncompleteBodyError

BLOCK_BYTES = 2 << 20
"""What is held until it is verified; a content of more than one block gets a digest of each (ADR 0034)."""


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


class BlockDigests:
    """The digests of the blocks of a content, made as it passes in pieces of any size, of which none is copied."""

    def __init__(self) -> None:
        self._made: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        self._block, self._missing = blake3(), BLOCK_BYTES

    def add(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            part, rest = rest[: self._missing], rest[self._missing :]
            self._block.update(part)
            self._missing -= len(part)
            if not self._missing:
                self._made.append(self._block.digest())
                self._begin()

    @property
    def joined(self) -> bytes:
        """All of them, the last one of what has come of its block."""
        begun = [self._block.digest()] if self._missing < BLOCK_BYTES else []
        return b"".join([*self._made, *begun])


class Arrival:
    """Bytes that arrive: counted and hashed as they pass, refused before their end where they are not as announced.

    The refusal comes before the end of the iteration: a store that writes what it reads never completes the object.
    """

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._hash = hashlib.sha256()
        self._blocks = BlockDigests()
        self.size_bytes = 0

    @property
    def block_digests(self) -> bytes:
        """The digests of the blocks, once all bytes have passed; empty for a content of one block."""
        return self._blocks.joined if self.size_bytes > BLOCK_BYTES else b""

    async def check(self, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """Yield the bytes of `pieces`.

        Raises ContentTooLargeError, IncompleteBodyError or DigestMismatchError.
        """
        announced = self._expected.size_bytes
        in_blocks = announced is None or announced > BLOCK_BYTES
        async for piece in pieces:
            self._count(piece)
            if in_blocks:
                self._blocks.add(piece)
            yield piece
        self._conclude()

    def _count(self, piece: bytes) -> None:
        self.size_bytes += len(piece)
        if self.size_bytes > self._expected.limit_bytes:
            raise self._expected.too_large()
        self._hash.update(piece)

    def _conclude(self) -> None:
        announced = self._expected.size_bytes
        if announced is not None and announced != self.size_bytes:
            raise IncompleteBodyError(f"{announced} bytes were announced, {self.size_bytes} arrived")
        if f"sha256:{self._hash.hexdigest()}" != self._expected.digest:
            raise DigestMismatchError(f"the {self.size_bytes} bytes that arrived are not {self._expected.digest}")


async def sole_block(content: Content, pieces: AsyncIterable[bytes]) -> bytes:
    """Return all of a content that is no larger than a block; raise ContentDamagedError where it is changed."""
    blocks = in_chunks(pieces)
    block, more = await anext(blocks, b""), await anext(blocks, b"")
    if more or digest_of(block) != content.digest:
        raise changed(content)
    return block


async def verified(content: Content, pieces: AsyncIterable[bytes]) -> Content:
    """Read the whole content and return it with the digests of its blocks; raise ContentDamagedError where it is changed."""
    arrival = Arrival(Expected(content.digest, content.size_bytes, content.size_bytes))
    try:
        async for _ in arrival.check(pieces):
            pass
    except (ContentTooLargeError, IncompleteBodyError, DigestMismatchError) as error:
        raise changed(content) from error
    return replace(content, block_digests=arrival.block_digests)


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
