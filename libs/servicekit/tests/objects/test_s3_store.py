"""The object store in a bucket, on every S3 store that we start."""

import asyncio
import tracemalloc
from dataclasses import replace
from io import BytesIO

import pytest
from minio import Minio as Client

from aktenfluss.servicekit import NotPreparedError, S3Store, StoreRefusedError
from aktenfluss.servicekit.objects.s3_requests import S3Requests
from aktenfluss.testkit import ObjectStoreContract
from aktenfluss.testkit.object_store_contract import MEBIBYTE, chunks, content_of, keys_in, stuck

pytestmark = pytest.mark.servers


class TestS3Store(ObjectStoreContract):
    """Runs on a bucket of each store."""


@pytest.fixture
def requests(store, url):
    return S3Requests(url, store._http)


async def test_the_sweep_aborts_what_killed_writes_left_and_nothing_younger(store, requests):
    for name in ("a/left", "b/left"):
        requests.send_part(requests.begin_upload(name), 1, b"half")
    assert await store.sweep(older_than_seconds=3600) == 0
    assert await store.sweep(older_than_seconds=0) == 2
    assert await store.sweep(older_than_seconds=0) == 0
    assert await keys_in(store) == []


async def test_a_slow_sender_and_a_slow_reader_hold_no_thread(url, store):
    one = S3Store(url, threads=1)
    await one.write("large", chunks(*[MEBIBYTE] * 3))
    reached = asyncio.Event()
    sending = asyncio.create_task(one.write("slow", stuck(reached, *[MEBIBYTE] * 17)))
    reading = one.read("large")
    await anext(reading)
    await asyncio.wait_for(reached.wait(), 30)
    await asyncio.wait_for(one.write("quick", chunks(b"x")), 10)
    assert await content_of(one, "quick") == b"x"
    sending.cancel()
    await asyncio.wait([sending])
    await reading.aclose()
    await one.close()


async def test_memory_does_not_grow_with_the_object(store):
    tracemalloc.start()
    await store.write("large", chunks(*[MEBIBYTE] * 128))
    assert sum([len(chunk) async for chunk in store.read("large")]) == 128 << 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20


async def test_more_keys_than_a_page_are_listed(store):
    keys = [f"many/{number:04}" for number in range(1_020)]
    for begin in range(0, len(keys), 60):
        await asyncio.gather(*(store.write(key, chunks()) for key in keys[begin : begin + 60]))
    assert [key async for key in store.list("many/")] == keys


async def test_what_somebody_else_left_there_has_no_key(store, url):
    await store.write("contents/ours", chunks(b"x"))
    theirs = Client(url.endpoint, url.access_key, url.secret_key, secure=False)
    theirs.put_object(url.bucket, "contents/a copy", BytesIO(b"x"), 1)
    assert await keys_in(store) == ["contents/ours"]


@pytest.mark.parametrize("seconds", [0, 61])
async def test_a_link_lasts_a_minute_at_the_most(store, seconds):
    with pytest.raises(ValueError, match="1 to 60 seconds"):
        store.link("a", seconds, content_type="application/pdf", disposition="attachment")


async def test_without_its_bucket_a_store_is_not_prepared_and_refuses_by_name(url):
    store = S3Store(url)
    with pytest.raises(NotPreparedError, match="aktenfluss migrate"):
        await store.probe()
    with pytest.raises(StoreRefusedError, match="NoSuchBucket"):
        await store.write("a", chunks(b"x"))
    await store.close()


async def test_wrong_keys_are_told_by_the_code_of_the_store_and_not_shown(store, url):
    wrong = S3Store(replace(url, secret_key="not-the-secret"))
    with pytest.raises(StoreRefusedError, match="SignatureDoesNotMatch") as refused:
        await wrong.write("a", chunks(b"x"))
    assert "not-the-secret" not in str(refused.value) + str(refused.value.__cause__)
    with pytest.raises(StoreRefusedError, match="AccessDenied"):
        await wrong.size("a")
    await wrong.close()


async def test_a_lock_is_tried_and_not_believed(url):
    store = S3Store(url)
    client = Client(url.endpoint, url.access_key, url.secret_key, secure=url.tls, region=url.region)
    client.make_bucket(url.bucket, object_lock=True)
    seen = await store.probe()
    assert (seen.object_lock, seen.lock_enforced) == (True, True)
    assert list(client.list_objects(url.bucket, recursive=True, include_version=True)) == []
    await store.close()
