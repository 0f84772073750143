"""Read the records of one chain: what was done and read in a case file, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass

from aktenfluss.contracts.audit import AuditRecordsRead
from aktenfluss.kernel import Principal

from ..domain.ports import AuditQueries, ReadLog
from ..domain.record import AuditRecord


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """Where a reader of the chain `key` is: behind sequence `after`, on the way to `until`.

    `until` is where the chain ended when he began. Reading adds a record to the chain, so he would never arrive at
    its end otherwise.
    """

    key: str
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class ChainPage:
    """Some records, and where the next page begins, None behind the last."""

    records: Sequence[AuditRecord]
    next: ChainPlace | None


@dataclass(frozen=True, slots=True)
class ReadRecords:
    """Reads records of the caller's authority in the order of their chain; the read itself is told."""

    queries: AuditQueries
    reads: ReadLog

    async def start(self, principal: Principal, key: str) -> ChainPlace:
        """Return the beginning of the chain `key`, to be read as far as it goes now."""
        return ChainPlace(key, 0, await self.queries.chain_length(principal, key))

    async def __call__(self, principal: Principal, place: ChainPlace, limit: int) -> ChainPage:
        records = await self.queries.chain(principal, place.key, place.after, place.until, limit)
        read = AuditRecordsRead(chain=place.key, result_count=len(records))
        await self.reads.record(principal, read, key=place.key, subject=place.key, version=0)
        if len(records) < limit or records[-1].chain_seq >= place.until:
            return ChainPage(records, None)
        return ChainPage(records, ChainPlace(place.key, records[-1].chain_seq, place.until))
