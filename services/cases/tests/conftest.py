"""A running `cases`, its callers, and what most tests begin with."""

import json
from uuid import UUID

import pytest

from aktenfluss.contracts.scans import AcceptedDocument, ItemAccepted
from aktenfluss.kernel import Event, digest_of, new_id

LINE = {
    "keeping_authority": "064130",
    "file_number": "A 1/20",
    "family_name": "Öztürk",
    "given_names": "Ayşe",
    "birth_date": "1990-05-06",
}


@pytest.fixture
async def cases(house):
    return await house.start("cases")


@pytest.fixture
def caller(cases):
    """Make clients: `caller("clerk")`, `caller("clerk", tenant="hanau")`."""
    return cases.caller


@pytest.fixture
def manager(caller):
    return caller("records-manager")


@pytest.fixture
def clerk(caller):
    return caller("clerk")


@pytest.fixture
def stranger(caller):
    return caller("records-manager", tenant="hanau")


@pytest.fixture
def stock_line():
    """Make lines of a stock list: `stock_line(file_number="A 2/20")`."""
    return lambda **changes: {**LINE, **changes}


@pytest.fixture
def open_case_file(manager, stock_line):
    async def make(**changes):
        response = await manager.post("/v1/case-files", json=stock_line(**changes))
        assert response.status_code == 201, response.text
        return response.json()

    return make


@pytest.fixture
def import_list(manager):
    """Import lines (objects or bytes) and return the lines of the report."""

    async def send(*lines, client=manager):
        body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        response = await client.post("/v1/case-files:import", content=body)
        assert response.status_code == 200, response.text
        return [json.loads(line) for line in response.text.splitlines()]

    return send


@pytest.fixture
def accepted():
    """Make accepted items: `accepted(case_file_id, page_counts=[3, 1])`."""

    def make(case_file_id, page_counts=(1,), order_item_id="0000000123"):
        documents = [
            AcceptedDocument(
                document_id=new_id(),
                content=digest_of(f"{order_item_id} {number}".encode()),
                size_bytes=1_000 + number,
                media_type="application/pdf",
                page_count=page_count,
            )
            for number, page_count in enumerate(page_counts)
        ]
        return ItemAccepted(
            scan_order_id=new_id(),
            order_item_id=order_item_id,
            case_file_id=case_file_id,
            delivery=digest_of(b"delivery"),
            documents=documents,
        )

    return make


@pytest.fixture
def deliver(cases, bus, clock):
    """Let `scans` publish accepted items and wait until `cases` has dealt with them."""

    async def publish(*items, tenant="offenbach"):
        events = [
            Event(
                id=new_id(),
                type=item.type,
                tenant_id=tenant,
                key=str(item.case_file_id),
                subject=item.order_item_id,
                aggregate_version=1,
                actor="service:scans",
                correlation_id="6d0b9a527d1c4a3e",
                occurred_at=clock.now(),
                data=item.model_dump(mode="json"),
            )
            for item in items
        ]
        await bus.publish(events)
        await cases.drain()

    return publish


@pytest.fixture
def file_item(open_case_file, accepted, deliver):
    """Open a case file, file one item into it, and return the id of the case file with the item."""

    async def make(page_counts=(1,)):
        case_file_id = UUID((await open_case_file())["id"])
        item = accepted(case_file_id, page_counts)
        await deliver(item)
        return case_file_id, item

    return make


@pytest.fixture
def problem_of():
    """Return the body of a problem without the id of its occurrence."""

    def read(response):
        assert response.headers["content-type"] == "application/problem+json"
        body = response.json()
        assert body.pop("instance").startswith("urn:uuid:")
        return body

    return read
