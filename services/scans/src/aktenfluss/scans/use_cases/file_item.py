"""Mark an item as filed, and its order as reconciled with the last one."""

from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.scans import ItemFiled, OrderReconciled
from aktenfluss.kernel import Principal

from ..domain.order_item import ItemState
from ..domain.ports import ScansTransaction, ScansUnitOfWork


@dataclass(frozen=True, slots=True)
class FileItem:
    """Take the case file's word that the documents of an item are in it; the same word again changes nothing."""

    units: ScansUnitOfWork

    async def __call__(self, principal: Principal, item_id: str) -> None:
        """Raise OrderItemNotFoundError, or OrderItemStateError for an item that was not accepted."""
        async with self.units.begin(principal) as tx:
            item = await tx.order_items.lock(item_id)
            if item.state is ItemState.FILED:
                return
            item.file()
            await tx.order_items.save(item)
            fact = ItemFiled(scan_order_id=item.scan_order_id, order_item_id=item.id, case_file_id=item.case_file_id)
            tx.publish(fact, key=item.case_file_id, subject=item.id, version=item.version)
            await _count(tx, item.scan_order_id)


async def _count(tx: ScansTransaction, order_id: UUID) -> None:
    order = await tx.scan_orders.lock(order_id)
    order.count_filed()
    await tx.scan_orders.save(order)
    if order.reconciled:
        fact = OrderReconciled(scan_order_id=order.id, filed_count=order.filed_count)
        tx.publish(fact, key=order.id, subject=order.id, version=order.version)
