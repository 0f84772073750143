"""Damaged contents: found, told, never served, healed."""

import asyncio
import random

import pytest

from aktenfluss.contracts.documents import content_key
from aktenfluss.documents import service as wiring
from aktenfluss.documents.domain.scrub import MOST_NAMED, ScrubReport
from aktenfluss.kernel import digest_of
from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.testkit.house import named

CONTENT = b"a sheet of paper" * 1000
SCAN = random.Random(3).randbytes(5_000_000)


@pytest.fixture
def scrub(documents):
    return wiring.scrub(documents.resources)


@pytest.fixture
async def operator(caller):
    return caller("operator")


async def findings(operator, **parameters):
    response = await operator.get("/v1/scrub-findings", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_changed_content_is_not_served_but_told(put, service, flip, problem_of, operator, documents):
    digest = await put(CONTENT)
    flip(digest)
    response = await service.get(f"/v1/contents/{digest}")
    assert problem_of(response) == {
        "type": "/problems/content-damaged",
        "title": "Content damaged",
        "status": 409,
        "detail": f"the stored bytes of {digest} are not those that were stored",
    }
    (finding,) = (await findings(operator))["items"]
    assert (finding["content"], finding["finding"], finding["healed_at"]) == (digest, "changed", None)
    assert named(await documents.events()) == ["content-damaged"]


async def test_open_findings_of_all_authorities_are_counted(put, flip, scrub, documents):
    [measure] = [one for one in documents.service.measures if one.name == "open_scrub_findings"]
    assert await measure.read() == 0
    digest = await put(CONTENT)
    flip(digest)
    await scrub()
    assert await measure.read() == 1
    await put(CONTENT)
    assert await measure.read() == 0


async def test_a_missing_content_is_not_served_but_told(put, service, file_of, operator):
    digest = await put(CONTENT)
    file_of(digest).unlink()
    assert (await service.get(f"/v1/contents/{digest}", headers={"Range": "bytes=0-1"})).status_code == 409
    (finding,) = (await findings(operator))["items"]
    assert finding["finding"] == "missing"


@pytest.fixture
def put_in_chunks(contractor):
    """Store bytes by the way of large ones and return their digest."""

    async def send(content):
        digest, step = digest_of(content), 3 << 20
        for first in range(0, len(content), step):
            chunk = content[first : first + step]
            header = {"Content-Range": f"bytes {first}-{first + len(chunk) - 1}/{len(content)}"}
            response = await contractor.put(f"/v1/contents/{digest}", content=chunk, headers=header)
        assert response.status_code == 201, response.text
        return digest

    return send


@pytest.fixture
def put_before(put, documents, principal):
    """Store bytes as earlier releases did, without the digests of their blocks, and return their digest."""

    async def send(content):
        digest = await put(content)
        async with documents.database.transaction(principal) as tx:
            forget = "UPDATE content SET blake3_blocks = '' WHERE digest = $1 AND blake3_blocks <> ''"
            assert await tx.connection.execute(forget, digest) == "UPDATE 1"
        return digest

    return send


@pytest.fixture(params=["put", "put_in_chunks", "put_before"])
def put_anyhow(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("asked", [None, "bytes=0-9"])
async def test_no_byte_of_a_changed_block_is_served(put_anyhow, service, flip, operator, asked):
    digest = await put_anyhow(SCAN)
    flip(digest)
    response = await service.get(f"/v1/contents/{digest}", headers={"Range": asked} if asked else None)
    assert (response.status_code, response.json()["type"]) == (409, "/problems/content-damaged")
    assert [finding["finding"] for finding in (await findings(operator))["items"]] == ["changed"]


async def test_a_content_breaks_off_before_its_changed_block(put, service, flip, operator):
    digest = await put(SCAN)
    flip(digest, len(SCAN) - 1)
    response = await service.get(f"/v1/contents/{digest}")
    assert response.content == SCAN[: 4 << 20]
    assert len((await findings(operator))["items"]) == 1


@pytest.mark.parametrize("asked", [None, "bytes=3000000-4999999"])
async def test_a_content_of_some_blocks_is_served(put_anyhow, service, asked):
    digest = await put_anyhow(SCAN)
    response = await service.get(f"/v1/contents/{digest}", headers={"Range": asked} if asked else None)
    assert response.content == (SCAN[3_000_000:] if asked else SCAN)


async def test_a_damaged_content_counts_as_not_stored(put, service, flip, scrub, contractor):
    digest = await put(CONTENT)
    flip(digest)
    await scrub()
    assert (await contractor.head(f"/v1/contents/{digest}")).status_code == 404
    assert (await service.post("/v1/contents:check", json={"contents": [digest]})).json() == {"sizes": {}}


async def test_pushing_it_again_heals_a_content(put, contractor, service, flip, scrub, operator):
    digest = await put(CONTENT)
    flip(digest)
    await scrub()
    assert (await contractor.put(f"/v1/contents/{digest}", content=CONTENT)).status_code == 201
    assert (await service.get(f"/v1/contents/{digest}")).content == CONTENT
    (finding,) = (await findings(operator))["items"]
    assert finding["healed_at"] is not None
    assert await scrub() == ScrubReport(sound=1)


async def test_restoring_the_store_heals_a_content(put, service, file_of, scrub, documents):
    digest = await put(CONTENT)
    file_of(digest).rename(file_of(digest).with_suffix(".gone"))
    assert await scrub() == ScrubReport(missing=1, new=1)
    assert await scrub() == ScrubReport(missing=1)
    file_of(digest).with_suffix(".gone").rename(file_of(digest))
    assert await scrub() == ScrubReport(sound=1, healed=1)
    assert (await service.get(f"/v1/contents/{digest}")).status_code == 200
    assert named(await documents.events()) == ["content-damaged", "content-read"]


async def test_one_percent_of_flipped_contents_is_found_and_never_served(put, service, flip, file_of, scrub):
    draw = random.Random(4)
    contents = [draw.randbytes(draw.randrange(1, 3000)) for _ in range(1000)]
    digests = [
        digest
        for start in range(0, 1000, 50)
        for digest in await asyncio.gather(*map(put, contents[start : start + 50]))
    ]
    bad = draw.sample(digests, 10)
    for digest in bad[:8]:
        flip(digest, draw.randrange(file_of(digest).stat().st_size))
    file_of(bad[8]).write_bytes(file_of(bad[8]).read_bytes()[:-1])
    file_of(bad[9]).unlink()
    report = await scrub()
    assert report == ScrubReport(sound=990, changed=9, missing=1, new=10)
    assert report.checked == 1000
    assert {(await service.get(f"/v1/contents/{digest}")).status_code for digest in bad} == {409}
    assert {(await service.get(f"/v1/contents/{digest}")).status_code for digest in digests[:5]} <= {200, 409}


async def test_a_content_that_cannot_be_read_hides_no_damage_and_is_none(put, block, flip, scrub, operator, service):
    digests = sorted([await put(bytes([number]) * 9) for number in range(3)])
    block(digests[0])
    flip(digests[1])
    report = await scrub()
    assert report == ScrubReport(
        sound=1, changed=1, unreadable=1, new=1, unread=(content_key("offenbach", digests[0]),)
    )
    assert report.checked == 3
    assert [finding["content"] for finding in (await findings(operator))["items"]] == [digests[1]]
    assert (await service.get(f"/v1/contents/{digests[0]}")).status_code == 503


async def test_a_folder_that_cannot_be_read_hides_no_damage_behind_it(put, block, flip, scrub):
    digests = sorted([await put(bytes([number]) * 9) for number in range(40)])
    for digest in digests[1:39]:
        block(digest)
    flip(digests[39])
    report = await scrub()
    assert (report.sound, report.unreadable, report.changed, len(report.unread)) == (1, 38, 1, MOST_NAMED)


async def test_a_store_that_gives_nothing_any_more_ends_the_scrub(put, block, scrub, file_of):
    digests = sorted([await put(bytes([number]) * 9) for number in range(8)])
    for digest in digests:
        block(digest)
    with pytest.raises(ServiceUnavailableError):
        await scrub()
    kept = file_of(digests[0])
    kept.with_suffix(".kept").replace(kept)
    assert (await scrub()).unreadable == 7


async def test_the_scrub_reads_the_contents_of_all_authorities(put, stranger, flip, scrub, operator, caller):
    await put(CONTENT)
    digest = await put(b"theirs", client=caller("contractor", tenant="hanau"))
    assert digest == digest_of(b"theirs")
    flip(await put(b"ours"))
    assert await scrub() == ScrubReport(sound=2, changed=1, new=1)
    assert len((await findings(operator))["items"]) == 1
    assert (await findings(caller("operator", tenant="hanau")))["items"] == []


async def test_findings_come_in_pages_the_newest_first(put, flip, scrub, operator):
    for number in range(5):
        flip(await put(str(number).encode()))
    await scrub()
    whole = (await findings(operator))["items"]
    first = await findings(operator, limit=3)
    second = await findings(operator, limit=3, cursor=first["next"])
    assert first["items"] + second["items"] == whole
    assert ([item["id"] for item in whole], second["next"]) == (sorted((i["id"] for i in whole), reverse=True), None)


async def test_a_cursor_of_another_list_is_refused(operator, documents):
    cursor = documents.resources.cursors.encode({"file_number": "A"})
    for text in (cursor, "forged"):
        response = await operator.get("/v1/scrub-findings", params={"cursor": text})
        assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid-cursor")


async def test_only_operators_see_findings(service):
    assert (await service.get("/v1/scrub-findings")).status_code == 403


async def test_the_list_of_findings_ends_with_its_last_page_also_where_that_is_full(put, flip, scrub, operator):
    for number in range(3):
        flip(await put(bytes([number]) * 9))
    await scrub()
    first = await findings(operator, limit=2)
    assert (len(first["items"]), bool(first["next"])) == (2, True)
    assert (await findings(operator, limit=3))["next"] is None
    last = await findings(operator, limit=2, cursor=first["next"])
    assert (len(last["items"]), last["next"]) == (1, None)
