"""Reading with a grant instead of a role."""

import pytest

from aktenfluss.kernel import digest_of, new_id

CONTENT = b"a letter"


async def test_a_grant_opens_its_content_and_the_read_is_on_record_with_the_case_file(
    put, grant_for, anyone, documents, case_file_id
):
    digest = await put(CONTENT)
    document_id = str(new_id())
    response = await anyone.get(f"/v1/contents/{digest}", params={"grant": grant_for(digest, document_id)})
    assert (response.status_code, response.content) == (200, CONTENT)
    (event,) = await documents.events()
    assert (event["key"], event["subject"], event["actor"]) == (str(case_file_id), digest, "clerk-1")
    assert event["payload"] == {"content": digest, "document_id": document_id}


async def test_a_grant_opens_nothing_else(put, grant_for, anyone, problem_of, documents):
    digest, other = await put(CONTENT), await put(b"another letter")
    response = await anyone.get(f"/v1/contents/{other}", params={"grant": grant_for(digest)})
    assert problem_of(response) == {
        "type": "/problems/grant-mismatch",
        "title": "Grant mismatch",
        "status": 403,
        "detail": f"the grant does not permit to read {other}",
    }
    assert await documents.events() == []


async def test_a_grant_of_one_page_opens_neither_the_content_nor_another_page(
    put, make_documents, grant_for, anyone, pdf, documents, case_file_id
):
    digest = await put(pdf(2))
    (document_id,) = await make_documents(digest, page_count=2)
    grant = {"grant": grant_for(digest, document_id, page=2)}
    assert (await anyone.get(f"/v1/documents/{document_id}/pages/2", params=grant)).status_code == 200
    assert (await anyone.get(f"/v1/documents/{document_id}/pages/1", params=grant)).status_code == 403
    assert (await anyone.get(f"/v1/documents/{new_id()}/pages/2", params=grant)).status_code == 403
    assert (await anyone.get(f"/v1/contents/{digest}", params=grant)).status_code == 403
    assert [event["key"] for event in (await documents.events())[1:]] == [str(case_file_id)]


async def test_a_grant_of_another_authority_opens_nothing_here(put, grant_for, anyone):
    digest = await put(CONTENT)
    response = await anyone.get(f"/v1/contents/{digest}", params={"grant": grant_for(digest, tenant="hanau")})
    assert response.status_code == 404


async def test_a_grant_ends(put, grant_for, anyone, clock):
    digest = await put(CONTENT)
    grant = {"grant": grant_for(digest)}
    clock.advance(300)
    assert (await anyone.get(f"/v1/contents/{digest}", params=grant)).status_code == 401


@pytest.mark.parametrize("method", ["HEAD", "PUT"])
async def test_a_grant_does_not_send(grant_for, anyone, method):
    digest = digest_of(CONTENT)
    response = await anyone.request(method, f"/v1/contents/{digest}", params={"grant": grant_for(digest)})
    assert response.status_code == 401
