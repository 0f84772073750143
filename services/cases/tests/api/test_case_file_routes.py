"""Case files over HTTP: open, read, change, and what is refused."""

import pytest

from aktenfluss.kernel import new_id


async def test_a_case_file_is_opened_read_and_changed(manager, clerk, stock_line):
    opened = await manager.post("/v1/case-files", json=stock_line())
    assert (opened.status_code, opened.headers["etag"]) == (201, '"1"')

    read = await clerk.get(opened.headers["location"])
    assert (read.json(), read.headers["etag"]) == (opened.json(), '"1"')

    changed = await manager.patch(
        opened.headers["location"], json={"given_names": "Ayşe Nur", "birth_date": None}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    assert changed.headers["etag"] == '"2"'
    assert changed.json() == opened.json() | {"given_names": "Ayşe Nur", "birth_date": None, "version": 2}


async def test_a_case_file_tells_everything_about_itself(open_case_file):
    case_file = await open_case_file()
    assert case_file == {
        "id": case_file["id"],
        "keeping_authority": "064130",
        "file_number": "A 1/20",
        "family_name": "Öztürk",
        "given_names": "Ayşe",
        "birth_date": "1990-05-06",
        "medium": "paper",
        "version": 1,
        "opened_at": "2026-03-02T08:00:00Z",
        "electronic_at": None,
        "entry_count": 0,
        "page_count": 0,
    }


async def test_every_step_is_published_without_personal_data(cases, manager, clerk, open_case_file):
    case_file = await open_case_file()
    place = f"/v1/case-files/{case_file['id']}"
    await clerk.get(place)
    await manager.patch(place, json={"medium": "electronic"}, headers={"If-Match": '"1"'})
    await manager.patch(place, json={}, headers={"If-Match": '"2"'})
    events = await cases.events()
    assert [(event["type"].split(".")[3], event["aggregate_version"], event["actor"]) for event in events] == [
        ("case-file-opened", 1, "test:records-manager"),
        ("case-file-read", 1, "test:clerk"),
        ("case-file-changed", 2, "test:records-manager"),
    ]
    assert {event["key"] for event in events} == {case_file["id"]}
    assert events[2]["payload"] == {"case_file_id": case_file["id"], "fields": ["medium", "electronic_at"]}


async def test_a_taken_file_number_is_refused(manager, open_case_file, stock_line, problem_of):
    await open_case_file()
    response = await manager.post("/v1/case-files", json=stock_line(family_name="Other"))
    assert problem_of(response) == {
        "type": "/problems/file-number-taken",
        "title": "File number taken",
        "status": 409,
        "detail": "The keeping authority has a case file with this file number.",
    }


async def test_an_unknown_case_file_is_refused(manager, problem_of):
    missing = new_id()
    expected = {
        "type": "/problems/case-file-not-found",
        "title": "Case file not found",
        "status": 404,
        "detail": f"There is no case file {missing}.",
    }
    assert problem_of(await manager.get(f"/v1/case-files/{missing}")) == expected
    change = await manager.patch(f"/v1/case-files/{missing}", json={}, headers={"If-Match": '"1"'})
    assert problem_of(change) == expected


async def test_a_stale_version_is_refused(manager, open_case_file, problem_of):
    place = f"/v1/case-files/{(await open_case_file())['id']}"
    await manager.patch(place, json={"family_name": "Demir"}, headers={"If-Match": '"1"'})
    response = await manager.patch(place, json={"family_name": "Kaya"}, headers={"If-Match": '"1"'})
    assert problem_of(response) == {
        "type": "/problems/stale-case-file",
        "title": "Stale case file",
        "status": 412,
        "detail": "The case file has version 2 by now.",
        "version": 2,
    }


async def test_a_change_without_a_version_is_refused(manager, open_case_file, problem_of):
    response = await manager.patch(f"/v1/case-files/{(await open_case_file())['id']}", json={})
    assert problem_of(response) == {
        "type": "/problems/precondition-required",
        "title": "If-Match required",
        "status": 428,
        "detail": "If-Match must name the ETag of the version that is changed",
    }


async def test_an_electronic_file_does_not_become_paper(manager, open_case_file, problem_of):
    place = f"/v1/case-files/{(await open_case_file(medium='electronic'))['id']}"
    response = await manager.patch(place, json={"medium": "paper"}, headers={"If-Match": '"1"'})
    assert problem_of(response) == {
        "type": "/problems/medium-set-back",
        "title": "Medium set back",
        "status": 409,
        "detail": "The case file is electronic and cannot become paper.",
    }


async def test_every_broken_rule_is_listed(manager, stock_line, problem_of):
    response = await manager.post("/v1/case-files", json=stock_line(file_number="A\0", family_name=None, tags=[]))
    body = problem_of(response)
    assert (body["type"], body["status"]) == ("/problems/invalid-request", 422)
    assert [(error["pointer"], error["rule"]) for error in body["errors"]] == [
        ("#/file_number", "file_number"),
        ("#/family_name", "string_type"),
        ("#/tags", "extra_forbidden"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        '{"family_name": null}',
        '{"file_number": "B"}',
        '{"medium": "clay"}',
        '{"given_names": "\\ud800"}',
        '{"birth_date": 1}',
        "[]",
    ],
)
async def test_what_cannot_change_is_refused_and_nothing_is_changed(manager, open_case_file, change):
    case_file = await open_case_file()
    place = f"/v1/case-files/{case_file['id']}"
    headers = {"If-Match": '"1"', "Content-Type": "application/merge-patch+json"}
    response = await manager.patch(place, content=change, headers=headers)
    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-request")
    assert (await manager.get(place)).json() == case_file


async def test_the_same_key_opens_one_case_file(manager, cases, stock_line):
    headers = {"Idempotency-Key": "6d0b9a52-7d1c-4a3e-9b43-2f5d0f6c9c11"}
    first = await manager.post("/v1/case-files", json=stock_line(), headers=headers)
    again = await manager.post("/v1/case-files", json=stock_line(), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(await cases.events()) == 1


async def test_a_body_that_is_not_utf8_is_refused(manager, problem_of):
    response = await manager.post(
        "/v1/case-files", content=b'{"file_number": "\xe4"}', headers={"Content-Type": "application/json"}
    )
    body = problem_of(response)
    assert (body["type"], body["status"]) == ("/problems/malformed-request", 400)


@pytest.mark.parametrize("case_file_id", ["1", "%00", "A 1"])
async def test_an_id_that_is_none_is_refused(clerk, problem_of, case_file_id):
    body = problem_of(await clerk.get(f"/v1/case-files/{case_file_id}"))
    assert (body["type"], body["status"]) == ("/problems/invalid-request", 422)


@pytest.mark.parametrize(
    ("version", "status"), [("*", 428), ('W/"1"', 412), ("1", 412), ('"1", "2"', 412), ('"2"', 412)]
)
async def test_only_the_latest_version_is_changed(manager, open_case_file, version, status):
    case_file = await open_case_file()
    place = f"/v1/case-files/{case_file['id']}"
    response = await manager.patch(place, json={"family_name": "Demir"}, headers={"If-Match": version})
    assert response.status_code == status
    assert (await manager.get(place)).json() == case_file


async def test_a_change_of_nothing_keeps_the_version(manager, open_case_file):
    case_file = await open_case_file()
    response = await manager.patch(
        f"/v1/case-files/{case_file['id']}", json={"family_name": "Öztürk"}, headers={"If-Match": '"1"'}
    )
    assert (response.status_code, response.headers["etag"], response.json()) == (200, '"1"', case_file)


async def test_a_refused_change_publishes_nothing(cases, manager, open_case_file):
    place = f"/v1/case-files/{(await open_case_file(medium='electronic'))['id']}"
    await manager.patch(place, json={"medium": "paper", "family_name": "Demir"}, headers={"If-Match": '"1"'})
    await manager.patch(place, json={"family_name": "Demir"}, headers={"If-Match": '"7"'})
    assert len(await cases.events()) == 1
