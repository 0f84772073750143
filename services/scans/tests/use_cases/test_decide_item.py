"""A decision is made once; whoever comes later finds it made."""

import pytest

from aktenfluss.delivery import read_delivery
from aktenfluss.kernel import digest_of
from aktenfluss.scans.adapters.peers import DocumentsPeer
from aktenfluss.scans.adapters.unit_of_work import SqlScansUnitOfWork
from aktenfluss.scans.domain.order_item import ItemState
from aktenfluss.scans.domain.parcel import parcels_of
from aktenfluss.scans.domain.rules import Rule
from aktenfluss.scans.use_cases.decide_item import DecideItem
from aktenfluss.testkit import named

from ..boxes import Box


@pytest.fixture
def units(scans):
    return SqlScansUnitOfWork(scans.database)


@pytest.fixture
async def parcel(open_order, push):
    """Push a box with one item that waits for its check; return the item's parcel."""
    order, items = await open_order()
    box = Box(order).put(items[0], (1, 1))
    bag = await push(box, wait=False)
    body = bag.body
    read = read_delivery(body["tag_files"], body["index"])
    [parcel] = parcels_of(read, order, dict.fromkeys(read.contents.values(), 1))
    return parcel


@pytest.fixture
def lock(units, service_principal):
    async def lock(parcel):
        async with units.begin(service_principal) as tx:
            item = await tx.order_items.lock(parcel.item_id)
            return item, await tx.deliveries.lock_item(parcel.delivery_id, parcel.item_id)

    return lock


@pytest.fixture
def decide(scans, units, service_principal):
    """Decide by one of the verbs."""
    decide = DecideItem(units, DocumentsPeer(scans.resources.peers))

    async def by(verb, parcel):
        match verb:
            case "accept":
                await decide.accept(service_principal, parcel)
            case "reject":
                finding = Rule.PDF_BOMB.found("data/a.pdf", "detail", parcel.item_id)
                await decide.reject(service_principal, parcel, [finding])
            case "compare":
                await decide.compare(service_principal, parcel)
            case "unknown":
                await decide.refuse_unknown(service_principal, parcel)

    return by


VERBS = ["accept", "reject", "compare", "unknown"]


@pytest.mark.parametrize("first", ["accept", "reject", "unknown"])
@pytest.mark.parametrize("second", VERBS)
async def test_the_first_decision_stands(parcel, decide, lock, scans, first, second):
    await decide(first, parcel)
    before = [await lock(parcel), await scans.events()]
    await decide(second, parcel)

    assert [await lock(parcel), await scans.events()] == before


@pytest.mark.parametrize(
    ("verb", "state", "outcome", "fact"),
    [
        ("accept", "accepted", "accepted", "item-accepted"),
        ("reject", "rejected", "rejected", "item-rejected"),
        ("unknown", "listed", "rejected", "delivery-item-decided"),
    ],
)
async def test_a_decision_moves_item_delivery_and_facts_together(
    parcel, decide, lock, scans, verb, state, outcome, fact
):
    await decide(verb, parcel)
    item, entry = await lock(parcel)

    assert (item.state, entry.outcome) == (state, outcome)
    assert [name for name in named(await scans.events()) if "item-" in name] == [fact]


@pytest.mark.parametrize(
    ("verb", "fingerprint", "outcome", "rules"),
    [
        ("accept", None, "unchanged", []),
        ("accept", "other", "rejected", ["item-already-filed"]),
        ("reject", None, "rejected", ["pdf-bomb"]),
        ("compare", None, "unchanged", []),
        ("compare", "other", "rejected", ["item-already-filed"]),
    ],
)
async def test_an_item_that_another_delivery_won_stays_as_it_is(
    parcel, decide, lock, units, scans, service_principal, verb, fingerprint, outcome, rules
):
    winner = digest_of(b"faster")
    async with units.begin(service_principal) as tx:
        item = await tx.order_items.lock(parcel.item_id)
        item.accept(winner, parcel.fingerprint if fingerprint is None else digest_of(fingerprint.encode()))
        await tx.order_items.save(item)
    await decide(verb, parcel)
    item, entry = await lock(parcel)

    assert (item.state, item.delivery, entry.outcome) == (ItemState.ACCEPTED, winner, outcome)
    [fact] = [event for event in await scans.events() if "item-" in event["type"]]
    assert (fact["key"], fact["subject"], fact["aggregate_version"]) == (parcel.delivery_id, parcel.delivery_id, 2)
    assert fact["payload"] == {"delivery": parcel.delivery_id, "order_item_id": parcel.item_id, "rules": rules}
