"""What is stored comes back whole, to its authority only, and one at a time."""

import asyncio
from datetime import UTC, datetime

import pytest

from aktenfluss.delivery import Finding, is_order_item_id, order_item_id
from aktenfluss.kernel import Principal, digest_of, new_id
from aktenfluss.scans.adapters.queries import SqlScanQueries
from aktenfluss.scans.adapters.unit_of_work import SqlScansUnitOfWork
from aktenfluss.scans.domain.delivery import Delivery, DeliveryItem, DeliveryState, Manifest, Outcome
from aktenfluss.scans.domain.errors import (
    CaseFilesAlreadyOrderedError,
    DeliveryNotFoundError,
    OrderItemNotFoundError,
    ScanOrderNotFoundError,
)
from aktenfluss.scans.domain.order_item import ItemState
from aktenfluss.scans.domain.ports import OrderedCaseFile
from aktenfluss.scans.domain.scan_order import ScanOrder

OFFENBACH, HANAU = (Principal.service("scans", tenant) for tenant in ("offenbach", "hanau"))
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DIGEST = digest_of(b"delivery")
MANIFEST = Manifest({"bagit.txt": "ä\r\n"}, "file_id;volume\n")


@pytest.fixture
def units(scans):
    return SqlScansUnitOfWork(scans.database)


def ordered(*numbers: str) -> list[OrderedCaseFile]:
    return [OrderedCaseFile(new_id(), number) for number in numbers]


async def open_order(units, case_files, principal=OFFENBACH) -> ScanOrder:
    order = ScanOrder.open("Karton", len(case_files), NOW)
    async with units.begin(principal) as tx:
        await tx.scan_orders.add(order)
        await tx.order_items.add(order.id, case_files)
    return order


async def item_ids(scans, order, principal=OFFENBACH) -> list[str]:
    found = await SqlScanQueries(scans.database).items(principal, order.id, state=None, after="", limit=200)
    return [item.id for item in found]


async def add_delivery(units, order, delivery_id=DIGEST, items=()) -> bool:
    delivery = Delivery(delivery_id, order.id, "BOX-0001", 1, None, NOW)
    async with units.begin(OFFENBACH) as tx:
        return await tx.deliveries.add(delivery, MANIFEST, items)


async def test_an_order_is_counted_and_comes_back(units):
    first, second = [await open_order(units, ordered(name)) for name in ("A 1", "A 2")]

    assert second.number > first.number > 0
    async with units.begin(OFFENBACH) as tx:
        assert await tx.scan_orders.lock(first.id) == first
        assert await tx.scan_orders.exists(second.id)


async def test_a_changed_order_is_kept(units):
    order = await open_order(units, ordered("A 1"))
    async with units.begin(OFFENBACH) as tx:
        order.count_filed()
        await tx.scan_orders.save(order)
    async with units.begin(OFFENBACH) as tx:
        assert await tx.scan_orders.lock(order.id) == order


async def test_items_begin_as_listed(units, scans):
    case_files = ordered("A 1", "A 2")
    order = await open_order(units, case_files)
    ids = await item_ids(scans, order)

    async with units.begin(OFFENBACH) as tx:
        items = [await tx.order_items.lock(item_id) for item_id in ids]
    assert all(map(is_order_item_id, ids))
    assert {item.state for item in items} == {ItemState.LISTED}
    assert {item.case_file_id for item in items} == {case_file.case_file_id for case_file in case_files}
    assert [(item.delivery, item.fingerprint, item.rules, item.version) for item in items] == [(None, None, [], 1)] * 2


@pytest.mark.parametrize("step", ["accept", "reject"])
async def test_a_changed_item_is_kept(units, scans, step):
    order = await open_order(units, ordered("A 1"))
    [item_id] = await item_ids(scans, order)
    async with units.begin(OFFENBACH) as tx:
        item = await tx.order_items.lock(item_id)
        if step == "accept":
            item.accept(DIGEST, digest_of(b"documents"))
        else:
            item.reject(DIGEST, ["pdf-bomb"])
        await tx.order_items.save(item)
    async with units.begin(OFFENBACH) as tx:
        assert await tx.order_items.lock(item_id) == item


async def test_only_items_of_the_order_are_found_on_it(units, scans):
    orders = [await open_order(units, ordered(name)) for name in ("A 1", "A 2")]
    ids = [item_id for order in orders for item_id in await item_ids(scans, order)]

    async with units.begin(OFFENBACH) as tx:
        found = await tx.order_items.on_order(orders[0].id, [*ids, order_item_id(1)])
    assert list(found) == ids[:1]


async def test_of_two_orders_at_once_one_gets_the_case_file(units):
    case_files = ordered("A 1")
    answers = await asyncio.gather(*(open_order(units, case_files) for _ in range(5)), return_exceptions=True)

    refused = [answer for answer in answers if isinstance(answer, CaseFilesAlreadyOrderedError)]
    assert len(refused) == 4
    assert refused[0].members == {"file_numbers": ["A 1"]}


