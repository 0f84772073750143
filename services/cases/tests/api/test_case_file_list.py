"""The list of case files: order, pages, filters."""

import base64

import pytest

NAMES = [
    ("Öztürk", "Ayşe"),
    ("Đorđević", "Jelena"),
    ("İnönü", "Mustafa"),
    ("Nguyễn", "Văn An"),
    ("Kowalski", "Łukasz"),
    ("O'Neill", "Seán"),
]


@pytest.fixture
async def people(import_list, stock_line):
    await import_list(
        *(
            stock_line(file_number=f"A {number}/20", family_name=family_name, given_names=given_names)
            for number, (family_name, given_names) in enumerate(NAMES)
        )
    )


async def listed(client, **parameters):
    response = await client.get("/v1/case-files", params=parameters)
    assert response.status_code == 200, response.text
    return [item["file_number"] for item in response.json()["items"]]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("öztürk", "A 0/20"),
        ("OZTURK", "A 0/20"),
        ("Öztürk, A", "A 0/20"),
        ("ayşe öz", "A 0/20"),
        ("dordevic", "A 1/20"),
        ("Đorđ", "A 1/20"),
        ("inonu", "A 2/20"),
        ("INÖNÜ", "A 2/20"),
        ("nguyen van", "A 3/20"),
        ("lukasz", "A 4/20"),
        ("oneill", "A 5/20"),
    ],
)
async def test_a_name_is_found_however_it_is_typed(clerk, name, number):
    assert await listed(clerk, name=name) == [number]


@pytest.mark.usefixtures("people")
async def test_filters_narrow_the_list(clerk, open_case_file):
    await open_case_file(file_number="B 1", medium="electronic")
    assert await listed(clerk, file_number="A 3/20") == ["A 3/20"]
    assert await listed(clerk, file_number="A") == []
    assert len(await listed(clerk, file_number_prefix="A")) == len(NAMES)
    assert await listed(clerk, medium="electronic") == ["B 1"]
    assert await listed(clerk, name="öztürk", medium="paper", file_number_prefix="A 0") == ["A 0/20"]


async def test_pages_follow_each_other_without_gap_or_repetition(clerk, import_list, stock_line):
    numbers = sorted(f"{number}-{sign}" for number in range(5) for sign in "aÄ")
    await import_list(*(stock_line(file_number=number) for number in reversed(numbers)))
    found, cursor = [], {}
    while True:
        page = (await clerk.get("/v1/case-files", params={"limit": 3, **cursor})).json()
        found += [item["file_number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == numbers


async def test_a_page_that_is_just_full_is_the_last(clerk, import_list, stock_line):
    await import_list(*(stock_line(file_number=str(number)) for number in range(3)))
    page = (await clerk.get("/v1/case-files", params={"limit": 3})).json()
    assert (len(page["items"]), page["next"]) == (3, None)


async def test_an_empty_list_is_a_page(clerk):
    assert (await clerk.get("/v1/case-files")).json() == {"items": [], "next": None}


async def test_pages_of_a_filter_stay_in_the_filter(clerk, import_list, stock_line):
    names = ["Öztürk", "Demir", "Ozan", "Kaya", "Özdemir"]
    await import_list(*(stock_line(file_number=str(number), family_name=name) for number, name in enumerate(names)))
    first = (await clerk.get("/v1/case-files", params={"name": "öz", "limit": 2})).json()
    second = (await clerk.get("/v1/case-files", params={"name": "öz", "limit": 2, "cursor": first["next"]})).json()
    found = [item["family_name"] for item in first["items"] + second["items"]]
    assert (found, second["next"]) == (["Öztürk", "Ozan", "Özdemir"], None)


async def test_the_cursor_does_not_tell_a_file_number(clerk, import_list, stock_line):
    await import_list(*(stock_line(file_number=f"GEHEIM {number}") for number in range(2)))
    cursor = (await clerk.get("/v1/case-files", params={"limit": 1})).json()["next"]
    assert b"GEHEIM" not in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


async def test_the_same_number_at_two_authorities_has_an_order(clerk, import_list, stock_line):
    await import_list(stock_line(), stock_line(keeping_authority="064140"))
    first = (await clerk.get("/v1/case-files", params={"limit": 1})).json()
    second = (await clerk.get("/v1/case-files", params={"limit": 1, "cursor": first["next"]})).json()
    assert first["items"][0]["id"] < second["items"][0]["id"]


async def test_a_search_is_recorded_without_what_was_searched_for(cases, clerk, open_case_file):
    await open_case_file()
    await listed(clerk, name="Öztürk", medium="paper")
    event = (await cases.events())[-1]
    assert (event["type"], event["key"]) == ("de.aktenfluss.cases.case-files-searched.v1", "test:clerk")
    assert event["payload"] == {"filters": ["name", "medium"], "result_count": 1}


async def test_a_tampered_cursor_is_refused(clerk, problem_of):
    assert problem_of(await clerk.get("/v1/case-files", params={"cursor": "AAAA"})) == {
        "type": "/problems/invalid-cursor",
        "title": "Invalid cursor",
        "status": 400,
        "detail": "The cursor is not one of this list.",
    }


async def test_the_cursor_of_another_list_is_refused(cases, clerk):
    cursor = cases.resources.cursors.encode({"position": 1})
    response = await clerk.get("/v1/case-files", params={"cursor": cursor})
    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize(
    "parameters",
    [
        {"name": "-"},
        {"name": ""},
        {"limit": 0},
        {"limit": 201},
        {"medium": "clay"},
        {"file_number": "\0"},
        {"order": "a"},
    ],
)
async def test_filters_that_make_no_sense_are_refused(clerk, parameters):
    response = await clerk.get("/v1/case-files", params=parameters)
    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-request")
