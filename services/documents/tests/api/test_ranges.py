"""Ranges of contents, small ones and large ones with block digests."""

import random

import pytest

from aktenfluss.kernel import digest_of

SMALL = bytes(range(256)) * 10
LARGE = random.Random(1).randbytes((9 << 20) + 12_345)
MEBIBYTE = 1 << 20


async def fetched(client, digest, header, **headers):
    response = await client.get(f"/v1/contents/{digest}", headers={"Range": header, **headers})
    return response.status_code, response.headers.get("content-range"), response.content


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
async def test_ranges_are_parts_of_the_whole(put, service, content):
    digest, total = await put(content), len(content)
    draw = random.Random(2)
    ranges = [(0, 0), (0, total - 1), (total - 1, total - 1), (MEBIBYTE - 1, MEBIBYTE), (MEBIBYTE, 2 * MEBIBYTE - 1)]
    ranges += [tuple(sorted((draw.randrange(total), draw.randrange(total)))) for _ in range(10)]
    for first, last in ranges:
        if last < total:
            expected = (206, f"bytes {first}-{last}/{total}", content[first : last + 1])
            assert await fetched(service, digest, f"bytes={first}-{last}") == expected


async def test_suffixes_and_open_ranges(put, service):
    digest = await put(SMALL)
    assert await fetched(service, digest, "bytes=-3") == (206, "bytes 2557-2559/2560", SMALL[-3:])
    assert await fetched(service, digest, "bytes=2558-") == (206, "bytes 2558-2559/2560", SMALL[-2:])


async def test_a_range_that_is_none_gives_the_whole(put, service):
    assert await fetched(service, await put(SMALL), "pages=1-2") == (200, None, SMALL)


async def test_if_range_of_another_content_gives_the_whole(put, service):
    digest = await put(SMALL)
    whole = await fetched(service, digest, "bytes=0-1", **{"If-Range": f'"{digest_of(b"other")}"'})
    part = await fetched(service, digest, "bytes=0-1", **{"If-Range": f'"{digest}"'})
    assert (whole, part) == ((200, None, SMALL), (206, "bytes 0-1/2560", SMALL[:2]))


async def test_a_range_behind_the_end_is_refused(put, service, problem_of):
    digest = await put(SMALL)
    response = await service.get(f"/v1/contents/{digest}", headers={"Range": "bytes=2560-"})
    assert problem_of(response) == {
        "type": "/problems/range-not-satisfiable",
        "title": "Range not satisfiable",
        "status": 416,
        "detail": "the content has 2560 bytes",
        "size_bytes": 2560,
    }


async def test_a_changed_block_is_not_served_but_its_neighbours_are(put, service, flip):
    digest = await put(LARGE)
    flip(digest, 3 * MEBIBYTE)
    assert (await fetched(service, digest, "bytes=0-9"))[0] == 206
    assert (await fetched(service, digest, f"bytes={3 * MEBIBYTE + 5}-{3 * MEBIBYTE + 6}"))[0] == 409
    assert (await fetched(service, digest, "bytes=0-9"))[0] == 409
