"""What breaks between us and an S3 store is told as a problem, leaves nothing by half, and passes without a restart."""

import asyncio
import time

import pytest
from minio import Minio as Client

from aktenfluss.servicekit import ServiceUnavailableError, StorageFullError
from aktenfluss.testkit import Direction
from aktenfluss.testkit.object_store_contract import MEBIBYTE, chunks, content_of, keys_in

pytestmark = pytest.mark.servers


def answer(status: str, body: bytes = b"", content_type: str = "application/xml") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def error(status: str, code: str) -> bytes:
    return answer(status, f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>m</Message></Error>'.encode())


FAILURES = {
    "500": error("500 Internal Server Error", "InternalError"),
    "503": error("503 Slow Down", "SlowDown"),
    "500 without a word": answer("500 Internal Server Error"),
    "a page of something in between": answer("502 Bad Gateway", b"<html>", "text/html"),
    "broken XML": answer("400 Bad Request", b"<Error><Co"),
    "an answer that breaks off": answer("500 Internal Server Error", b"x" * 90)[:-40],
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_a_failing_store_is_told_and_passes(store, hasty, proxy, failure):
    proxy.answer(failure, times=100)
    for attempt in (hasty.write("a", chunks(b"x")), content_of(hasty, "a"), hasty.size("a"), keys_in(hasty)):
        with pytest.raises(ServiceUnavailableError):
            await attempt
    assert await keys_in(store) == []
    proxy.heal()
    await hasty.write("a", chunks(b"x"))
    assert await content_of(hasty, "a") == b"x"


@pytest.mark.parametrize("failure", [FAILURES["500"], FAILURES["503"], b""], ids=["500", "503", "hung up"])
async def test_one_failure_is_not_even_noticed(hasty, proxy, failure):
    proxy.answer(failure)
    await hasty.write("a", chunks(b"x"))
    proxy.answer(failure)
    assert await content_of(hasty, "a") == b"x"


async def test_a_store_that_asks_for_a_minute_does_not_hold_the_caller(hasty, proxy):
    proxy.answer(b"HTTP/1.1 503 Slow Down\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n", times=9)
    with pytest.raises(ServiceUnavailableError):
        await asyncio.wait_for(hasty.write("a", chunks(b"x")), 20)


async def test_connections_that_died_meanwhile_are_not_noticed(hasty, proxy):
    await hasty.write("a", chunks(b"x"))
    proxy.cut()
    await hasty.write("b", chunks(b"y"))
    assert await keys_in(hasty) == ["a", "b"]


@pytest.mark.parametrize(
    "full", [error("507 Insufficient Storage", "OfAnyName"), error("400 Bad Request", "XMinioStorageFull")]
)
async def test_a_full_store_is_told_as_such(hasty, proxy, full):
    proxy.answer(full, times=2)
    with pytest.raises(StorageFullError):
        await hasty.write("a", chunks(b"x"))
    with pytest.raises(StorageFullError):
        await hasty.delete("a")


@pytest.mark.parametrize("passing", [0, 100, 100_000])
async def test_a_write_whose_line_is_cut_leaves_the_old_object(store, hasty, proxy, passing):
    await store.write("a", chunks(b"old"))
    proxy.cut_after(passing, Direction.TO_SERVER)
    with pytest.raises(ServiceUnavailableError):
        await hasty.write("a", chunks(b"n" * 1_000_000))
    with pytest.raises(ServiceUnavailableError):
        await hasty.write("b", chunks(b"n" * 1_000_000))
    assert await content_of(store, "a") == b"old"
    assert await keys_in(store) == ["a"]


async def test_a_write_whose_answer_is_lost_is_whole_or_not_there(store, hasty, proxy):
    proxy.cut_after(0, Direction.TO_CLIENT)
    with pytest.raises(ServiceUnavailableError):
        await hasty.write("a", chunks(b"n" * 100_000))
    assert await store.size("a") in {None, 100_000}
    proxy.heal()
    await hasty.write("a", chunks(b"again"))
    assert await content_of(store, "a") == b"again"


async def test_what_a_lost_upload_left_is_swept_later(store, hasty, proxy):
    async def losing():
        for number in range(40):
            if number == 20:
                proxy.refuse()
            yield MEBIBYTE

    with pytest.raises(ServiceUnavailableError):
        await hasty.write("a", losing())
    assert await keys_in(store) == []
    proxy.heal()
    assert await hasty.sweep(older_than_seconds=0) == 1
    assert await store.sweep(older_than_seconds=0) == 0


@pytest.mark.parametrize("size", [1_000_000, 17 << 20])
async def test_a_byte_that_changes_on_its_way_is_refused(store, hasty, proxy, size):
    proxy.flip_after(500_000, Direction.TO_SERVER)
    with pytest.raises(ServiceUnavailableError):
        await hasty.write("a", chunks(b"x" * size))
    assert await keys_in(store) == []
    assert await store.sweep(older_than_seconds=0) == 0


async def test_a_read_whose_line_is_cut_raises_after_what_came(store, hasty, proxy):
    await store.write("a", chunks(*[MEBIBYTE] * 5))
    proxy.cut_after(2_500_000, Direction.TO_CLIENT)
    size = 0
    with pytest.raises(ServiceUnavailableError):
        async for chunk in hasty.read("a"):
            size += len(chunk)
    assert size < 5 << 20
    proxy.heal()
    assert await content_of(hasty, "a") == MEBIBYTE * 5


@pytest.mark.parametrize(
    "truncated",
    [
        answer("200 OK", b"0123456789")[:-3],
        b"HTTP/1.1 200 OK\r\n\r\n0123456789",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
    ],
    ids=["less than promised", "nothing promised", "in chunks"],
)
async def test_a_body_that_may_be_short_is_no_content(hasty, proxy, truncated):
    proxy.answer(truncated, times=9)
    with pytest.raises(ServiceUnavailableError):
        await content_of(hasty, "a")


@pytest.mark.parametrize(
    "other",
    [
        answer("200 OK", b"0123"),
        b"HTTP/1.1 206 Partial\r\nContent-Length: 4\r\nContent-Range: bytes 0-3/10\r\n\r\n0123",
        b"HTTP/1.1 206 Partial\r\nContent-Length: 8\r\nContent-Range: bytes 2-9/10\r\n\r\n23456789",
        b"HTTP/1.1 206 Partial\r\nContent-Length: 4\r\n\r\n2345",
    ],
    ids=["the whole", "another range", "more", "who knows"],
)
async def test_another_range_than_was_asked_for_is_no_content(hasty, proxy, other):
    proxy.answer(other)
    with pytest.raises(ServiceUnavailableError):
        await content_of(hasty, "a", 2, 4)


async def test_a_slow_store_is_waited_for_so_long_and_no_longer(store, hasty, proxy):
    await store.write("a", chunks(b"x"))
    proxy.delay(60)
    begun = time.monotonic()
    for attempt in (hasty.write("b", chunks(b"x")), content_of(hasty, "a")):
        with pytest.raises(ServiceUnavailableError):
            await attempt
    assert time.monotonic() - begun < 30
    proxy.heal()
    assert await content_of(hasty, "a") == b"x"


async def test_a_late_error_behind_a_200_fails_the_upload(store, hasty, proxy, url):
    late = answer("200 OK", b'   <?xml version="1.0"?><Error><Code>InternalError</Code></Error>')
    proxy.answer(late, to=f"POST /{url.bucket}/a?uploadId=".encode())
    with pytest.raises(ServiceUnavailableError):
        await hasty.write("a", chunks(*[MEBIBYTE] * 17))
    assert await keys_in(store) == []
    assert await store.sweep(older_than_seconds=0) == 0


async def test_a_store_that_only_says_it_locks_is_seen_through(hasty, proxy, url):
    client = Client(url.endpoint, url.access_key, url.secret_key, secure=url.tls, region=url.region)
    client.remove_bucket(url.bucket)
    client.make_bucket(url.bucket, object_lock=True)
    proxy.answer(b"HTTP/1.1 204 No Content\r\n\r\n", to=b"DELETE ")
    seen = await hasty.probe()
    assert (seen.object_lock, seen.lock_enforced) == (True, False)


async def test_a_store_that_was_killed_comes_back(store, server):
    await store.write("a", chunks(b"before"))
    server.kill()
    with pytest.raises(ServiceUnavailableError):
        await store.write("b", chunks(b"meanwhile"))
    with pytest.raises(ServiceUnavailableError):
        await content_of(store, "a")
    await asyncio.to_thread(server.start_again)
    assert await content_of(store, "a") == b"before"
    assert await keys_in(store) == ["a"]
    await store.write("b", chunks(b"after"))


async def test_a_store_that_hangs_is_given_up_and_goes_on_later(hasty, server):
    await hasty.write("a", chunks(b"x"))
    server.pause()
    try:
        with pytest.raises(ServiceUnavailableError):
            await content_of(hasty, "a")
    finally:
        server.resume()
    assert await content_of(hasty, "a") == b"x"
