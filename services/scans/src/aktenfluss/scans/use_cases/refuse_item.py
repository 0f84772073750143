"""Take back the acceptance of an item whose documents could not be filed."""

from dataclasses import dataclass

from aktenfluss.contracts.scans import ItemRejected
from aktenfluss.kernel import Principal

from ..domain.order_item import ItemState
from ..domain.ports import ScansUnitOfWork


@dataclass(frozen=True, slots=True)
class RefuseItem:
    """Reject an accepted item with the rule that the case file gave; the same answer again changes nothing."""

    units: ScansUnitOfWork

    async def __call__(self, principal: Principal, item_id: str, rule: str) -> None:
        """Raise OrderItemNotFoundError, or OrderItemStateError for an item that was not accepted."""
        async with self.units.begin(principal) as tx:
            item = await tx.order_items.lock(item_id)
            if item.state is ItemState.REJECTED:
                return
            item.refuse(rule)
            await tx.order_items.save(item)
            assert item.delivery is not None  # an accepted item came with one
            fact = ItemRejected(
                scan_order_id=item.scan_order_id,
                order_item_id=item.id,
                case_file_id=item.case_file_id,
                delivery=item.delivery,
                rules=item.rules,
            )
            tx.publish(fact, key=item.case_file_id, subject=item.id, version=item.version)
