"""Filing: what scans accepted gets its place in the case file, once."""

from uuid import UUID

from aktenfluss.kernel import new_id


async def facts_of(cases):
    """Return the facts about filing in the outbox."""
    return [
        (event["type"].split(".")[3], event["aggregate_version"], event["payload"])
        for event in await cases.events()
        if event["type"].split(".")[3] in {"entries-filed", "filing-refused"}
    ]


async def rules_of(cases):
    return [payload.get("rule") for _, _, payload in await facts_of(cases)]


async def test_an_item_is_filed_and_the_file_is_electronic(cases, clerk, file_item):
    case_file_id, item = await file_item([3, 1])
    case_file = (await clerk.get(f"/v1/case-files/{case_file_id}")).json()
    assert case_file["medium"] == "electronic"
    assert case_file["electronic_at"] == "2026-03-02T08:00:00Z"
    assert (case_file["version"], case_file["entry_count"], case_file["page_count"]) == (2, 2, 4)
    filed = {"case_file_id": str(case_file_id), "order_item_id": item.order_item_id, "entry_count": 2, "page_count": 4}
    assert await facts_of(cases) == [("entries-filed", 2, filed)]


async def test_a_second_item_comes_behind_the_first(clerk, accepted, deliver, file_item):
    case_file_id, first = await file_item([3, 1])
    second = accepted(case_file_id, [2], "0000000220")
    await deliver(second)
    entries = (await clerk.get(f"/v1/case-files/{case_file_id}/entries")).json()["items"]
    assert [entry["document_id"] for entry in entries] == [
        str(document.document_id) for document in [*first.documents, *second.documents]
    ]
    assert [(entry["position"], entry["first_page"]) for entry in entries] == [(1, 1), (2, 4), (3, 5)]


async def test_an_item_that_comes_again_is_filed_once(cases, clerk, deliver, file_item, accepted):
    case_file_id, item = await file_item([3, 1])
    await deliver(item, item)
    await deliver(accepted(case_file_id, [3, 1]))  # the same contents as other documents: a second delivery
    assert len(await facts_of(cases)) == 1
    assert len((await clerk.get(f"/v1/case-files/{case_file_id}/entries")).json()["items"]) == 2


async def test_an_item_with_other_contents_is_refused(cases, deliver, file_item, accepted):
    case_file_id, item = await file_item([3, 1])
    await deliver(accepted(case_file_id, [3]))
    refused = {
        "case_file_id": str(case_file_id),
        "order_item_id": item.order_item_id,
        "rule": "item-filed-differently",
    }
    assert (await facts_of(cases))[1:] == [("filing-refused", 2, refused)]


async def test_an_item_of_an_unknown_case_file_is_refused(cases, deliver, accepted):
    await deliver(accepted(new_id()))
    assert await rules_of(cases) == ["unknown-case-file"]


async def test_an_item_does_not_reach_into_another_authority(cases, clerk, deliver, accepted, open_case_file):
    case_file = await open_case_file()
    await deliver(accepted(UUID(case_file["id"])), tenant="hanau")
    assert await rules_of(cases) == ["unknown-case-file"]
    assert (await clerk.get(f"/v1/case-files/{case_file['id']}")).json() == case_file


async def test_an_item_without_documents_is_refused(cases, file_item):
    await file_item([])
    assert await rules_of(cases) == ["no-documents"]


async def test_a_document_has_one_place(cases, deliver, file_item, open_case_file):
    _, item = await file_item()
    other = await open_case_file(file_number="B")
    await deliver(item.model_copy(update={"case_file_id": UUID(other["id"]), "order_item_id": "0000000220"}))
    await deliver(
        item.model_copy(
            update={"case_file_id": UUID(other["id"]), "order_item_id": "0000000317", "documents": item.documents * 2}
        )
    )
    assert await rules_of(cases) == [None, "document-filed-twice", "document-filed-twice"]


async def test_an_item_has_one_case_file(cases, deliver, file_item, open_case_file):
    _, item = await file_item()
    other = await open_case_file(file_number="B")
    await deliver(item.model_copy(update={"case_file_id": UUID(other["id"])}))
    assert await rules_of(cases) == [None, "item-filed-differently"]
