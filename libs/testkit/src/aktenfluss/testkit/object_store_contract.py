"""What every object store must do; an adapter's test inherits this class and gives a `store` fixture."""

from collections.abc import AsyncIterator

import pytest

from aktenfluss.servicekit import ObjectNotFoundError, ObjectStore


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    """Yield the parts, as an upload would."""
    for part in parts:
        yield part


async def broken(*parts: bytes) -> AsyncIterator[bytes]:
    """Yield the parts, then fail as a client does that hangs up."""
    for part in parts:
        yield part
    raise ConnectionAbortedError


async def content_of(store: ObjectStore, key: str, start: int = 0, length: int | None = None) -> bytes:
    """Return what the store reads."""
    return b"".join([chunk async for chunk in store.read(key, start, length)])


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

    async def test_large_objects_come_back_whole(self, store: ObjectStore) -> None:
        block = bytes(range(256)) * 4096
        await store.write("large", chunks(*[block] * 5, b"end"))
        assert await content_of(store, "large") == block * 5 + b"end"

    @pytest.mark.parametrize(
        ("start", "length", "expected"), [(0, 3, b"012"), (4, None, b"456789"), (8, 5, b"89"), (2, 0, b"")]
    )
    async def test_ranges(self, store: ObjectStore, start: int, length: int | None, expected: bytes) -> None:
        await store.write("range", chunks(b"0123456789"))
        assert await content_of(store, "range", start, length) == expected

    async def test_a_broken_write_leaves_nothing(self, store: ObjectStore) -> None:
        with pytest.raises(ConnectionAbortedError):
            await store.write("broken", broken(b"half"))
        assert await store.size("broken") is None
        assert [key async for key in store.list("")] == []

    async def test_a_broken_overwrite_leaves_the_old_object(self, store: ObjectStore) -> None:
        await store.write("kept", chunks(b"old"))
        with pytest.raises(ConnectionAbortedError):
            await store.write("kept", broken(b"new"))
        assert await content_of(store, "kept") == b"old"

    async def test_overwriting_replaces(self, store: ObjectStore) -> None:
        await store.write("twice", chunks(b"first"))
        await store.write("twice", chunks(b"2nd"))
        assert await content_of(store, "twice") == b"2nd"

    async def test_what_is_missing_is_told_before_the_first_byte(self, store: ObjectStore) -> None:
        assert await store.size("missing") is None
        with pytest.raises(ObjectNotFoundError):
            await content_of(store, "missing")

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

    @pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/../b", "a/./b", "a\x00", ".unfinished/x", "a b", "ä"])
    async def test_what_is_no_key_is_refused(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(ValueError, match="not a key"):
            await store.write(key, chunks(b"x"))
