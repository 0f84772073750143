"""List the items of a scan order."""

from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.scans import OrderItemsListed
from aktenfluss.kernel import Principal

from ..domain.order_item import ItemState
from ..domain.ports import ReadLog, ScanQueries
from ..domain.views import ItemView


@dataclass(frozen=True, slots=True)
class ListOrderItems:
    """Tell people which case files are on an order; recorded, because the list has their file numbers."""

    queries: ScanQueries
    reads: ReadLog

    async def __call__(
        self, principal: Principal, order_id: UUID, *, state: ItemState | None, after: str, limit: int
    ) -> list[ItemView]:
        """Return `limit` items with ids above `after`, and one that is not shown where the list goes on.

        Raises ScanOrderNotFoundError.
        """
        found = await self.queries.items(principal, order_id, state=state, after=after, limit=limit + 1)
        fact = OrderItemsListed(scan_order_id=order_id, result_count=len(found[:limit]))
        await self.reads.record(principal, fact, key=order_id, subject=order_id, version=1)
        return found
