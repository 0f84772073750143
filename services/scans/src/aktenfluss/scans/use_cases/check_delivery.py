"""Check a delivery: every item is measured, judged and decided, whatever its neighbours are."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aktenfluss.contracts.scans import DeliveryChecked
from aktenfluss.delivery import read_delivery
from aktenfluss.kernel import Digest, Principal, Problem

from ..domain.delivery import DeliveryItem, DeliveryState, Outcome, findings_of
from ..domain.inspection import PdfFacts, Scan, judge
from ..domain.order_item import OrderItem
from ..domain.parcel import Parcel, parcels_of
from ..domain.ports import Documents, Inspector, ScansUnitOfWork
from .decide_item import DecideItem

ITEMS_AT_A_TIME: Final = 4
"""So that measuring one item, storing another and committing a third overlap."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do of a check."""

    parcels: list[Parcel]
    items: Mapping[str, OrderItem]


@dataclass(frozen=True, slots=True)
class CheckDelivery:
    """Check a received delivery.

    May be killed anywhere and run again: each item is decided in its own transaction, and a decided one is left alone.
    """

    units: ScansUnitOfWork
    documents: Documents
    inspector: Inspector
    decide: DecideItem

    async def __call__(self, principal: Principal, delivery_id: Digest) -> None:
        """Check what is undecided, then close the check.

        Raises the problem of a peer or store that does not answer, once all items are decided that can be.
        """
        plan = await self._plan(principal, delivery_id)
        if plan is None:
            return
        await self._check_parcels(principal, plan)
        await self._finish(principal, delivery_id)

    async def _plan(self, principal: Principal, delivery_id: Digest) -> Plan | None:
        async with self.units.begin(principal) as tx:
            delivery = await tx.deliveries.read(delivery_id)
            if delivery.state is not DeliveryState.RECEIVED:
                return None
            manifest = await tx.deliveries.manifest(delivery_id)
            entries = await tx.deliveries.items(delivery_id)
            items = await tx.order_items.on_order(delivery.scan_order_id, [entry.item_id for entry in entries])
        bag = await asyncio.to_thread(read_delivery, manifest.tag_files, manifest.index)
        sizes = await self.documents.sizes(principal, set(bag.contents.values()))
        undecided = {entry.item_id for entry in entries if entry.outcome is Outcome.PENDING}
        parcels = parcels_of(bag, delivery.scan_order_id, sizes)
        return Plan([parcel for parcel in parcels if parcel.item_id in undecided], items)

    async def _check_parcels(self, principal: Principal, plan: Plan) -> None:
        places = asyncio.Semaphore(ITEMS_AT_A_TIME)
        problems: list[Problem] = []

        async def check(parcel: Parcel) -> None:
            async with places:
                try:
                    await self._check_parcel(principal, parcel, plan.items.get(parcel.item_id))
                except Problem as problem:
                    problems.append(problem)

        async with asyncio.TaskGroup() as group:
            for parcel in plan.parcels:
                group.create_task(check(parcel))
        if problems:
            # One is enough: the job waits and does what is left.
            raise problems[0]

    async def _check_parcel(self, principal: Principal, parcel: Parcel, item: OrderItem | None) -> None:
        if item is None:
            await self.decide.refuse_unknown(principal, parcel)
        elif item.settled and await self.decide.compare(principal, parcel):
            return
        elif findings := judge(parcel.scans, await self._measure(principal, parcel.scans)):
            await self.decide.reject(principal, parcel, findings)
        else:
            await self.decide.accept(principal, parcel)

    async def _measure(self, principal: Principal, scans: Iterable[Scan]) -> Mapping[str, PdfFacts]:
        stored = [scan for scan in scans if scan.size_bytes is not None]
        measuring = [
            asyncio.ensure_future(self.inspector.inspect(principal, scan.content, with_codes=scan.leads))
            for scan in stored
        ]
        try:
            facts = await asyncio.gather(*measuring)
        finally:
            # Where one failed, the others would be measured for nobody.
            for task in measuring:
                task.cancel()
        return {scan.row.path: measured for scan, measured in zip(stored, facts, strict=True)}

    async def _finish(self, principal: Principal, delivery_id: Digest) -> None:
        async with self.units.begin(principal) as tx:
            delivery = await tx.deliveries.lock(delivery_id)
            if delivery.state is not DeliveryState.RECEIVED:
                return
            entries = await tx.deliveries.items(delivery_id)
            delivery.finish_check()
            await tx.deliveries.save(delivery)
            fact = _result(delivery_id, entries)
            tx.publish(fact, key=delivery_id, subject=delivery_id, version=delivery.version)


def _result(delivery_id: Digest, entries: list[DeliveryItem]) -> DeliveryChecked:
    outcomes = [entry.outcome for entry in entries]
    return DeliveryChecked(
        delivery=delivery_id,
        accepted_count=outcomes.count(Outcome.ACCEPTED) + outcomes.count(Outcome.UNCHANGED),
        rejected_count=outcomes.count(Outcome.REJECTED),
        finding_count=len(findings_of(entries)),
    )
