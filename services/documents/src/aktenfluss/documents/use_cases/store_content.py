"""Store a content under its digest."""

from collections.abc import AsyncIterable
from dataclasses import dataclass

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Clock, Principal

from ..domain.content import Content, ContentState
from ..domain.ports import ByteStore, DocumentsQueries, DocumentsTransaction, DocumentsUnitOfWork
from ..domain.verification import Arrival, Expected


@dataclass(frozen=True, slots=True)
class StoreContent:
    """Store the bytes of a content, once.

    Durable bytes come before the row, the row before the answer: a crash leaves at most an object nobody knows, and
    the next PUT writes it again.
    """

    units: DocumentsUnitOfWork
    queries: DocumentsQueries
    store: ByteStore
    clock: Clock
    limit_bytes: int

    async def __call__(
        self, principal: Principal, digest: str, size_bytes: int | None, pieces: AsyncIterable[bytes]
    ) -> bool:
        """Return False where the content is stored already: then nothing is read of `pieces`."""
        if await self.is_stored(principal, digest):
            return False
        content = await self.write(principal, Expected(digest, size_bytes, self.limit_bytes), pieces)
        async with self.units.begin(principal) as tx:
            return await self.record(tx, content)

    async def is_stored(self, principal: Principal, digest: str) -> bool:
        """Tell whether there is nothing to do."""
        content = await self.queries.content(principal, digest)
        return content is not None and content.state is ContentState.OK

    async def write(self, principal: Principal, expected: Expected, pieces: AsyncIterable[bytes]) -> Content:
        """Write the bytes durably, or nothing; return what is to be recorded."""
        arrival = Arrival(expected)
        await self.store.write(content_key(principal.tenant_id, expected.digest), arrival.check(pieces))
        return Content(expected.digest, arrival.size_bytes, self.clock.now(), block_digests=arrival.block_digests)

    async def record(self, tx: DocumentsTransaction, content: Content) -> bool:
        """Record the content; where it was damaged, it is sound again."""
        version = await tx.contents.put(content)
        if version is not None and version > 1:
            await tx.findings.heal(content.digest, self.clock.now())
        return version is not None
