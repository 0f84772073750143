"""Two at the same time: each case file is changed by one after the other, and nobody's work is lost."""

import asyncio

import pytest

from aktenfluss.cases.adapters.unit_of_work import SqlCasesUnitOfWork
from aktenfluss.cases.use_cases.file_entries import FileEntries
from aktenfluss.kernel import Principal


@pytest.fixture
def file_entries(cases, clock):
    use_case = FileEntries(SqlCasesUnitOfWork(cases.database), clock)
    return lambda item: use_case(Principal.service("cases", "offenbach"), item)


async def test_of_two_changes_to_one_version_one_wins(manager, open_case_file):
    place = f"/v1/case-files/{(await open_case_file())['id']}"
    responses = await asyncio.gather(
        *(
            manager.patch(place, json={"family_name": name}, headers={"If-Match": '"1"'})
            for name in ("Demir", "Kaya", "Arslan")
        )
    )
    assert sorted(response.status_code for response in responses) == [200, 412, 412]
    assert (await manager.get(place)).headers["etag"] == '"2"'


async def test_of_two_with_one_file_number_one_is_opened(manager, stock_line):
    responses = await asyncio.gather(*(manager.post("/v1/case-files", json=stock_line()) for _ in range(3)))
    assert sorted(response.status_code for response in responses) == [201, 409, 409]


async def test_items_filed_at_once_stand_one_behind_the_other(clerk, open_case_file, accepted, file_entries):
    case_file_id = (await open_case_file())["id"]
    items = [accepted(case_file_id, [2, 3], f"000000010{number}") for number in range(5)]
    await asyncio.gather(*map(file_entries, items))
    entries = (await clerk.get(f"/v1/case-files/{case_file_id}/entries")).json()["items"]
    assert [(entry["position"], entry["first_page"]) for entry in entries] == [
        (2 * number + offset + 1, 5 * number + 2 * offset + 1) for number in range(5) for offset in (0, 1)
    ]


async def test_one_item_filed_twice_at_once_is_filed_once(cases, clerk, open_case_file, accepted, file_entries):
    case_file_id = (await open_case_file())["id"]
    item = accepted(case_file_id, [2])
    await asyncio.gather(*(file_entries(item) for _ in range(4)))
    assert len((await clerk.get(f"/v1/case-files/{case_file_id}/entries")).json()["items"]) == 1
    assert [event["type"].split(".")[3] for event in await cases.events()][:2] == ["case-file-opened", "entries-filed"]
