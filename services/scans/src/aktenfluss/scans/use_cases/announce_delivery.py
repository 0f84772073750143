"""Announce a delivery: its manifest is judged and kept, and the contractor learns what to upload."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.scans import DeliveryAnnounced
from aktenfluss.delivery import Delivery as Bag
from aktenfluss.delivery import read_delivery
from aktenfluss.kernel import Clock, Digest, Principal

from ..domain.delivery import Delivery, DeliveryItem, Manifest
from ..domain.errors import (
    DeliveryDigestMismatchError,
    DeliveryNotFoundError,
    UnknownScanOrderError,
    UnknownSupersededDeliveryError,
)
from ..domain.ports import ScansTransaction, ScansUnitOfWork


@dataclass(frozen=True, slots=True)
class AnnounceDelivery:
    """Keep the manifest of a delivery; announcing it again changes nothing."""

    units: ScansUnitOfWork
    clock: Clock

    async def __call__(self, principal: Principal, delivery_id: Digest, manifest: Manifest) -> bool:
        """Return whether the delivery is new.

        Raises InvalidDeliveryError with all findings, DeliveryDigestMismatchError, UnknownScanOrderError and
        UnknownSupersededDeliveryError; nothing is stored then.
        """
        # In a thread: the manifest of a full box takes long enough to keep other requests waiting.
        bag = await asyncio.to_thread(read_delivery, manifest.tag_files, manifest.index)
        if bag.id != delivery_id:
            raise DeliveryDigestMismatchError("the address names another delivery than the body", digest=bag.id)
        delivery = Delivery(
            id=bag.id,
            scan_order_id=_order_id(bag),
            box=bag.info.external_identifier,
            revision=bag.info.delivery_revision,
            supersedes=bag.info.supersedes,
            announced_at=self.clock.now(),
        )
        async with self.units.begin(principal) as tx:
            return await _add(tx, delivery, manifest, bag)


def _order_id(bag: Bag) -> UUID:
    try:
        return UUID(bag.info.scan_order_id)
    except ValueError as exc:
        raise _unknown_order(bag.info.scan_order_id) from exc


def _unknown_order(order_id: object) -> UnknownScanOrderError:
    return UnknownScanOrderError(f"there is no scan order {order_id}", scan_order_id=str(order_id))


async def _add(tx: ScansTransaction, delivery: Delivery, manifest: Manifest, bag: Bag) -> bool:
    if not await tx.scan_orders.exists(delivery.scan_order_id):
        raise _unknown_order(delivery.scan_order_id)
    if not await tx.deliveries.add(delivery, manifest, _items(bag)):
        return False
    if delivery.supersedes is not None:
        await _supersede(tx, delivery, delivery.supersedes)
    tx.publish(
        DeliveryAnnounced(delivery=delivery.id, content_count=len(bag.contents)),
        key=delivery.id,
        subject=delivery.id,
        version=delivery.version,
    )
    return True


async def _supersede(tx: ScansTransaction, delivery: Delivery, former_id: Digest) -> None:
    unknown = UnknownSupersededDeliveryError(f"no delivery {former_id} of this order", supersedes=former_id)
    try:
        former = await tx.deliveries.lock(former_id)
    except DeliveryNotFoundError as exc:
        raise unknown from exc
    if former.scan_order_id != delivery.scan_order_id:
        raise unknown
    former.give_way_to(delivery.id)
    await tx.deliveries.save(former)


def _items(bag: Bag) -> list[DeliveryItem]:
    return [
        DeliveryItem(item_id, len(rows), sum(row.page_count for row in rows))
        for item_id, rows in bag.index.documents.items()
    ]
