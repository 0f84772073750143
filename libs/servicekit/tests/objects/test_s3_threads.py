"""Work for an S3 store runs in few threads, and who leaves knows what becomes of it."""

import asyncio
import threading

import pytest

from aktenfluss.servicekit import S3Store, S3Url, ServiceUnavailableError


@pytest.fixture
async def store():
    store = S3Store(S3Url("127.0.0.1:1", "nowhere", "key", "secret", tls=False), threads=1, read_seconds=1)
    yield store
    await store.close()


class Slow:
    """Work that lasts until it is released."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()
        self.ended = False

    def __call__(self) -> None:
        self.begun.set()
        self.release.wait(10)
        self.ended = True


@pytest.fixture
async def slow(store):
    slow = Slow()
    yield slow
    slow.release.set()


async def test_who_is_cancelled_leaves_once_the_thread_has_ended(store, slow):
    leaving = asyncio.create_task(store._run(slow))
    await asyncio.to_thread(slow.begun.wait)
    leaving.cancel()
    asyncio.get_running_loop().call_later(0.05, slow.release.set)
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert slow.ended


async def test_who_is_cancelled_again_and_again_waits_for_the_thread_all_the_same(store, slow):
    leaving = asyncio.create_task(store._run(slow))
    await asyncio.to_thread(slow.begun.wait)
    for _ in range(3):
        leaving.cancel()
        await asyncio.sleep(0.01)
    assert not leaving.done()
    slow.release.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert slow.ended


async def test_who_is_cancelled_before_his_turn_leaves_at_once_and_nothing_is_done(store, slow):
    holding = asyncio.create_task(store._run(slow))
    await asyncio.to_thread(slow.begun.wait)
    done = []
    leaving = asyncio.create_task(store._run(done.append, "too late"))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert not slow.ended
    slow.release.set()
    await holding
    await store._run(done.append, "next")
    assert done == ["next"]


async def test_who_waits_too_long_for_a_thread_is_told_so(store, slow):
    holding = asyncio.create_task(store._run(slow))
    await asyncio.to_thread(slow.begun.wait)
    done = []
    with pytest.raises(ServiceUnavailableError, match="too slow"):
        await store._run(done.append, "too late")
    slow.release.set()
    await holding
    assert done == []
