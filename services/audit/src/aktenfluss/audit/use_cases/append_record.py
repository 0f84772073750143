"""Append an event to the audit log."""

from dataclasses import dataclass

from aktenfluss.kernel import Event, Principal

from ..domain.ports import AuditUnitOfWork, RecordLog


@dataclass(frozen=True, slots=True)
class AppendRecord:
    """Appends the record of an event behind all others of its tenant; an event that is in the log stays there once.

    No lock is taken: two writers who find the same end try the same position, the second waits for the first and
    looks again. So positions have no gaps and become visible in their order.
    """

    units: AuditUnitOfWork

    async def __call__(self, event: Event) -> None:
        principal = Principal.service("audit", event.tenant_id, event.correlation_id)
        async with self.units.begin(principal) as tx:
            while not await self._is_appended(tx.records, event):
                pass

    async def _is_appended(self, records: RecordLog, event: Event) -> bool:
        head = await records.head(event.key)
        return await records.append(head.append(event)) or await records.has_event(event.id)
