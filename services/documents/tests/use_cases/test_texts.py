"""Texts of pages: ordered once, kept page by page, and visibly failed where a page cannot be read."""

import sys

import pytest

from aktenfluss.documents.api.jobs import MOST_UNITS
from aktenfluss.documents.domain.page_text import UNIT_PAGES
from aktenfluss.documents.service import retry_texts
from aktenfluss.testkit.house import named


@pytest.fixture
def model(tmp_path):
    """Give a file that is no model: pages that have text need none."""
    path = tmp_path / "Latin.traineddata"
    path.write_bytes(b"no model")
    return path


@pytest.fixture
async def documents(house, model):
    return await house.start("documents", ocr_model=model, ocr_workers=1)


@pytest.fixture
def recognise(documents):
    """Let the workers do what a minute brings."""

    async def tick():
        async with documents.service.jobs.open_async():
            await documents.service.jobs.configure_task("order_texts").defer_async(timestamp=0)
        await documents.drain()

    return tick


@pytest.fixture
def text_of(service):
    """Read the text of a page."""

    async def read(document_id, page=1, client=service):
        response = await client.get(f"/v1/documents/{document_id}/pages/{page}/text")
        assert response.status_code == 200, response.text
        return response.json()

    return read


@pytest.fixture
def progress_of(service):
    """Read how far the text of a document is."""

    async def read(document_id):
        response = await service.get(f"/v1/documents/{document_id}/text")
        assert response.status_code == 200, response.text
        return response.json()

    return read


async def test_a_text_waits_is_recognised_and_read_on_record(
    put, make_documents, written, recognise, text_of, documents
):
    (document_id,) = await make_documents(await put(written("Müller § 5", "Öztürk")), page_count=2)
    assert (await text_of(document_id, 2))["state"] == "waiting"
    await recognise()
    assert await text_of(document_id, 2) == {
        "page": 2, "state": "recognised", "text": "Öztürk", "confidence": 100, "engine": "pdf", "reason": "",
    }  # fmt: skip
    assert named(await documents.events()) == ["documents-stored", "page-read", "page-read"]


async def test_a_page_that_kills_its_reader_fails_alone(
    put, make_documents, written, recognise, text_of, progress_of, documents
):
    (document_id,) = await make_documents(await put(written("a", "", "c")), page_count=3)
    assert await progress_of(document_id) == {"waiting": 3, "recognised": 0, "failed": 0}
    await recognise()
    assert await progress_of(document_id) == {"waiting": 0, "recognised": 2, "failed": 1}
    assert (await text_of(document_id, 2))["reason"] == "limit-crash"
    assert await measured(documents, "failed_page_texts") == 1
    assert (await text_of(document_id, 3))["text"] == "c"


async def test_a_text_waits_while_no_child_starts(
    put, make_documents, written, recognise, text_of, documents, monkeypatch
):
    (document_id,) = await make_documents(await put(written("a")))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    await recognise()
    assert (await text_of(document_id))["state"] == "waiting"
    monkeypatch.undo()
    async with documents.database.session() as connection:
        await connection.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
    await documents.drain()
    assert (await text_of(document_id))["text"] == "a"


async def test_what_failed_is_read_again_when_the_operator_asks(
    put, make_documents, written, recognise, text_of, documents, flip, progress_of
):
    content = written("mended", "")
    digest = await put(content)
    (document_id,) = await make_documents(digest, page_count=2)
    flip(digest)
    await recognise()
    assert (await progress_of(document_id))["failed"] == 2
    await put(content)
    assert await retry_texts(documents.resources)() == 2
    assert await retry_texts(documents.resources)() == 0
    await recognise()
    assert (await text_of(document_id))["text"] == "mended"


async def test_a_page_that_the_pdf_does_not_have_fails(put, make_documents, written, recognise, text_of):
    (document_id,) = await make_documents(await put(written("a")), page_count=2)
    await recognise()
    assert [(await text_of(document_id, page))["reason"] for page in (1, 2)] == ["", "page-missing"]


async def test_a_damaged_content_is_told_and_blocks_no_other(
    put, make_documents, written, recognise, text_of, documents, flip
):
    digests = [await put(written(word)) for word in ("broken", "sound")]
    broken, sound = await make_documents(*digests)
    flip(digests[0])
    await recognise()
    assert (await text_of(broken))["reason"] == "content-damaged"
    assert (await text_of(sound))["text"] == "sound"
    assert "content-damaged" in named(await documents.events())


async def test_what_is_no_pdf_has_no_text_and_is_ordered_once(put, make_documents, recognise, progress_of, documents):
    (document_id,) = await make_documents(await put(b"an archive"), media_type="application/zip")
    await recognise()
    assert await progress_of(document_id) == {"waiting": 1, "recognised": 0, "failed": 0}
    assert await measured(documents, "documents_without_text") == 0


async def measured(documents, name):
    [measure] = [one for one in documents.service.measures if one.name == name]
    return await measure.read()


async def test_the_queue_is_kept_short_and_the_oldest_come_first(put, make_documents, written, documents, progress_of):
    pages = (MOST_UNITS + 1) * UNIT_PAGES
    first, _ = await make_documents(await put(written("a")), await put(written("b")), page_count=pages)
    async with documents.service.jobs.open_async():
        await documents.service.jobs.tasks["order_texts"](timestamp=0)
        assert await measured(documents, "documents_without_text") == 1
        await documents.service.jobs.tasks["order_texts"](timestamp=0)  # the queue is longer than wanted now
    assert await measured(documents, "documents_without_text") == 1
    assert (await progress_of(first))["waiting"] == pages


async def test_the_same_content_is_read_once(put, make_documents, written, recognise, text_of, documents, principal):
    digest = await put(written("once"))
    await make_documents(digest)
    await recognise()
    async with documents.database.transaction(principal) as tx:
        await tx.connection.execute("UPDATE page_text SET text = 'kept'")
    (again,) = await make_documents(digest)
    await recognise()
    assert (await text_of(again))["text"] == "kept"


async def test_a_stranger_reads_no_text(put, make_documents, written, recognise, stranger):
    (document_id,) = await make_documents(await put(written("secret")))
    await recognise()
    for path in ("pages/1/text", "text"):
        assert (await stranger.get(f"/v1/documents/{document_id}/{path}")).status_code == 404


async def test_a_grant_for_a_page_is_one_for_its_text(
    put, make_documents, written, recognise, anyone, grant_for, text_of
):
    digest = await put(written("mine", "other"))
    (document_id,) = await make_documents(digest, page_count=2)
    await recognise()
    grant = {"grant": grant_for(digest, document_id, page=1)}
    path = f"/v1/documents/{document_id}/pages"
    assert (await anyone.get(f"{path}/1/text", params=grant)).json()["text"] == "mine"
    assert (await anyone.get(f"{path}/2/text", params=grant)).status_code == 403
