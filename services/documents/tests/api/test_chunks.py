"""Contents over HTTP, sent in chunks."""

import asyncio

import pytest

from aktenfluss.kernel import digest_of

CONTENT = bytes(range(256)) * 40_000
DIGEST = digest_of(CONTENT)
PATH = f"/v1/contents/{DIGEST}"
TOTAL = len(CONTENT)
STEP = 3_000_000


@pytest.fixture
def send(contractor):
    """Send bytes `first` to `end` of the content."""

    async def chunk(first, end, body=None, total=TOTAL):
        header = {"Content-Range": f"bytes {first}-{end - 1}/{total}"}
        return await contractor.put(PATH, content=CONTENT[first:end] if body is None else body, headers=header)

    return chunk


async def offset(client):
    response = await client.head(PATH)
    return response.status_code, response.headers.get("upload-offset")


async def test_chunks_become_a_content(send, contractor, service, stored_files):
    answers = [await send(first, min(first + STEP, TOTAL)) for first in range(0, TOTAL, STEP)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 201]
    assert answers[1].json() == {"content": DIGEST, "upload_offset": 2 * STEP}
    assert answers[1].headers["upload-offset"] == str(2 * STEP)
    assert (await service.get(PATH)).content == CONTENT
    assert stored_files() == [DIGEST.removeprefix("sha256:")]
    assert await offset(contractor) == (200, None)
    assert (await send(0, STEP)).status_code == 200


async def test_one_chunk_may_be_the_whole(send, service):
    assert (await send(0, TOTAL)).status_code == 201
    assert (await service.get(PATH)).content == CONTENT


async def test_an_upload_that_was_cut_goes_on_where_it_ended(send, contractor, service, house):
    await send(0, STEP)
    assert (await send(STEP, 2 * STEP, body=CONTENT[STEP : STEP + 10])).status_code == 400
    assert await offset(contractor) == (404, str(STEP))
    assert (await send(STEP, 2 * STEP)).status_code == 202
    assert (await send(2 * STEP, TOTAL, body=CONTENT[2 * STEP : -1])).status_code == 400
    assert await offset(contractor) == (404, str(2 * STEP))
    assert (await send(2 * STEP, TOTAL)).status_code == 201
    assert (await service.get(PATH)).content == CONTENT


async def test_a_chunk_whose_answer_got_lost_is_not_read_again(send):
    await send(0, STEP)
    again = await send(0, STEP, body=b"")
    assert (again.status_code, again.headers["upload-offset"]) == (202, str(STEP))


@pytest.mark.parametrize(("first", "end"), [(STEP + 1, TOTAL), (STEP - 1, TOTAL), (1, STEP + 1)])
async def test_a_chunk_that_does_not_fit_is_told_where_to_go_on(send, problem_of, first, end):
    await send(0, STEP)
    assert problem_of(await send(first, end)) == {
        "type": "/problems/upload-offset-mismatch",
        "title": "Upload offset mismatch",
        "status": 409,
        "detail": f"the upload of {DIGEST} goes on at byte {STEP}",
        "upload_offset": STEP,
    }


async def test_bytes_beyond_the_range_are_refused(send, contractor, problem_of):
    assert problem_of(await send(0, STEP, body=CONTENT)) == {
        "type": "/problems/incomplete-body",
        "title": "Incomplete body",
        "status": 400,
        "detail": f"the Content-Range announced {STEP} bytes; another number arrived",
    }
    assert (await offset(contractor))[1] is None


async def test_wrong_bytes_are_found_at_the_end_and_the_upload_begins_anew(send, contractor, service, stored_files):
    await send(0, STEP, body=b"x" * STEP)
    assert (await send(STEP, TOTAL)).status_code == 422
    assert (await offset(contractor), stored_files()) == ((404, None), [])
    await send(0, STEP)
    assert (await send(STEP, TOTAL)).status_code == 201
    assert (await service.get(PATH)).content == CONTENT


async def test_another_total_begins_anew(send, stored_files):
    await send(0, STEP, total=TOTAL + 1)
    assert (await send(0, 2 * STEP)).status_code == 202
    assert (await send(2 * STEP, TOTAL)).status_code == 201
    assert stored_files() == [DIGEST.removeprefix("sha256:")]


async def test_a_part_that_got_lost_makes_the_sender_begin_anew(send, contractor, store):
    await send(0, STEP)
    (part,) = [key async for key in store.list("uploads/")]
    await store.delete(part)
    answer = await send(STEP, TOTAL)
    assert (answer.status_code, answer.json()["upload_offset"]) == (409, 0)
    assert await offset(contractor) == (404, None)


async def test_two_senders_of_one_chunk_keep_one_of_both(send, service, stored_files):
    answers = await asyncio.gather(*(send(0, STEP) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len(stored_files()) == 1
    assert (await send(STEP, TOTAL)).status_code == 201
    assert (await service.get(PATH)).content == CONTENT


@pytest.mark.parametrize("header", ["bytes 0-1", "bytes 5-3/10", "items 0-1/2", ""])
async def test_a_content_range_of_another_form_is_refused(contractor, header):
    response = await contractor.put(PATH, content=b"ab", headers={"Content-Range": header})
    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-content-range")


async def test_a_total_beyond_the_limit_is_refused(send):
    response = await send(0, 10, total=1 << 40)
    assert (response.status_code, response.json()["type"]) == (413, "/problems/content-too-large")
