"""Take a delivery as complete and have it checked."""

import asyncio
from dataclasses import asdict, dataclass

from aktenfluss.contracts.scans import DeliveryReceived
from aktenfluss.delivery import InvalidDeliveryError, read_delivery
from aktenfluss.kernel import Digest, Principal

from ..domain.completeness import missing_contents, size_findings
from ..domain.delivery import Delivery, DeliveryState, Manifest
from ..domain.errors import ContentsMissingError
from ..domain.ports import Documents, ScansUnitOfWork


@dataclass(frozen=True, slots=True)
class CompleteDelivery:
    """Begin the check of a delivery, once; completing it again changes nothing."""

    units: ScansUnitOfWork
    documents: Documents

    async def __call__(self, principal: Principal, delivery_id: Digest, *, accept_missing: bool) -> DeliveryState:
        """Return the state after.

        Raises DeliveryNotFoundError, DeliverySupersededError, InvalidDeliveryError where the contents do not add up to
        Payload-Oxum, and ContentsMissingError unless `accept_missing`.
        """
        async with self.units.begin(principal) as tx:
            delivery = await tx.deliveries.read(delivery_id)
            manifest = await tx.deliveries.manifest(delivery_id)
        if delivery.state is not DeliveryState.UPLOADING:
            return delivery.state
        await self._check_completeness(principal, manifest, accept_missing=accept_missing)
        return await self._receive(principal, delivery_id)

    async def _check_completeness(self, principal: Principal, manifest: Manifest, *, accept_missing: bool) -> None:
        bag = await asyncio.to_thread(read_delivery, manifest.tag_files, manifest.index)
        sizes = await self.documents.sizes(principal, set(bag.contents.values()))
        missing = missing_contents(bag, sizes)
        if missing and not accept_missing:
            raise ContentsMissingError(
                f"{len(missing)} contents are missing", missing=[asdict(content) for content in missing]
            )
        if not missing and (findings := size_findings(bag, sizes)):
            raise InvalidDeliveryError(findings)

    async def _receive(self, principal: Principal, delivery_id: Digest) -> DeliveryState:
        async with self.units.begin(principal) as tx:
            delivery: Delivery = await tx.deliveries.lock(delivery_id)
            if delivery.state is not DeliveryState.UPLOADING:
                return delivery.state  # another request was faster
            delivery.complete()
            await tx.deliveries.save(delivery)
            await tx.defer_check(delivery_id)
            tx.publish(
                DeliveryReceived(delivery=delivery_id), key=delivery_id, subject=delivery_id, version=delivery.version
            )
            return delivery.state
