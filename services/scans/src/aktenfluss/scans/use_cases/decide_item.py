"""Decide about one item of a delivery, once, in a transaction of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aktenfluss.contracts.scans import AcceptedDocument, DeliveryItemDecided, ItemAccepted, ItemRejected
from aktenfluss.delivery import Finding
from aktenfluss.kernel import EventData, Principal

from ..domain.delivery import DeliveryItem, Outcome
from ..domain.order_item import OrderItem
from ..domain.parcel import Parcel
from ..domain.ports import Documents, ScansTransaction, ScansUnitOfWork


@dataclass(frozen=True, slots=True)
class DecideItem:
    """Accept, reject or leave an item; what was decided before, by a run that was killed, stays decided."""

    units: ScansUnitOfWork
    documents: Documents

    async def refuse_unknown(self, principal: Principal, parcel: Parcel) -> None:
        """Reject an item that is not on the delivery's order."""
        async with self.units.begin(principal) as tx, _undecided(tx, parcel) as entry:
            if entry is not None:
                parcel.decide_unknown(entry)
                await _tell_apart(tx, entry, parcel)

    async def compare(self, principal: Principal, parcel: Parcel) -> bool:
        """Decide about an item whose documents were accepted before; return False where the case file refused them."""
        async with self.units.begin(principal) as tx, _undecided(tx, parcel) as entry:
            if entry is None:
                return True
            item = await tx.order_items.lock(parcel.item_id)
            if item.settled:
                parcel.decide_settled(entry, item)
                await _tell_apart(tx, entry, parcel)
            return item.settled

    async def reject(self, principal: Principal, parcel: Parcel, findings: list[Finding]) -> None:
        """Reject an item because of `findings`."""
        async with self.units.begin(principal) as tx, _undecided(tx, parcel) as entry:
            if entry is None:
                return
            item = await tx.order_items.lock(parcel.item_id)
            parcel.reject(entry, findings)
            if item.settled:
                await _tell_apart(tx, entry, parcel)
                return  # another delivery was faster: its documents stay accepted
            item.reject(parcel.delivery_id, [finding.rule for finding in findings])
            await _tell(tx, item, _rejected(item, parcel))

    async def accept(self, principal: Principal, parcel: Parcel) -> None:
        """Have the documents stored, then accept the item."""
        # The key makes a run after a kill get the same documents again instead of new ones.
        documents = await self.documents.store(principal, parcel.scans, key=f"{parcel.delivery_id}:{parcel.item_id}")
        async with self.units.begin(principal) as tx, _undecided(tx, parcel) as entry:
            if entry is None:
                return
            item = await tx.order_items.lock(parcel.item_id)
            if item.settled:
                parcel.decide_settled(entry, item)
                await _tell_apart(tx, entry, parcel)
                return
            entry.outcome = Outcome.ACCEPTED
            item.accept(parcel.delivery_id, parcel.fingerprint)
            await _tell(tx, item, _accepted(item, parcel, documents))


@asynccontextmanager
async def _undecided(tx: ScansTransaction, parcel: Parcel) -> AsyncIterator[DeliveryItem | None]:
    """Lend the item of the delivery and keep its decision; None where it is decided."""
    entry = await tx.deliveries.lock_item(parcel.delivery_id, parcel.item_id)
    if entry.outcome is not Outcome.PENDING:
        yield None
        return
    yield entry
    await tx.deliveries.save_item(parcel.delivery_id, entry)


async def _tell(tx: ScansTransaction, item: OrderItem, fact: EventData) -> None:
    await tx.order_items.save(item)
    tx.publish(fact, key=item.case_file_id, subject=item.id, version=item.version)


async def _tell_apart(tx: ScansTransaction, entry: DeliveryItem, parcel: Parcel) -> None:
    """Publish a decision that does not touch the order item."""
    delivery = await tx.deliveries.read(parcel.delivery_id)
    rules = sorted({finding.rule for finding in entry.findings})
    fact = DeliveryItemDecided(delivery=delivery.id, order_item_id=entry.item_id, rules=rules)
    tx.publish(fact, key=delivery.id, subject=delivery.id, version=delivery.version)


def _accepted(item: OrderItem, parcel: Parcel, documents: Sequence[AcceptedDocument]) -> ItemAccepted:
    return ItemAccepted(
        scan_order_id=item.scan_order_id,
        order_item_id=item.id,
        case_file_id=item.case_file_id,
        delivery=parcel.delivery_id,
        documents=list(documents),
    )


def _rejected(item: OrderItem, parcel: Parcel) -> ItemRejected:
    return ItemRejected(
        scan_order_id=item.scan_order_id,
        order_item_id=item.id,
        case_file_id=item.case_file_id,
        delivery=parcel.delivery_id,
        rules=item.rules,
    )
