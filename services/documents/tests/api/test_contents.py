"""Contents over HTTP, sent whole."""

import asyncio

import pytest

from aktenfluss.kernel import digest_of

CONTENT = b"%PDF-1.7 not really" * 100
DIGEST = digest_of(CONTENT)
PATH = f"/v1/contents/{DIGEST}"


async def test_a_content_is_stored_once_and_fetched(contractor, service):
    assert (await contractor.head(PATH)).status_code == 404
    first = await contractor.put(PATH, content=CONTENT)
    assert (first.status_code, first.json()) == (201, {"content": DIGEST})
    assert (await contractor.put(PATH, content=CONTENT)).status_code == 200
    head = await contractor.head(PATH)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(CONTENT)))
    fetched = await service.get(PATH)
    assert (fetched.status_code, fetched.content) == (200, CONTENT)


async def test_an_answer_has_all_that_is_described(contractor, documents):
    described = documents.service.app.openapi()["components"]["schemas"]
    part = await contractor.put(PATH, content=CONTENT[:9], headers={"Content-Range": f"bytes 0-8/{len(CONTENT)}"})
    stored = await contractor.put(PATH, content=CONTENT)
    assert (part.status_code, part.json().keys()) == (202, described["UploadProgress"]["properties"].keys())
    assert (stored.status_code, stored.json().keys()) == (201, described["ContentStored"]["properties"].keys())


async def test_a_fetched_content_cannot_run_in_a_browser(put, service):
    headers = (await service.get(f"/v1/contents/{await put(CONTENT)}")).headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"] == "attachment"
    assert headers["content-security-policy"] == "sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert (headers["etag"], headers["accept-ranges"]) == (f'"{DIGEST}"', "bytes")


async def test_an_empty_content_is_a_content(put, service):
    fetched = await service.get(f"/v1/contents/{await put(b'')}")
    assert (fetched.status_code, fetched.content, fetched.headers["content-length"]) == (200, b"", "0")


async def test_a_wrong_digest_stores_nothing(contractor, problem_of, stored_files):
    response = await contractor.put(PATH, content=b"other bytes")
    assert problem_of(response) == {
        "type": "/problems/digest-mismatch",
        "title": "Digest mismatch",
        "status": 422,
        "detail": f"the 11 bytes that arrived are not {DIGEST}",
    }
    assert stored_files() == []
    assert (await contractor.head(PATH)).status_code == 404


async def test_a_short_body_stores_nothing(contractor, problem_of, stored_files):
    response = await contractor.put(PATH, content=CONTENT[:50], headers={"Content-Length": str(len(CONTENT))})
    assert problem_of(response) == {
        "type": "/problems/incomplete-body",
        "title": "Incomplete body",
        "status": 400,
        "detail": f"{len(CONTENT)} bytes were announced, 50 arrived",
    }
    assert stored_files() == []


async def in_pieces(*pieces):
    for piece in pieces:
        yield piece


async def test_a_body_without_a_length_is_taken(contractor, service):
    assert (await contractor.put(PATH, content=in_pieces(CONTENT[:7], b"", CONTENT[7:]))).status_code == 201
    assert (await service.get(PATH)).content == CONTENT


@pytest.mark.parametrize("announced", [True, False])
async def test_a_content_beyond_the_limit_is_refused(house, announced, problem_of, stored_files):
    running = await house.start("documents", content_limit_bytes=1000)
    async with running.client as client:
        body = CONTENT if announced else in_pieces(CONTENT[:999], CONTENT[999:])
        response = await client.put(PATH, content=body, headers=running.as_("contractor"))
    assert problem_of(response) == {
        "type": "/problems/body-too-large",
        "title": "Body too large",
        "status": 413,
        "detail": "The body is larger than 1000 bytes.",
        "limit_bytes": 1000,
    }
    assert stored_files() == []


@pytest.mark.parametrize(
    "name", ["md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:ABC", "sha512:" + "0" * 128, "x", DIGEST.upper()]
)
@pytest.mark.parametrize("method", ["PUT", "GET"])
async def test_another_algorithm_is_refused(service, method, name, problem_of):
    response = await service.request(method, f"/v1/contents/{name}")
    assert problem_of(response) == {
        "type": "/problems/unsupported-digest-algorithm",
        "title": "Unsupported digest algorithm",
        "status": 422,
        "detail": "the digest must match ^sha256:[0-9a-f]{64}$",
    }
    assert (await service.head(f"/v1/contents/{name}")).status_code == 422


async def test_an_unknown_content_is_not_found(service, problem_of):
    assert problem_of(await service.get(PATH)) == {
        "type": "/problems/content-not-found",
        "title": "Content not found",
        "status": 404,
        "detail": f"{DIGEST} is not stored",
    }


async def test_senders_of_the_same_content_do_not_disturb_each_other(contractor, service):
    answers = await asyncio.gather(*(contractor.put(PATH, content=CONTENT) for _ in range(8)))
    statuses = sorted(answer.status_code for answer in answers)
    assert (statuses[0], statuses[-1], statuses.count(201)) == (200, 201, 1)
    assert (await service.get(PATH)).content == CONTENT


async def test_a_known_content_is_answered_without_reading_it(put, contractor):
    await put(CONTENT)

    async def never():
        raise AssertionError("nobody reads this")
        yield b""

    assert (await contractor.put(PATH, content=never())).status_code == 200


async def test_another_authority_has_contents_of_its_own(put, stranger):
    await put(CONTENT)
    assert (await stranger.head(PATH)).status_code == 404
    assert (await stranger.get(PATH)).status_code == 404
    check = await stranger.post("/v1/contents:check", json={"contents": [DIGEST]})
    assert check.json() == {"sizes": {}}
    assert (await stranger.put(PATH, content=CONTENT)).status_code == 201


async def test_check_tells_the_sizes_of_what_is_stored(put, service):
    stored, unknown = await put(CONTENT), digest_of(b"unknown")
    answer = await service.post("/v1/contents:check", json={"contents": [stored, unknown]})
    assert answer.json() == {"sizes": {stored: len(CONTENT)}}


async def test_check_takes_the_contents_of_a_whole_box(service):
    contents = [digest_of(str(number).encode()) for number in range(20_000)]
    answer = await service.post("/v1/contents:check", json={"contents": contents})
    assert (answer.status_code, answer.json()) == (200, {"sizes": {}})


@pytest.mark.parametrize(
    ("method", "role", "status"),
    [
        ("GET", "contractor", 403),
        ("GET", "clerk", 403),
        ("HEAD", "clerk", 403),
        ("PUT", "clerk", 403),
        ("GET", "service", 404),
        ("HEAD", "contractor", 404),
    ],
)
async def test_only_services_fetch_and_only_senders_send(caller, method, role, status):
    assert (await caller(role).request(method, PATH)).status_code == status


async def test_a_read_is_on_record(put, service, documents):
    digest = await put(CONTENT)
    await service.get(f"/v1/contents/{digest}")
    (event,) = await documents.events()
    assert event["type"] == "de.aktenfluss.documents.content-read.v1"
    assert (event["key"], event["actor"]) == (digest, "test:service")
    assert event["payload"] == {"content": digest, "document_id": None}