async def test_a_filed_case_file_may_be_ordered_again(units, scans):
    case_files = ordered("A 1")
    order = await open_order(units, case_files)
    async with units.begin(OFFENBACH) as tx:
        item = await tx.order_items.lock((await item_ids(scans, order))[0])
        item.accept(DIGEST, DIGEST)
        item.file()
        await tx.order_items.save(item)

    assert (await open_order(units, case_files)).number > order.number


async def test_the_same_case_file_number_at_another_authority_is_another(units):
    case_files = ordered("A 1")
    await open_order(units, case_files)

    assert await open_order(units, case_files, HANAU)


async def test_a_delivery_comes_back_with_its_manifest_and_items(units):
    order = await open_order(units, ordered("A 1"))
    items = [DeliveryItem(order_item_id(2), 3, 9), DeliveryItem(order_item_id(1), 1, 2)]
    assert await add_delivery(units, order, items=items)

    async with units.begin(OFFENBACH) as tx:
        assert await tx.deliveries.read(DIGEST) == Delivery(DIGEST, order.id, "BOX-0001", 1, None, NOW)
        assert await tx.deliveries.manifest(DIGEST) == MANIFEST
        assert await tx.deliveries.items(DIGEST) == items[::-1]


async def test_a_delivery_is_stored_once_also_at_the_same_time(units):
    order = await open_order(units, ordered("A 1"))
    items = [DeliveryItem(order_item_id(1), 1, 2)]

    added = await asyncio.gather(*(add_delivery(units, order, items=items) for _ in range(4)))

    assert sorted(added) == [False, False, False, True]


async def test_a_changed_delivery_is_kept(units):
    order = await open_order(units, ordered("A 1"))
    await add_delivery(units, order)
    async with units.begin(OFFENBACH) as tx:
        delivery = await tx.deliveries.lock(DIGEST)
        delivery.complete()
        delivery.give_way_to(digest_of(b"revision"))
        await tx.deliveries.save(delivery)
    async with units.begin(OFFENBACH) as tx:
        assert await tx.deliveries.lock(DIGEST) == delivery
    assert (delivery.state, delivery.version) == (DeliveryState.RECEIVED, 3)


async def test_a_decision_is_kept_with_its_findings(units):
    order = await open_order(units, ordered("A 1"))
    item_id = order_item_id(1)
    await add_delivery(units, order, items=[DeliveryItem(item_id, 1, 2)])
    async with units.begin(OFFENBACH) as tx:
        entry = await tx.deliveries.lock_item(DIGEST, item_id)
        entry.outcome = Outcome.REJECTED
        entry.findings = [Finding("pdf-bomb", "data/ä.pdf", item_id, "detail", "way out")]
        await tx.deliveries.save_item(DIGEST, entry)
    async with units.begin(OFFENBACH) as tx:
        assert await tx.deliveries.items(DIGEST) == [entry]


async def test_nothing_is_seen_by_another_authority(units, scans):
    order = await open_order(units, ordered("A 1"))
    [item_id] = await item_ids(scans, order)
    await add_delivery(units, order, items=[DeliveryItem(item_id, 1, 2)])

    async with units.begin(HANAU) as tx:
        assert not await tx.scan_orders.exists(order.id)
        assert await tx.order_items.on_order(order.id, [item_id]) == {}
        assert await tx.deliveries.items(DIGEST) == []
        for lock, key, problem in (
            (tx.scan_orders.lock, order.id, ScanOrderNotFoundError),
            (tx.order_items.lock, item_id, OrderItemNotFoundError),
            (tx.deliveries.lock, DIGEST, DeliveryNotFoundError),
            (tx.deliveries.read, DIGEST, DeliveryNotFoundError),
            (tx.deliveries.manifest, DIGEST, DeliveryNotFoundError),
        ):
            with pytest.raises(problem):
                await lock(key)


async def test_a_locked_item_is_waited_for(units, scans):
    order = await open_order(units, ordered("A 1"))
    [item_id] = await item_ids(scans, order)
    locked, order_of_events = asyncio.Event(), []

    async def first():
        async with units.begin(OFFENBACH) as tx:
            await tx.order_items.lock(item_id)
            locked.set()
            await asyncio.wait_for(waiting_for_a_lock(scans), 10)
            order_of_events.append("first")

    async def second():
        await locked.wait()
        async with units.begin(OFFENBACH) as tx:
            await tx.order_items.lock(item_id)
            order_of_events.append("second")

    await asyncio.gather(first(), second())

    assert order_of_events == ["first", "second"]


async def waiting_for_a_lock(scans) -> None:
    """Return when some transaction of the database waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with scans.database.session() as connection:
        while not await connection.fetchval(waiting):
            await asyncio.sleep(0)
