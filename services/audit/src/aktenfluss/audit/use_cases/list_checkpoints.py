"""List the checkpoints of an authority's log."""

from dataclasses import dataclass

from aktenfluss.contracts.audit import AuditCheckpointsListed
from aktenfluss.kernel import Principal

from ..domain.checkpoint import SignedCheckpoint
from ..domain.ports import AuditQueries, ReadLog

CHAIN = "audit-log"
"""Key of the events that concern the log as a whole."""


@dataclass(frozen=True, slots=True)
class ListCheckpoints:
    """Returns a part of the checkpoints, the newest first, and whether they go on; the list itself is told."""

    queries: AuditQueries
    reads: ReadLog

    async def __call__(self, principal: Principal, before: int, limit: int) -> tuple[list[SignedCheckpoint], bool]:
        """Return at most `limit` checkpoints with a number below `before`."""
        found = await self.queries.checkpoints(principal, before, limit + 1)
        shown = found[:limit]
        listed = AuditCheckpointsListed(result_count=len(shown))
        await self.reads.record(principal, listed, key=CHAIN, subject=CHAIN, version=0)
        return shown, len(found) > limit
