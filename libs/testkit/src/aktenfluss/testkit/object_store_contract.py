"""What every object store must do; an adapter's test inherits this class and gives a `store` fixture."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from aktenfluss.servicekit import ObjectNotFoundError, ObjectStore

MEBIBYTE = bytes(range(256)) * 4096


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    """Yield the parts, as an upload would."""
    for part in parts:
        yield part


async def broken(*parts: bytes) -> AsyncIterator[bytes]:
    """Yield the parts, then fail as a client does that hangs up."""
    for part in parts:
        yield part
    raise ConnectionAbortedError


async def stuck(reached: asyncio.Event, *parts: bytes) -> AsyncIterator[bytes]:
    """Yield the parts, then wait for ever as for a client who has fallen asleep."""
    for part in parts:
        yield part
    reached.set()
    await asyncio.Event().wait()


async def content_of(store: ObjectStore, key: str, start: int = 0, length: int | None = None) -> bytes:
    """Return what the store reads."""
    return b"".join([chunk async for chunk in store.read(key, start, length)])


async def keys_in(store: ObjectStore) -> list[str]:
    """Return all keys in order."""
    return sorted([key async for key in store.list("")])


class ObjectStoreContract:
    """The contract of `ObjectStore`."""

    async def test_what_was_written_is_read(self, store: ObjectStore) -> None:
        await store.write("a/b/c.pdf", chunks(b"one", b"", b"two"))
        assert await content_of(store, "a/b/c.pdf") == b"onetwo"
        assert await store.size("a/b/c.pdf") == 6

    async def test_an_empty_object_exists(self, store: ObjectStore) -> None:
        await store.write("empty", chunks())
        assert await store.size("empty") == 0
        assert await content_of(store, "empty") == b""
        assert await content_of(store, "empty", 0, 3) == b""

    @pytest.mark.parametrize("mebibytes", [5, 16, 40])
    async def test_large_objects_come_back_whole(self, store: ObjectStore, mebibytes: int) -> None:
        await store.write("large", chunks(*[MEBIBYTE] * mebibytes, b"end"))
        assert await content_of(store, "large") == MEBIBYTE * mebibytes + b"end"
        assert await content_of(store, "large", mebibytes << 20) == b"end"

    async def test_one_chunk_may_be_larger_than_what_is_sent_at_once(self, store: ObjectStore) -> None:
        await store.write("large", chunks(MEBIBYTE * 33))
        assert await content_of(store, "large") == MEBIBYTE * 33

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [
            (0, 3, b"012"),
            (4, None, b"456789"),
            (8, 5, b"89"),
            (2, 0, b""),
            (10, None, b""),
            (12, 3, b""),
        ],
    )
    async def test_ranges(self, store: ObjectStore, start: int, length: int | None, expected: bytes) -> None:
        await store.write("range", chunks(b"0123456789"))
        assert await content_of(store, "range", start, length) == expected

    @pytest.mark.parametrize("sent", [[b"half"], [MEBIBYTE] * 33], ids=["small", "large"])
    async def test_a_broken_write_leaves_nothing(self, store: ObjectStore, sent: list[bytes]) -> None:
        with pytest.raises(ConnectionAbortedError):
            await store.write("broken", broken(*sent))
        assert await store.size("broken") is None
        assert await keys_in(store) == []
        assert await store.sweep(older_than_seconds=0) == 0

    @pytest.mark.parametrize("sent", [[b"half"], [MEBIBYTE] * 33], ids=["small", "large"])
    async def test_a_broken_overwrite_leaves_the_old_object(self, store: ObjectStore, sent: list[bytes]) -> None:
        await store.write("kept", chunks(b"old"))
        with pytest.raises(ConnectionAbortedError):
            await store.write("kept", broken(*sent))
        assert await content_of(store, "kept") == b"old"

    @pytest.mark.parametrize("sent", [[b"half"], [MEBIBYTE] * 33], ids=["small", "large"])
    async def test_a_cancelled_write_leaves_nothing(self, store: ObjectStore, sent: list[bytes]) -> None:
        reached = asyncio.Event()
        writing = asyncio.create_task(store.write("cancelled", stuck(reached, *sent)))
        await asyncio.wait_for(reached.wait(), 30)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert await keys_in(store) == []
        assert await store.sweep(older_than_seconds=0) == 0

    async def test_overwriting_replaces(self, store: ObjectStore) -> None:
        await store.write("twice", chunks(b"first"))
        await store.write("twice", chunks(b"2nd"))
        assert await content_of(store, "twice") == b"2nd"

    async def test_of_two_writers_one_is_seen_whole(self, store: ObjectStore) -> None:
        contents = [letter * 3_000_000 for letter in (b"a", b"b", b"c")]
        await asyncio.gather(*(store.write("race", chunks(content)) for content in contents))
        assert await content_of(store, "race") in contents

    async def test_a_reader_who_leaves_early_disturbs_nobody(self, store: ObjectStore) -> None:
        await store.write("large", chunks(*[MEBIBYTE] * 5))
        for _ in range(3):
            async for _ in store.read("large"):
                break
        assert await content_of(store, "large", 0, 4) == MEBIBYTE[:4]

    async def test_what_is_missing_is_told_before_the_first_byte(self, store: ObjectStore) -> None:
        assert await store.size("missing") is None
        for start, length in ((0, None), (5, 3), (0, 0)):
            with pytest.raises(ObjectNotFoundError):
                await content_of(store, "missing", start, length)

    async def test_deleting_twice_is_the_same_as_once(self, store: ObjectStore) -> None:
        await store.write("gone", chunks(b"x"))
        await store.delete("gone")
        await store.delete("gone")
        assert await store.size("gone") is None

    async def test_keys_are_listed_by_prefix(self, store: ObjectStore) -> None:
        for key in ("a/1", "a/2", "ab/3", "b/4"):
            await store.write(key, chunks(b"x"))
        assert {key async for key in store.list("a/")} == {"a/1", "a/2"}
        assert {key async for key in store.list("a")} == {"a/1", "a/2", "ab/3"}
        assert {key async for key in store.list("c/")} == set()

    async def test_the_sweep_leaves_what_is_whole(self, store: ObjectStore) -> None:
        await store.write("whole", chunks(b"x"))
        assert await store.sweep(older_than_seconds=0) == 0
        assert await store.size("whole") == 1

    async def test_a_link_where_there_is_one_gives_the_object_as_a_download(self, store: ObjectStore) -> None:
        await store.write("a/scan.pdf", chunks(b"0123456789"))
        link = store.link("a/scan.pdf", 30, content_type="application/pdf", disposition="attachment")
        if link is None:
            return
        async with httpx.AsyncClient() as anybody:
            whole = await anybody.get(link)
            part = await anybody.get(link, headers={"Range": "bytes=2-4"})
            another = await anybody.get(link.replace("scan.pdf", "other.pdf"))
        assert (whole.status_code, whole.content) == (200, b"0123456789")
        assert (whole.headers["content-type"], whole.headers["content-disposition"]) == (
            "application/pdf",
            "attachment",
        )
        assert (part.status_code, part.content) == (206, b"234")
        assert another.status_code == 403

    async def test_the_probe_leaves_nothing_and_preparing_again_takes_nothing(self, store: ObjectStore) -> None:
        await store.write("kept", chunks(b"x"))
        await store.prepare()
        seen = await store.probe()
        assert seen.object_lock or seen.lock_enforced is None
        assert await keys_in(store) == ["kept"]

    @pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/../b", "a/./b", "a\x00", ".unfinished/x", "a b", "ä"])
    async def test_what_is_no_key_is_refused(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(ValueError, match="not a key"):
            await store.write(key, chunks(b"x"))
        with pytest.raises(ValueError, match="not a key"):
            await content_of(store, key)
