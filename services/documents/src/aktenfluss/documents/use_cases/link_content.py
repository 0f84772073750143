"""Give a link to a content in the store."""

from dataclasses import dataclass

from aktenfluss.contracts.documents import ContentRead, content_key
from aktenfluss.kernel import Principal

from ..domain.errors import ContentNotFoundError
from ..domain.ports import ByteStore, DocumentsQueries, ReadLog
from ..domain.reader import Reader
from .open_content import OpenContent

SECONDS = 60


@dataclass(frozen=True, slots=True)
class LinkContent:
    """Give a link under which the store itself sends a content for a minute, after the read is on record.

    Nobody compares these bytes with the digest on their way; whoever fetches them knows it and can.
    """

    queries: DocumentsQueries
    store: ByteStore
    opening: OpenContent
    reads: ReadLog

    async def __call__(self, reader: Reader, digest: str) -> str | None:
        """Return the link, or None where the store has none to give; then nothing is on record."""
        reader.check_content(digest)
        link = self._link(reader.principal, digest)
        if link is None:
            return None
        content = await self.queries.content(reader.principal, digest)
        if content is None:
            raise ContentNotFoundError(f"{digest} is not stored")
        self.opening.check(content)
        read = ContentRead(content=digest, document_id=reader.document_id)
        await self.reads.record(reader.principal, read, key=reader.key(digest), subject=digest, version=1)
        return link

    def _link(self, principal: Principal, digest: str) -> str | None:
        key = content_key(principal.tenant_id, digest)
        return self.store.link(key, SECONDS, content_type="application/octet-stream", disposition="attachment")
