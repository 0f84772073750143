"""Forget uploads that nobody goes on with."""

from dataclasses import dataclass
from datetime import timedelta

from aktenfluss.kernel import Clock, Principal

from ..domain.ports import ByteStore, DocumentsUnitOfWork, Inventory
from ..domain.upload import PARTS, part_written_at


@dataclass(frozen=True, slots=True)
class SweepUploads:
    """Remove half-sent uploads, and parts that no upload knows (a crash left them), once they are old.

    What else lies among the parts is not ours to remove.
    """

    units: DocumentsUnitOfWork
    inventory: Inventory
    store: ByteStore
    clock: Clock
    keep: timedelta

    async def __call__(self) -> int:
        """Return how many parts were removed."""
        before = self.clock.now() - self.keep
        for tenant_id, upload in await self.inventory.stale_uploads(before):
            async with self.units.begin(Principal.service("documents", tenant_id)) as tx:
                await tx.uploads.drop_stale(upload.digest, before)
        live, removed = await self.inventory.live_parts(), 0
        async for part in self.store.list(PARTS):
            written_at = part_written_at(part)
            if written_at and written_at < before and part not in live:
                await self.store.delete(part)
                removed += 1
        return removed
