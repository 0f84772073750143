"""What is in a case file over HTTP: the list of entries, and grants."""

import asyncio
from uuid import UUID

import pytest

from aktenfluss.kernel import Principal, Role, new_id
from aktenfluss.testkit import named

CLERK = Principal("test:clerk", "offenbach", frozenset({Role.CLERK}))


async def test_an_entry_tells_where_its_document_is(clerk, file_item):
    case_file_id, item = await file_item([3, 1])
    response = await clerk.get(f"/v1/case-files/{case_file_id}/entries", params={"limit": 1})
    [entry] = response.json()["items"]
    [first, _] = item.documents
    assert entry == {
        "id": entry["id"],
        "position": 1,
        "first_page": 1,
        "page_count": 3,
        "document_id": str(first.document_id),
        "order_item_id": item.order_item_id,
        "content": first.content,
        "size_bytes": first.size_bytes,
        "media_type": "application/pdf",
        "filed_at": "2026-03-02T08:00:00Z",
    }


async def test_entries_come_in_pages(clerk, file_item):
    case_file_id, _ = await file_item([1] * 5)
    place, cursor, positions = f"/v1/case-files/{case_file_id}/entries", {}, []
    while True:
        page = (await clerk.get(place, params={"limit": 2, **cursor})).json()
        positions.append([entry["position"] for entry in page["items"]])
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert positions == [[1, 2], [3, 4], [5]]


async def test_a_page_that_is_just_full_is_the_last(clerk, file_item):
    case_file_id, _ = await file_item([1] * 3)
    page = (await clerk.get(f"/v1/case-files/{case_file_id}/entries", params={"limit": 3})).json()
    assert (len(page["items"]), page["next"]) == (3, None)


async def test_a_new_case_file_has_no_entries(clerk, open_case_file):
    place = f"/v1/case-files/{(await open_case_file())['id']}"
    assert (await clerk.get(f"{place}/entries")).json() == {"items": [], "next": None}


@pytest.mark.parametrize("count", [1, 50, 500])
async def test_the_number_of_queries_does_not_grow_with_the_entries(cases, clerk, file_item, count):
    case_file_id, _ = await file_item([1] * count)
    queries = []
    # A route joins the transaction that is open in its task, so its queries pass here.
    async with cases.database.reading(CLERK) as tx:
        with tx.connection.query_logger(queries.append):
            response = await clerk.get(f"/v1/case-files/{case_file_id}/entries", params={"limit": 200})
    assert len(response.json()["items"]) == min(count, 200)
    assert len(queries) == 2


async def test_reading_is_recorded(cases, clerk, file_item):
    case_file_id, _ = await file_item([3, 1])
    await clerk.get(f"/v1/case-files/{case_file_id}/entries")
    event = (await cases.events())[-1]
    assert (event["type"], event["key"]) == ("de.aktenfluss.cases.entries-listed.v1", str(case_file_id))
    assert (event["actor"], event["payload"]) == (
        "test:clerk",
        {"case_file_id": str(case_file_id), "result_count": 2},
    )


async def test_a_grant_opens_a_content(cases, clerk, file_item):
    case_file_id, item = await file_item([3, 1])
    place = f"/v1/case-files/{case_file_id}"
    [entry, _] = (await clerk.get(f"{place}/entries")).json()["items"]
    response = await clerk.post(f"{place}/grants", json={"entry_id": entry["id"]})
    body = response.json()
    assert response.status_code == 201
    assert body == {
        "grant": body["grant"],
        "url": f"/v1/contents/{entry['content']}?grant={body['grant']}",
        "expires_at": "2026-03-02T08:05:00Z",
        "entry_id": entry["id"],
        "page": None,
    }
    grant = cases.resources.grants.verify(body["grant"])
    assert (grant.subject, grant.tenant_id, grant.case_file_id) == ("test:clerk", "offenbach", case_file_id)
    assert grant.allows_content(item.documents[0].content)


@pytest.mark.parametrize(("page_of_file", "document", "page"), [(1, 0, 1), (3, 0, 3), (4, 1, 1), (13, 2, 1)])
async def test_a_page_of_the_file_is_found_in_its_document(clerk, file_item, page_of_file, document, page):
    case_file_id, item = await file_item([3, 9, 20])
    document_id = item.documents[document].document_id
    body = (await clerk.post(f"/v1/case-files/{case_file_id}/grants", json={"page_of_file": page_of_file})).json()
    assert body["page"] == page
    assert body["url"].startswith(f"/v1/documents/{document_id}/pages/{page}?grant=")


async def test_a_grant_is_recorded_before_it_leaves(cases, clerk, file_item):
    case_file_id, item = await file_item([3])
    await clerk.post(f"/v1/case-files/{case_file_id}/grants", json={"page_of_file": 2})
    event = (await cases.events())[-1]
    assert (event["type"], event["actor"]) == ("de.aktenfluss.cases.grant-issued.v1", "test:clerk")
    assert event["payload"] == {
        "case_file_id": str(case_file_id),
        "document_id": str(item.documents[0].document_id),
        "content": item.documents[0].content,
        "page": 2,
    }


