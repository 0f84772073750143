"""The house starts real services and gives tests a hold of them."""

from datetime import timedelta

import pytest

from aktenfluss.kernel import Role
from aktenfluss.servicekit import UnauthenticatedError
from aktenfluss.testkit import FixedClock, named

CASE_FILE = {"keeping_authority": "064130", "file_number": "33.21-1", "family_name": "Muster"}


@pytest.fixture
async def cases(house):
    return await house.start("cases")


@pytest.fixture
async def audit(house):
    return await house.start("audit")


async def opened(cases, tenant="offenbach"):
    async with cases.client as client:
        headers = cases.as_(Role.RECORDS_MANAGER, tenant)
        answer = await client.post("/v1/case-files", json=CASE_FILE, headers=headers)
    assert answer.status_code == 201
    return answer.json()["id"]


async def test_a_started_service_answers_without_a_socket(cases):
    case_file_id = await opened(cases)

    async with cases.client as client:
        answer = await client.get(f"/v1/case-files/{case_file_id}", headers=cases.as_("clerk"))
    assert answer.json()["file_number"] == CASE_FILE["file_number"]


async def test_a_service_starts_on_an_empty_database(cases):
    async with cases.client as client:
        answer = await client.get("/v1/case-files", headers=cases.as_("clerk"))

    assert answer.json() == {"items": [], "next": None}


async def test_a_token_is_good_for_its_tenant(cases):
    await opened(cases, "offenbach")

    async with cases.client as client:
        answer = await client.get("/v1/case-files", headers=cases.as_("clerk", "frankfurt"))
    assert answer.json()["items"] == []


async def test_what_was_published_can_be_read_in_order(cases):
    case_file_id = await opened(cases)
    events = await cases.events()

    assert named(events) == ["case-file-opened"]
    assert [event["key"] for event in events] == [case_file_id]


async def test_draining_carries_events_to_all_that_listen(cases, audit):
    case_file_id = await opened(cases)
    await cases.drain()

    async with audit.client as client:
        query = {"key": case_file_id}
        answer = await client.get("/v1/audit-records", params=query, headers=audit.as_("auditor"))
    assert [record["type"] for record in answer.json()["items"]] == ["de.aktenfluss.cases.case-file-opened.v1"]


async def test_draining_ends_where_nothing_is_left(house, cases):
    await opened(cases)
    await house.drain()

    assert await cases.work() == 0


async def test_the_tokens_of_a_house_run_out_with_its_clock(house, clock):
    started = await house.start("cases")
    token = house.token("clerk")
    assert (await started.resources.verifier.verify(token)).tenant_id == "offenbach"

    clock.advance(seconds=2 * 3600)
    with pytest.raises(UnauthenticatedError):
        await started.resources.verifier.verify(token)


def test_the_clock_stands_until_it_is_moved():
    clock = FixedClock()
    before = clock.now()
    assert clock.now() == before

    clock.advance(seconds=90)
    assert clock.now() - before == timedelta(seconds=90)
