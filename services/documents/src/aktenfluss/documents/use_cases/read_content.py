"""Read a content, or a range of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aktenfluss.contracts.documents import ContentRead

from ..domain.byte_range import ByteRange
from ..domain.content import Content
from ..domain.errors import ContentNotFoundError
from ..domain.ports import DocumentsQueries, ReadLog
from ..domain.reader import Reader
from .open_content import OpenContent


@dataclass(frozen=True, slots=True)
class OpenedContent:
    """A content on its way out; `part` is None where it is the whole."""

    content: Content
    part: ByteRange | None
    chunks: AsyncIterator[bytes]

    @property
    def size_bytes(self) -> int:
        """How many bytes are on their way."""
        return self.part.length if self.part else self.content.size_bytes


@dataclass(frozen=True, slots=True)
class ReadContent:
    """Give the bytes of a content to a service or the bearer of a grant, after the read is on record."""

    queries: DocumentsQueries
    opening: OpenContent
    reads: ReadLog

    async def __call__(self, reader: Reader, digest: str, range_header: str | None) -> OpenedContent:
        reader.check_content(digest)
        content = await self.queries.content(reader.principal, digest)
        if content is None:
            raise ContentNotFoundError(f"{digest} is not stored")
        self.opening.check(content)
        part = ByteRange.asked(range_header, content.size_bytes)
        chunks = self.opening(reader.principal, content, part)
        # What is known to be damaged before the first byte is told as a problem, not as a broken connection.
        first = await anext(chunks, b"")
        read = ContentRead(content=digest, document_id=reader.document_id)
        await self.reads.record(reader.principal, read, key=reader.key(digest), subject=digest, version=1)
        return OpenedContent(content, part, followed(first, chunks))


async def followed(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield `first`, then the rest."""
    yield first
    async for chunk in rest:
        yield chunk