async def test_grants_that_are_asked_for_at_once_with_keys_are_all_given(clerk, file_item):
    case_file_id, _ = await file_item()
    place, body = f"/v1/case-files/{case_file_id}/grants", {"page_of_file": 1}
    # Twice as many as the service has connections.
    responses = await asyncio.gather(
        *(clerk.post(place, json=body, headers={"Idempotency-Key": str(number)}) for number in range(8))
    )
    assert [response.status_code for response in responses] == [201] * 8


async def test_a_grant_that_is_asked_for_again_is_a_new_one(cases, clerk, clock, file_item):
    case_file_id, _ = await file_item()
    place, body, key = f"/v1/case-files/{case_file_id}/grants", {"page_of_file": 1}, {"Idempotency-Key": "one"}
    first = (await clerk.post(place, json=body, headers=key)).json()
    clock.advance(600)
    again = (await clerk.post(place, json=body, headers=key)).json()
    assert (first["expires_at"], again["expires_at"]) == ("2026-03-02T08:05:00Z", "2026-03-02T08:15:00Z")
    assert named(await cases.events()).count("grant-issued") == 2


async def test_a_page_beyond_the_last_is_refused(clerk, file_item, problem_of):
    case_file_id, _ = await file_item([3])
    place = f"/v1/case-files/{case_file_id}"
    [entry] = (await clerk.get(f"{place}/entries")).json()["items"]
    expected = {
        "type": "/problems/page-not-filed",
        "title": "Page not filed",
        "status": 404,
        "detail": "There is no page 4: the last one is 3.",
        "page_count": 3,
    }
    assert problem_of(await clerk.post(f"{place}/grants", json={"page_of_file": 4})) == expected
    assert problem_of(await clerk.post(f"{place}/grants", json={"entry_id": entry["id"], "page": 4})) == expected


async def test_an_empty_file_has_no_page(clerk, open_case_file, problem_of):
    case_file = await open_case_file()
    response = await clerk.post(f"/v1/case-files/{case_file['id']}/grants", json={"page_of_file": 1})
    assert problem_of(response)["detail"] == "There is no page 1: the last one is 0."


async def test_an_entry_of_another_file_is_refused(clerk, file_item, open_case_file, problem_of):
    case_file_id, _ = await file_item()
    [entry] = (await clerk.get(f"/v1/case-files/{case_file_id}/entries")).json()["items"]
    other = await open_case_file(file_number="B")
    response = await clerk.post(f"/v1/case-files/{other['id']}/grants", json={"entry_id": entry["id"]})
    assert problem_of(response) == {
        "type": "/problems/entry-not-found",
        "title": "Entry not found",
        "status": 404,
        "detail": f"The case file has no entry {entry['id']}.",
    }


@pytest.mark.parametrize(
    "body", [{}, {"page": 1}, {"page_of_file": 1, "page": 1}, {"entry_id": str(new_id()), "page_of_file": 1}]
)
async def test_a_grant_is_for_one_thing(clerk, open_case_file, problem_of, body):
    response = await clerk.post(f"/v1/case-files/{(await open_case_file())['id']}/grants", json=body)
    assert problem_of(response) == {
        "type": "/problems/invalid-request",
        "title": "Invalid request",
        "status": 422,
        "detail": "One rule is broken.",
        "errors": [
            {
                "in": "body",
                "pointer": "#",
                "rule": "one_thing",
                "detail": "Give entry_id, with or without page, or page_of_file",
            }
        ],
    }


@pytest.mark.parametrize(
    ("body", "place"), [({"page_of_file": 0}, "#/page_of_file"), ({"entry_id": "x"}, "#/entry_id")]
)
async def test_a_grant_for_nothing_is_refused(clerk, open_case_file, body, place):
    response = await clerk.post(f"/v1/case-files/{(await open_case_file())['id']}/grants", json=body)
    assert (response.status_code, [error["pointer"] for error in response.json()["errors"]]) == (422, [place])


async def test_the_cursor_of_another_list_is_refused(cases, clerk, open_case_file):
    cursor = cases.resources.cursors.encode({"file_number": "A", "id": str(UUID(int=0))})
    place = f"/v1/case-files/{(await open_case_file())['id']}/entries"
    response = await clerk.get(place, params={"cursor": cursor})
    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize(("method", "path"), [("GET", "entries"), ("POST", "grants")])
async def test_an_unknown_case_file_is_refused(clerk, problem_of, method, path):
    missing = new_id()
    body = {"page_of_file": 1} if method == "POST" else None
    response = await clerk.request(method, f"/v1/case-files/{missing}/{path}", json=body)
    assert problem_of(response) == {
        "type": "/problems/case-file-not-found",
        "title": "Case file not found",
        "status": 404,
        "detail": f"There is no case file {missing}.",
    }
