"""List the checkpoints of an authority's log."""

from collections.abc import Sequence
from dataclasses import dataclass

from aktenfluss.contracts.audit import AuditCheckpointsListed
from aktenfluss.kernel import Principal

from ..domain.checkpoint import SignedCheckpoint
from ..domain.ports import AuditQueries, ReadLog

CHAIN = "audit-log"
"""Key of the events that concern the log as a whole."""


@dataclass(frozen=True, slots=True)
class ListCheckpoints:
    """Lists checkpoints, the newest first; the list itself is told."""

    queries: AuditQueries
    reads: ReadLog

    async def __call__(self, principal: Principal, before: int, limit: int) -> Sequence[SignedCheckpoint]:
        """Return at most `limit` checkpoints with a number below `before`."""
        found = await self.queries.checkpoints(principal, before, limit)
        listed = AuditCheckpointsListed(result_count=len(found))
        await self.reads.record(principal, listed, key=CHAIN, subject=CHAIN, version=0)
        return found
