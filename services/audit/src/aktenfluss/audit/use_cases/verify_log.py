"""Verify the audit log: compute everything again and name the first bad record of each authority."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from ..domain.checkpoint import Checkpoint, CheckpointCopy, SignedCheckpoint, Trail
from ..domain.evidence import Evidence
from ..domain.finding import Finding, Report, Rule
from ..domain.ports import AuditInventory, CheckpointArchive, Signer
from ..domain.progress import Progress
from ..domain.record import TENANT_ID
from .portions import ahead, batches

BATCH = 500
COPIES_AHEAD = 16
"""Copies of checkpoints that are asked for before their turn: a store answers late, but many at once."""


@dataclass(frozen=True, slots=True)
class VerifyLog:
    """Recomputes records, chains, trees and signatures, and compares the database with the object store.

    Reads in batches, so that memory does not grow with the log. A running installation may go on writing.
    """

    inventory: AuditInventory
    archive: CheckpointArchive
    signer: Signer
    batch: int = BATCH

    async def __call__(self, tenant_id: str | None = None) -> Report:
        """Verify the log of `tenant_id`, or those of all tenants; a tenant's check ends at its first finding."""
        tenants = {tenant_id} if tenant_id else await self.inventory.tenants() | await self.archive.tenants()
        report = Report()
        for name in sorted(tenants):
            report += await self._verify(name)
        return report

    async def _verify(self, tenant_id: str) -> Report:
        progress = Progress(Trail(tenant_id))
        if not TENANT_ID.fullmatch(tenant_id):
            return progress.report(progress.finding(Rule.TENANT_INVALID, 1))
        finding = await self._check_rows(progress) or await self._check_copies(progress)
        if finding is None:
            finding = await self._walk(progress, None, None)
        return progress.report(finding)

    async def _check_rows(self, progress: Progress) -> Finding | None:
        async with aclosing(ahead(self._rows(progress.trail.tenant_id), self._evidence, COPIES_AHEAD)) as all_evidence:
            async for row, evidence in all_evidence:
                finding = await self._check_segment(progress, evidence)
                if finding:
                    return finding
                progress.pass_checkpoint(row)
        return None

    async def _check_copies(self, progress: Progress) -> Finding | None:
        """Look for copies whose row is gone: whoever cut the log in the database did not reach them."""
        tenant_id, sealed = progress.trail.tenant_id, progress.trail.tree.size
        size = await self._first_copy_without_row(tenant_id)
        if size is None:
            return None
        if size <= sealed:
            return progress.finding(Rule.COPY_UNKNOWN, size)
        copy = await self.archive.read(tenant_id, size)
        return await self._check_segment(progress, Evidence(None, None, copy, self._stated_by(copy)))

    async def _check_segment(self, progress: Progress, evidence: Evidence) -> Finding | None:
        """Check the records that one checkpoint seals, then the checkpoint: a bad record is the better name."""
        start, leaves = progress.trail.tree.size, evidence.sealed_leaves(progress.trail)
        broken = evidence.broken_rule(progress.trail)
        if leaves is not None:
            finding = await self._walk(progress, start + len(leaves), leaves)
        elif broken in (Rule.COPY_MISSING, Rule.COPY_CHANGED):
            finding = await self._walk_alone(progress, evidence)
        else:
            finding = None
        if finding is None and broken:
            missing_key = evidence.missing_key if broken is Rule.KEY_MISSING else None
            finding = progress.finding(broken, start + 1, missing_key)
        return finding

    async def _walk_alone(self, progress: Progress, evidence: Evidence) -> Finding | None:
        """Check records against a signed root only: a replaced record cannot be told from its neighbours then."""
        assert evidence.row_states is not None
        finding = await self._walk(progress, evidence.row_states.size, None)
        if finding is None and progress.walked.root != evidence.row_states.root:
            finding = progress.finding(Rule.ROOT_DIFFERS, progress.trail.tree.size + 1)
        return finding

    async def _walk(self, progress: Progress, until: int | None, leaves: tuple[bytes, ...] | None) -> Finding | None:
        """Check the records up to position `until`, or to the end, against the sealed `leaves` where there are any."""
        start = progress.position
        while until is None or progress.position < until:
            limit = self.batch if until is None else min(self.batch, until - progress.position)
            page = await self.inventory.records(progress.trail.tenant_id, progress.position or None, limit)
            if not page:
                return progress.finding(Rule.RECORD_MISSING, progress.position + 1) if until else None
            finding = progress.accept(page, leaves[progress.position - start :] if leaves else None)
            if finding:
                return finding
        return None

    async def _first_copy_without_row(self, tenant_id: str) -> int | None:
        found: set[int] = set()
        async for sizes in batches(self.archive.sizes(tenant_id), self.batch):
            found |= set(sizes) - await self.inventory.checkpoint_sizes(tenant_id, sizes)
            found = {min(found)} if found else found
        return min(found, default=None)

    async def _rows(self, tenant_id: str) -> AsyncIterator[SignedCheckpoint]:
        after: int | None = None
        while page := await self.inventory.checkpoints(tenant_id, after, self.batch):
            for row in page:
                yield row
            after = page[-1].checkpoint.number

    async def _evidence(self, row: SignedCheckpoint) -> Evidence:
        states = self._stated(row.signature)
        copy = await self.archive.read(row.checkpoint.tenant_id, (states or row.checkpoint).size)
        return Evidence(row, states, copy, self._stated_by(copy), self.signer.missing_key(row.signature))

    def _stated_by(self, copy: CheckpointCopy | None) -> Checkpoint | None:
        return self._stated(copy.signature) if copy else None

    def _stated(self, signature: str) -> Checkpoint | None:
        statement = self.signer.statement_of(signature)
        return Checkpoint.of_statement(statement) if statement else None
