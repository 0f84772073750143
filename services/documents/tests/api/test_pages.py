"""Pages as images."""

import io

import pytest
from PIL import Image

from aktenfluss.kernel import new_id
from aktenfluss.testkit.house import named


@pytest.fixture
def store_pdf(put, make_documents):
    """Store a PDF and make a document of it; return its id and the digest."""

    async def store(content, page_count=1, media_type="application/pdf"):
        digest = await put(content)
        (document_id,) = await make_documents(digest, page_count=page_count, media_type=media_type)
        return document_id, digest

    return store


async def test_a_page_is_rendered_at_150_dpi(store_pdf, service, pdf):
    document_id, _ = await store_pdf(pdf(2, 595, 842), page_count=2)
    response = await service.get(f"/v1/documents/{document_id}/pages/2")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    image = Image.open(io.BytesIO(response.content))
    assert (image.format, image.size) == ("PNG", (1240, 1755))


async def test_a_page_is_rendered_once(store_pdf, service, pdf, store, documents):
    document_id, digest = await store_pdf(pdf())
    path = f"/v1/documents/{document_id}/pages/1"
    first = await service.get(path)
    (key,) = [key async for key in store.list("renditions/")]
    assert key.endswith(f"{digest.removeprefix('sha256:')}/png-150/1.png")
    written = store.local_path(key).stat().st_mtime_ns
    assert (await service.get(path)).content == first.content
    assert store.local_path(key).stat().st_mtime_ns == written
    assert named(await documents.events()) == ["documents-stored", "page-read", "page-read"]


@pytest.mark.parametrize("damage", ["changed", "missing"])
async def test_a_damaged_image_is_made_again(store_pdf, service, pdf, store, damage):
    document_id, _ = await store_pdf(pdf())
    path = f"/v1/documents/{document_id}/pages/1"
    first = await service.get(path)
    (key,) = [key async for key in store.list("renditions/")]
    if damage == "missing":
        await store.delete(key)
    else:
        store.local_path(key).write_bytes(b"not an image")
    assert (await service.get(path)).content == first.content
    assert store.local_path(key).read_bytes() == first.content


async def test_a_page_of_a_damaged_content_is_not_rendered(store_pdf, service, pdf, flip):
    document_id, digest = await store_pdf(pdf())
    flip(digest)
    for _ in range(2):
        response = await service.get(f"/v1/documents/{document_id}/pages/1")
        assert (response.status_code, response.json()["type"]) == (409, "/problems/content-damaged")


async def test_a_page_beyond_the_last_is_not_found(store_pdf, service, pdf, problem_of, documents):
    document_id, _ = await store_pdf(pdf())
    assert problem_of(await service.get(f"/v1/documents/{document_id}/pages/2")) == {
        "type": "/problems/page-not-found",
        "title": "Page not found",
        "status": 404,
        "detail": f"document {document_id} has 1 pages",
        "page_count": 1,
    }
    assert named(await documents.events()) == ["documents-stored"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999"])
async def test_a_page_number_out_of_form_is_refused(service, page):
    response = await service.get(f"/v1/documents/{new_id()}/pages/{page}")
    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-request")


async def test_a_document_that_does_not_exist_has_no_pages(service):
    assert (await service.get(f"/v1/documents/{new_id()}/pages/1")).json()["type"] == "/problems/document-not-found"


async def test_what_is_not_a_pdf_has_no_pages(store_pdf, service, problem_of):
    document_id, _ = await store_pdf(b"text", media_type="text/plain")
    assert problem_of(await service.get(f"/v1/documents/{document_id}/pages/1")) == {
        "type": "/problems/page-not-renderable",
        "title": "Page not renderable",
        "status": 422,
        "detail": "a text/plain has no pages to show",
        "rule": "not-a-pdf",
    }


async def test_a_broken_pdf_tells_why_and_costs_its_neighbours_nothing(store_pdf, service, pdf, tmp_path):
    broken, _ = await store_pdf(pdf()[:200])
    sound, _ = await store_pdf(pdf())
    response = await service.get(f"/v1/documents/{broken}/pages/1")
    assert (response.status_code, response.json()["rule"]) == (422, "unreadable")
    assert (await service.get(f"/v1/documents/{sound}/pages/1")).status_code == 200
