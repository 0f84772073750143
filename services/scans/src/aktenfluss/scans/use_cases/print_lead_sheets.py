"""Print the lead sheets of a scan order."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aktenfluss.contracts.scans import LeadSheetsPrinted
from aktenfluss.kernel import Principal

from ..domain.lead_sheet import LeadSheet
from ..domain.ports import LeadSheetPrinter, ReadLog, ScanQueries
from ..domain.views import OrderView

BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class PrintLeadSheets:
    """Print one sheet for each item of an order."""

    queries: ScanQueries
    reads: ReadLog
    printer: LeadSheetPrinter

    async def __call__(self, principal: Principal, order_id: UUID) -> AsyncIterator[bytes]:
        """Return the pieces of a PDF, once it is recorded who prints; raises ScanOrderNotFoundError."""
        order = await self.queries.order(principal, order_id)
        fact = LeadSheetsPrinted(scan_order_id=order.id, item_count=order.item_count)
        await self.reads.record(principal, fact, key=order.id, subject=order.id, version=order.version)
        return self.printer.print(self._batches(principal, order))

    async def _batches(self, principal: Principal, order: OrderView) -> AsyncIterator[Sequence[LeadSheet]]:
        after = ""
        while items := await self.queries.items(principal, order.id, state=None, after=after, limit=BATCH):
            yield [LeadSheet(item.id, order.number, order.name) for item in items]
            after = items[-1].id
