"""Documents over HTTP."""

import pytest

from aktenfluss.kernel import digest_of, new_id
from aktenfluss.testkit.house import named


def new(digest, **changes):
    return {"content": digest, "media_type": "application/pdf", "page_count": 3, **changes}


async def test_documents_are_made_in_order_and_told_once(put, service, documents):
    digests = [await put(text) for text in (b"one", b"three", b"five")]
    body = {"documents": [new(digest, page_count=number) for number, digest in enumerate(digests, 1)]}
    response = await service.post("/v1/documents", json=body)
    made = response.json()["documents"]
    assert response.status_code == 201
    assert [document["content"] for document in made] == digests
    assert made[1] | {"id": None} == new(digests[1], page_count=2) | {"id": None, "version": 1, "size_bytes": 5}
    (event,) = await documents.events()
    ids = [document["id"] for document in made]
    assert (event["key"], event["subject"], event["payload"]) == (ids[0], ids[0], {"document_ids": ids})
    assert named([event]) == ["documents-stored"]


async def test_a_document_is_read(make_documents, put, service):
    digest = await put(b"one")
    (document_id,) = await make_documents(digest)
    response = await service.get(f"/v1/documents/{document_id}")
    assert response.json() == {**new(digest, page_count=1), "id": document_id, "version": 1, "size_bytes": 3}


async def test_two_documents_may_share_a_content(make_documents, put):
    digest = await put(b"one")
    first, second = await make_documents(digest, digest)
    assert first != second


async def test_all_contents_that_are_not_stored_are_named_and_nothing_is_made(put, service, problem_of, documents):
    stored = await put(b"one")
    missing = sorted([digest_of(b"two"), digest_of(b"three")])
    body = {"documents": [new(digest) for digest in (stored, *missing)]}
    assert problem_of(await service.post("/v1/documents", json=body)) == {
        "type": "/problems/content-not-stored",
        "title": "Content not stored",
        "status": 422,
        "detail": "2 contents are not stored",
        "contents": missing,
    }
    assert await documents.events() == []


async def test_a_damaged_content_makes_no_document(put, service, flip):
    digest = await put(b"one")
    flip(digest)
    await service.get(f"/v1/contents/{digest}")
    response = await service.post("/v1/documents", json={"documents": [new(digest)]})
    assert response.json()["contents"] == [digest]


async def test_a_request_that_is_repeated_makes_no_second_document(put, service, documents):
    body = {"documents": [new(await put(b"one"))]}
    answers = [await service.post("/v1/documents", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert named(await documents.events()) == ["documents-stored"]


@pytest.mark.parametrize(
    "change",
    [{"page_count": 0}, {"media_type": "PDF"}, {"media_type": "a/\0"}, {"content": "md5:00"}, {"page_count": "x"}],
)
async def test_a_document_out_of_form_is_refused(service, change):
    response = await service.post("/v1/documents", json={"documents": [new(digest_of(b"")) | change]})
    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-request")


@pytest.mark.parametrize("count", [0, 2001])
async def test_one_to_two_thousand_documents_are_made_at_once(service, count):
    response = await service.post("/v1/documents", json={"documents": [new(digest_of(b""))] * count})
    assert response.status_code == 422


async def test_two_thousand_documents_are_made_at_once(make_documents, put):
    assert len(set(await make_documents(*[await put(b"one")] * 2000))) == 2000


async def test_another_authority_neither_sees_documents_nor_uses_our_contents(
    put, make_documents, stranger, problem_of
):
    digest = await put(b"one")
    (document_id,) = await make_documents(digest)
    assert problem_of(await stranger.get(f"/v1/documents/{document_id}")) == {
        "type": "/problems/document-not-found",
        "title": "Document not found",
        "status": 404,
        "detail": f"document {document_id} does not exist",
    }
    response = await stranger.post("/v1/documents", json={"documents": [new(digest)]})
    assert response.json()["contents"] == [digest]


@pytest.mark.parametrize("role", ["clerk", "contractor", "vendor"])
async def test_only_services_make_and_read_documents(caller, role):
    client = caller(role)
    assert (await client.get(f"/v1/documents/{new_id()}")).status_code == 403
    assert (await client.post("/v1/documents", json={})).status_code == 403
