"""A running `scans` between two neighbours, its callers, and what most tests begin with."""

from itertools import count

import pytest

from aktenfluss.contracts.cases import EntriesFiled, FilingRefused
from aktenfluss.kernel import Event, Principal, new_id

from .boxes import Bag, Box
from .neighbours import Cases, Documents


@pytest.fixture
def neighbour_cases():
    return Cases()


@pytest.fixture
def documents(store):
    return Documents(store)


@pytest.fixture
async def scans(house, neighbour_cases, documents):
    house.peers.attach("cases", neighbour_cases.app)
    house.peers.attach("documents", documents.app)
    return await house.start("scans", inspection_workers=1)


@pytest.fixture
def caller(scans):
    """Make clients: `caller("clerk")`, `caller("clerk", tenant="hanau")`."""
    return scans.caller


@pytest.fixture
def manager(caller):
    return caller("records-manager")


@pytest.fixture
def contractor(caller):
    return caller("contractor")


@pytest.fixture
def stock(neighbour_cases):
    """Put case files on the shelf: `stock("A 1", "A 2")` returns their ids."""

    def put(*file_numbers, authority="064130"):
        new = {(authority, number): new_id() for number in file_numbers}
        neighbour_cases.case_files |= new
        return list(new.values())

    return put


@pytest.fixture
def open_order(manager, stock):
    """Open an order for so many new case files; return it with the ids of its items."""
    numbers = count(1)

    async def open_order(item_count=1, name="Karton 1"):
        file_numbers = [f"A {next(numbers)}/20" for _ in range(item_count)]
        stock(*file_numbers)
        response = await manager.post("/v1/scan-orders", json={"name": name, "file_numbers": file_numbers})
        assert response.status_code == 201, response.text
        order = response.json()
        listed = await manager.get(f"/v1/scan-orders/{order['id']}/items", params={"limit": 200})
        return order["id"], [item["id"] for item in listed.json()["items"]]

    return open_order


@pytest.fixture
def push(contractor, documents, scans, tmp_path):
    """Push a box: announce, upload all contents but those `without`, complete, check."""

    async def push(box: Box, without=(), *, wait=True) -> Bag:
        bag = box.pack(tmp_path / f"bag-{new_id()}")
        announced = await contractor.put(bag.url, json=bag.body)
        assert announced.status_code in (200, 201), announced.text
        for content in bag.contents():
            if content not in without:
                await documents.keep(content)
        done = await contractor.post(f"{bag.url}:complete", json={"accept_missing": bool(without)})
        assert done.status_code == 202, done.text
        if wait:
            await scans.drain()
        return bag

    return push


@pytest.fixture
def result_of(contractor):
    """Read outcomes by item and rules by item of a delivery."""

    async def read(bag):
        body = (await contractor.get(bag.url)).json()
        outcomes = {item["item"]: item["outcome"] for item in body["items"]}
        return body["state"], outcomes, [(finding["item"], finding["rule"]) for finding in body["findings"]]

    return read


@pytest.fixture
def balance(manager):
    async def read(order_id):
        return (await manager.get(f"/v1/scan-orders/{order_id}/reconciliation")).json()

    return read


@pytest.fixture
def service_principal():
    return Principal.service("scans", "offenbach")


@pytest.fixture
def answer(scans):
    """Let `cases` answer to an accepted item: filed, or refused by a rule."""

    async def answer(item_id, rule=None):
        case_file_id = new_id()
        if rule is None:
            fact = EntriesFiled(case_file_id=case_file_id, order_item_id=item_id, entry_count=2, page_count=3)
        else:
            fact = FilingRefused(case_file_id=case_file_id, order_item_id=item_id, rule=rule)
        await publish(scans, fact)

    return answer


async def publish(scans, fact):
    """Hand a fact of `cases` to the handler as the inbox does, in a transaction."""
    event = Event(
        id=new_id(),
        type=fact.type,
        tenant_id="offenbach",
        key=str(fact.case_file_id),
        subject=fact.order_item_id,
        aggregate_version=1,
        actor="service:cases",
        correlation_id="",
        occurred_at=scans.resources.clock.now(),
        data=fact.model_dump(mode="json"),
    )
    async with scans.database.transaction(Principal.service("scans", "offenbach")):
        await scans.service.subscriptions.handler_of(event)(event)


@pytest.fixture
def problem_of():
    """Return the body of a problem without the id of its occurrence."""

    def read(response):
        assert response.headers["content-type"] == "application/problem+json"
        body = response.json()
        assert body.pop("instance").startswith("urn:uuid:")
        return body

    return read
