"""Verify the log of the caller's own authority."""

from dataclasses import dataclass

from aktenfluss.contracts.audit import AuditLogVerified
from aktenfluss.kernel import Principal

from ..domain.finding import Report
from ..domain.ports import ReadLog
from .list_checkpoints import CHAIN
from .verify_log import VerifyLog


@dataclass(frozen=True, slots=True)
class VerifyOwnLog:
    """Verifies one tenant's log for somebody who belongs to it; the result is told."""

    verify: VerifyLog
    reads: ReadLog

    async def __call__(self, principal: Principal) -> Report:
        report = await self.verify(principal.tenant_id)
        bad = report.first_bad
        verified = AuditLogVerified(
            record_count=report.records,
            unsealed_count=report.unsealed,
            rule=bad.rule if bad else None,
            position=bad.position if bad else None,
        )
        await self.reads.record(principal, verified, key=CHAIN, subject=CHAIN, version=0)
        return report
