"""Objects are copied from store to store, once."""

from collections.abc import AsyncIterator

import pytest

from aktenfluss.servicekit import FileStore
from aktenfluss.servicekit.backup.objects import BATCH, batches, copy_objects


async def one(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def read(store: FileStore, key: str) -> bytes:
    return b"".join([chunk async for chunk in store.read(key)])


@pytest.fixture
async def source(tmp_path):
    store = FileStore(tmp_path / "source")
    for number in range(20):
        await store.write(f"contents/{number}", one(b"%d" % number))
    return store


@pytest.fixture
def target(tmp_path):
    return FileStore(tmp_path / "target")


async def test_what_is_there_is_not_copied_again(source, target):
    first = await copy_objects(source, target, to="objects/")
    assert (first.seen, first.copied) == (20, 20)
    await source.write("contents/new", one(b"new"))
    second = await copy_objects(source, target, to="objects/")
    assert (second.seen, second.copied) == (21, 1)
    assert await read(target, "objects/contents/7") == b"7"


async def test_the_way_back_has_the_first_names(source, target, tmp_path):
    await copy_objects(source, target, to="objects/")
    await target.write("databases/other", one(b"not an object"))
    restored = FileStore(tmp_path / "restored")
    await copy_objects(target, restored, of="objects/")
    assert {key async for key in restored.list("")} == {key async for key in source.list("")}


async def test_what_is_not_admitted_stays(source, target):
    async def odd(keys):
        assert all(key.startswith("contents/") for key in keys)
        return {key for key in keys if int(key.rpartition("/")[2]) % 2}

    copied = await copy_objects(source, target, admits=odd)
    assert (copied.seen, copied.copied) == (20, 10)


async def test_one_that_is_deleted_meanwhile_is_passed_over(source, target):
    class Forgetful(FileStore):
        """Lists what is gone when it is read."""

        async def list(self, prefix):
            yield "contents/gone"
            async for key in super().list(prefix):
                yield key

    copied = await copy_objects(Forgetful(source.local_path("contents").parent), target)
    assert (copied.seen, copied.copied) == (21, 20)


async def test_keys_come_in_batches():
    async def keys():
        for number in range(BATCH + 1):
            yield str(number)

    assert [len(batch) async for batch in batches(keys())] == [BATCH, 1]
