"""Contents and pages in a bucket of an S3 store."""

import asyncio
import os
import secrets
from dataclasses import replace

import httpx
import pytest
from tools.servers import Minio

from aktenfluss.contracts.documents import content_key
from aktenfluss.documents.service import scrub
from aktenfluss.kernel import digest_of
from aktenfluss.servicekit import S3Store, S3Url
from aktenfluss.testkit import named

pytestmark = pytest.mark.servers

CONTENT = os.urandom(20 << 20)
DIGEST = digest_of(CONTENT)


@pytest.fixture(scope="session")
def minio(tmp_path_factory):
    with Minio.start(tmp_path_factory.mktemp("minio")) as server:
        yield server


@pytest.fixture
async def store(minio):
    store = S3Store(replace(S3Url.parse(minio.url), bucket=f"test-{secrets.token_hex(8)}"))
    await store.prepare()
    yield store
    await store.close()


@pytest.fixture
async def linking(house, put):
    """Run `documents` with links, and with CONTENT stored; return a client of a service."""
    linking = await house.start("documents", presigned_downloads=True)
    await put(CONTENT, linking.caller("contractor"))
    return linking


async def test_a_content_comes_back_whole_and_in_ranges(put, service):
    await put(CONTENT)
    whole = await service.get(f"/v1/contents/{DIGEST}")
    part = await service.get(f"/v1/contents/{DIGEST}", headers={"Range": "bytes=17000000-17000009"})
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert (part.status_code, part.content) == (206, CONTENT[17_000_000:17_000_010])


async def test_a_content_with_another_digest_leaves_nothing(contractor, store):
    response = await contractor.put(f"/v1/contents/{digest_of(b'other')}", content=CONTENT)
    assert response.status_code == 422
    assert [key async for key in store.list("")] == []


async def test_chunks_are_joined(contractor, service):
    for first in range(0, len(CONTENT), 8 << 20):
        chunk = CONTENT[first : first + (8 << 20)]
        content_range = f"bytes {first}-{first + len(chunk) - 1}/{len(CONTENT)}"
        sent = await contractor.put(f"/v1/contents/{DIGEST}", content=chunk, headers={"Content-Range": content_range})
    assert sent.status_code == 201
    assert (await service.get(f"/v1/contents/{DIGEST}")).content == CONTENT


async def test_a_page_is_rendered(put, make_documents, service, pdf):
    (document_id,) = await make_documents(await put(pdf(2)), page_count=2)
    page = await service.get(f"/v1/documents/{document_id}/pages/2")
    assert (page.status_code, page.headers["content-type"]) == (200, "image/png")
    assert (await service.get(f"/v1/documents/{document_id}/pages/2")).content == page.content


async def test_the_scrub_finds_what_is_gone(put, documents, store):
    await put(b"kept")
    await put(b"gone")
    await store.delete(content_key("offenbach", digest_of(b"gone")))
    report = await scrub(documents.resources)()
    assert (report.checked, report.sound, report.missing) == (2, 1, 1)


async def test_a_link_is_given_after_the_read_is_on_record(linking):
    answer = await linking.caller("service").get(f"/v1/contents/{DIGEST}")
    assert (answer.status_code, answer.headers["cache-control"], answer.content) == (307, "no-store", b"")
    assert named(await linking.events()) == ["content-read"]
    async with httpx.AsyncClient() as anybody:
        whole = await anybody.get(answer.headers["location"])
        part = await anybody.get(answer.headers["location"], headers={"Range": "bytes=5-9"})
    assert (whole.content, part.content) == (CONTENT, CONTENT[5:10])
    assert whole.headers["content-type"] == "application/octet-stream"
    assert whole.headers["content-disposition"] == "attachment"


async def test_no_link_without_the_right_to_read(linking, grant_for):
    anyone, stranger = linking.caller(None), linking.caller("service", tenant="hanau")
    other = {"grant": grant_for(digest_of(b"other"))}
    assert (await anyone.get(f"/v1/contents/{DIGEST}")).status_code == 401
    assert (await anyone.get(f"/v1/contents/{DIGEST}", params=other)).status_code == 403
    assert (await stranger.get(f"/v1/contents/{DIGEST}")).status_code == 404
    assert await linking.events() == []


async def test_a_store_that_is_down_costs_a_503_and_no_row_and_comes_back_by_itself(contractor, service, minio):
    path = f"/v1/contents/{digest_of(b'a letter')}"
    minio.kill()
    down = await contractor.put(path, content=b"a letter")
    assert (down.status_code, down.json()["type"]) == (503, "/problems/service-unavailable")
    assert int(down.headers["retry-after"]) > 0
    assert (await contractor.head(path)).status_code == 404
    await asyncio.to_thread(minio.start_again)
    assert (await contractor.put(path, content=b"a letter")).status_code == 201
    assert (await service.get(path)).content == b"a letter"
