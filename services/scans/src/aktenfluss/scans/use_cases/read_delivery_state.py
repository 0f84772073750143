"""Tell a contractor how far a delivery is and what it still lacks."""

import asyncio
from dataclasses import dataclass

from aktenfluss.delivery import read_delivery
from aktenfluss.kernel import Digest, Principal

from ..domain.completeness import missing_contents
from ..domain.delivery import DeliveryState
from ..domain.ports import Documents, ScanQueries, ScansUnitOfWork
from ..domain.views import DeliveryView, MissingContent


@dataclass(frozen=True, slots=True)
class ReadDeliveryState:
    """Read a delivery; while it is being uploaded, ask which of its contents are stored."""

    units: ScansUnitOfWork
    queries: ScanQueries
    documents: Documents

    async def __call__(self, principal: Principal, delivery_id: Digest) -> tuple[DeliveryView, list[MissingContent]]:
        """Return the delivery and what is missing; raises DeliveryNotFoundError."""
        view = await self.queries.delivery(principal, delivery_id)
        if view.delivery.state is not DeliveryState.UPLOADING:
            return view, []
        async with self.units.begin(principal) as tx:
            manifest = await tx.deliveries.manifest(delivery_id)
        bag = await asyncio.to_thread(read_delivery, manifest.tag_files, manifest.index)
        sizes = await self.documents.sizes(principal, set(bag.contents.values()))
        return view, missing_contents(bag, sizes)
