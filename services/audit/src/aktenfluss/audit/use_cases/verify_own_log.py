"""Verify the log of the caller's own authority."""

import asyncio
from dataclasses import dataclass, field

from aktenfluss.contracts.audit import AuditLogVerified
from aktenfluss.kernel import Principal

from ..domain.finding import Report
from ..domain.ports import ReadLog
from .list_checkpoints import CHAIN
from .verify_log import VerifyLog


@dataclass(frozen=True, slots=True)
class VerifyOwnLog:
    """Verifies one tenant's log for somebody who belongs to it; the result is told.

    A verification reads the whole log, so of each tenant one runs at a time: who asks meanwhile, perhaps again because
    waiting took too long, gets the report of the one that runs.
    """

    verify: VerifyLog
    reads: ReadLog
    running: dict[str, asyncio.Task[Report]] = field(default_factory=dict)

    async def __call__(self, principal: Principal) -> Report:
        report = await self._shared(principal.tenant_id)
        bad = report.first_bad
        verified = AuditLogVerified(
            record_count=report.records,
            unsealed_count=report.unsealed,
            rule=bad.rule if bad else None,
            position=bad.position if bad else None,
        )
        await self.reads.record(principal, verified, key=CHAIN, subject=CHAIN, version=0)
        return report

    async def _shared(self, tenant_id: str) -> Report:
        if tenant_id not in self.running:
            self.running[tenant_id] = asyncio.create_task(self.verify(tenant_id))
            self.running[tenant_id].add_done_callback(lambda _: self.running.pop(tenant_id))
        # Shielded, so that nobody who leaves ends it for the others.
        return await asyncio.shield(self.running[tenant_id])
