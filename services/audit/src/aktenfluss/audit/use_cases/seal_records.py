"""Seal new records: state and sign, for each authority, all that its log holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from aktenfluss.kernel import Clock, Principal

from ..domain.checkpoint import Checkpoint, CheckpointCopy, SignedCheckpoint, Trail
from ..domain.errors import AuditLogDamagedError
from ..domain.ports import AuditInventory, AuditTransaction, AuditUnitOfWork, CheckpointArchive, Signer
from ..domain.record import TENANT_ID, microseconds

LEAVES_PER_CHECKPOINT = 10_000
"""Bounds the memory of a run and the size of a copy (about 700 KB)."""


@dataclass(frozen=True, slots=True)
class SealRecords:
    """Seals what is there when it comes to a tenant; running it twice, or at two places, changes nothing.

    Costs the new records only: each checkpoint goes on from the frontier that the one before it states.
    """

    units: AuditUnitOfWork
    inventory: AuditInventory
    archive: CheckpointArchive
    signer: Signer
    clock: Clock
    limit: int = LEAVES_PER_CHECKPOINT

    async def __call__(self) -> int:
        """Return how many checkpoints were made.

        Raises AuditLogDamagedError after all sound tenants are sealed.
        """
        await self._finish_interrupted()
        made, damage = 0, None
        for tenant_id in await self.inventory.unsealed_tenants():
            try:
                made += await self._seal_all(tenant_id)
            except AuditLogDamagedError as exc:
                damage = exc
        if damage is not None:
            raise damage
        return made

    async def _finish_interrupted(self) -> None:
        """Complete the copies whose row was committed before a kill; drop those whose row was not."""
        for tenant_id, size in [waiting async for waiting in self.archive.prepared()]:
            async with self.units.begin(Principal.service("audit", tenant_id)) as tx:
                if not await tx.checkpoints.try_lock():
                    continue
                await self._finish(tx, tenant_id, size)

    async def _finish(self, tx: AuditTransaction, tenant_id: str, size: int) -> None:
        # Any checkpoint and not only the last: where another run was killed too, it may have sealed more behind this one.
        is_due = await tx.checkpoints.has_size(size) and not await self.archive.is_complete(tenant_id, size)
        copy = await self.archive.read(tenant_id, size) if is_due else None
        if copy:
            await self.archive.complete(tenant_id, size, copy)
        else:
            await self.archive.drop_prepared(tenant_id, size)

    async def _seal_all(self, tenant_id: str) -> int:
        """Return how many checkpoints were made.

        One that is not full was the last: what came meanwhile waits for the next run, as the other tenants wait for this one.
        """
        if not TENANT_ID.fullmatch(tenant_id):
            raise AuditLogDamagedError(f"there are records of the tenant {tenant_id!r}, which cannot exist")
        made, sealed = 0, self.limit
        while sealed == self.limit:
            sealed = await self._seal(tenant_id)
            made += sealed > 0
        return made

    async def _seal(self, tenant_id: str) -> int:
        """Make one checkpoint; return of how many records, 0 where none is left or another process is at it."""
        async with self.units.begin(Principal.service("audit", tenant_id)) as tx:
            if not await tx.checkpoints.try_lock():
                return 0
            trail = self._trail(tenant_id, await tx.checkpoints.last())
            leaves = contiguous(tenant_id, trail.tree.size, await tx.records.leaves(trail.tree.size, self.limit))
            if not leaves:
                return 0
            signed, copy = self._sign(trail, leaves)
            await self._prepare(tx, signed, copy)
        await self.archive.complete(tenant_id, signed.checkpoint.size, copy)
        return len(leaves)

    async def _prepare(self, tx: AuditTransaction, signed: SignedCheckpoint, copy: CheckpointCopy) -> None:
        tenant_id, size = signed.checkpoint.tenant_id, signed.checkpoint.size
        if await self.archive.is_complete(tenant_id, size):
            # The row of this copy was deleted. To seal again would overwrite the proof of what stood here.
            raise AuditLogDamagedError(f"the checkpoint of size {size} is gone from the database, its copy is not")
        await self.archive.prepare(tenant_id, size, copy)
        await tx.checkpoints.add(signed)

    def _sign(self, trail: Trail, leaves: tuple[bytes, ...]) -> tuple[SignedCheckpoint, CheckpointCopy]:
        checkpoint = trail.seal(leaves, microseconds(self.clock.now()))
        signature = self.signer.sign(checkpoint.statement())
        return SignedCheckpoint(checkpoint, signature), CheckpointCopy(signature, leaves)

    def _trail(self, tenant_id: str, last: SignedCheckpoint | None) -> Trail:
        """Return what the next checkpoint continues: what the last one signed, not what its columns say now."""
        start = Trail(tenant_id)
        if last is None:
            return start
        if missing := self.signer.missing_key(last.signature):
            raise AuditLogDamagedError(
                f"the key {missing} that signed the checkpoint of size {last.checkpoint.size} is missing"
            )
        statement = self.signer.statement_of(last.signature)
        if statement is None or Checkpoint.of_statement(statement) != last.checkpoint:
            raise AuditLogDamagedError(f"the checkpoint of size {last.checkpoint.size} is not what was signed")
        return start.after(last)


def contiguous(tenant_id: str, size: int, leaves: Sequence[tuple[int, bytes]]) -> tuple[bytes, ...]:
    """Return the hashes up to the first gap.

    Raises AuditLogDamagedError where the gap is right behind `size`: positions are given without gaps.
    """
    found = tuple(leaf for offset, (position, leaf) in enumerate(leaves, start=1) if position == size + offset)
    if leaves and not found:
        raise AuditLogDamagedError(f"the record at position {size + 1} of tenant {tenant_id} is missing")
    return found
