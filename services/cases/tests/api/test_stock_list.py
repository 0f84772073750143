"""The import of a stock list, and the look-up."""

import json

import pytest


def results(report):
    return [line.get("result") for line in report[:-1]]


async def test_a_list_is_imported_and_reported_line_by_line(clerk, import_list, stock_line):
    report = await import_list(stock_line(), stock_line(file_number="A 2/20"))
    found = (await clerk.get("/v1/case-files")).json()["items"]
    assert report == [
        {"line": 1, "result": "created", "case_file_id": found[0]["id"], "file_number": "A 1/20"},
        {"line": 2, "result": "created", "case_file_id": found[1]["id"], "file_number": "A 2/20"},
        {"summary": {"lines": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}},
    ]


async def test_importing_again_changes_and_publishes_nothing(cases, import_list, stock_line):
    lines = [stock_line(file_number=f"A {number}") for number in range(3)]
    await import_list(*lines)
    before = await cases.events()
    report = await import_list(*lines)
    assert results(report) == ["unchanged"] * 3
    assert await cases.events() == before


async def test_a_changed_line_updates_and_tells_which_fields(cases, import_list, stock_line):
    [created, _] = await import_list(stock_line())
    report = await import_list(stock_line(family_name="Demir", birth_date=None))
    assert report[0] == created | {"result": "updated"}
    event = (await cases.events())[-1]
    assert event["payload"] == {"case_file_id": created["case_file_id"], "fields": ["family_name", "birth_date"]}
    assert (event["key"], event["aggregate_version"]) == (created["case_file_id"], 2)


async def test_bad_lines_do_not_stop_their_neighbours(import_list, stock_line):
    report = await import_list(
        stock_line(),
        b"{",
        b"\xff",
        stock_line(file_number="A\0"),
        stock_line(file_number="A 2", family_name="x" * 20_000),
        stock_line(file_number="A 3", nickname="x"),
        b"",
        stock_line(file_number="A 4"),
    )
    assert results(report) == ["created", *["rejected"] * 5, "created"]
    assert [line["line"] for line in report[:-1]] == [1, 2, 3, 4, 5, 6, 8]
    assert report[-1] == {"summary": {"lines": 7, "created": 2, "updated": 0, "unchanged": 0, "rejected": 5}}


async def test_a_rejected_line_names_its_problem_whole(import_list, stock_line):
    report = await import_list(stock_line(family_name="Иванов"))
    assert report[0] == {
        "line": 1,
        "result": "rejected",
        "problem": {
            "type": "/problems/invalid-stock-line",
            "title": "Invalid stock line",
            "detail": "The line does not describe a case file.",
            "errors": [
                {
                    "pointer": "#/family_name",
                    "rule": "person_name",
                    "detail": "DIN 91379 has no character U+0418 in names",
                }
            ],
        },
    }


async def test_a_later_line_about_the_same_case_file_has_the_last_word(clerk, import_list, stock_line):
    report = await import_list(stock_line(), stock_line(family_name="Demir"), stock_line(family_name="Demir"))
    assert results(report) == ["created", "updated", "unchanged"]
    [found] = (await clerk.get("/v1/case-files")).json()["items"]
    assert (found["family_name"], found["version"]) == ("Demir", 2)


async def test_an_electronic_file_stays_electronic(import_list, open_case_file, stock_line):
    await open_case_file(medium="electronic")
    assert results(await import_list(stock_line(medium="paper"), stock_line())) == ["unchanged", "unchanged"]


async def test_an_empty_list_has_an_empty_report(import_list):
    assert await import_list() == [{"summary": {"lines": 0, "created": 0, "updated": 0, "unchanged": 0, "rejected": 0}}]


async def test_a_list_may_come_in_any_chunks(manager, stock_line):
    text = (json.dumps(stock_line()) + "\r\n" + json.dumps(stock_line(file_number="Ä 2"), ensure_ascii=False)).encode()

    async def chunks():
        for start in range(0, len(text), 7):
            yield text[start : start + 7]

    response = await manager.post("/v1/case-files:import", content=chunks())
    assert [json.loads(line).get("file_number") for line in response.text.splitlines()] == ["A 1/20", "Ä 2", None]


async def test_authorities_do_not_meet(clerk, stranger, import_list, stock_line):
    await import_list(stock_line())
    report = await import_list(stock_line(family_name="Other"), client=stranger)
    assert results(report) == ["created"]
    assert [item["family_name"] for item in (await clerk.get("/v1/case-files")).json()["items"]] == ["Öztürk"]


async def test_a_look_up_finds_what_is_there(caller, import_list, stock_line):
    [created, *_] = await import_list(stock_line(), stock_line(file_number="A 2/20"))
    response = await caller("service").post("/v1/case-files:lookup", json={"file_numbers": ["A 1/20", "A 9/20"]})
    assert response.json() == {
        "case_files": [{"case_file_id": created["case_file_id"], "file_number": "A 1/20", "medium": "paper"}]
    }


async def test_a_number_of_two_authorities_is_found_at_both_or_at_the_one_that_is_named(
    caller, import_list, stock_line
):
    report = await import_list(stock_line(), stock_line(keeping_authority="064140"))
    ids = [line["case_file_id"] for line in report[:-1]]
    asked = {"file_numbers": ["A 1/20"]}
    at_all = await caller("service").post("/v1/case-files:lookup", json=asked)
    at_one = await caller("service").post("/v1/case-files:lookup", json=asked | {"keeping_authority": "064140"})
    assert {found["case_file_id"] for found in at_all.json()["case_files"]} == set(ids)
    assert [found["case_file_id"] for found in at_one.json()["case_files"]] == ids[1:]


async def test_a_number_is_found_however_its_letters_were_typed(caller, clerk, import_list, stock_line):
    [created, _] = await import_list(stock_line(file_number="\u00c4 1/20"))
    typed = "A\u0308 1/20"
    looked_up = await caller("service").post("/v1/case-files:lookup", json={"file_numbers": [typed]})
    listed = await clerk.get("/v1/case-files", params={"file_number": typed})
    assert [found["case_file_id"] for found in looked_up.json()["case_files"]] == [created["case_file_id"]]
    assert [found["id"] for found in listed.json()["items"]] == [created["case_file_id"]]


@pytest.mark.parametrize("file_numbers", [[], ["\0"], ["x"] * 5_001, [1]])
async def test_a_look_up_without_sense_is_refused(caller, file_numbers):
    response = await caller("service").post("/v1/case-files:lookup", json={"file_numbers": file_numbers})
    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-request")
