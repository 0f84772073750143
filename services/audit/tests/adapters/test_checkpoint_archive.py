"""Copies in the object store: prepared, completed, listed."""

import pytest

from aktenfluss.audit.adapters.checkpoint_archive import ObjectCheckpointArchive
from aktenfluss.audit.domain.checkpoint import CheckpointCopy

COPY = CheckpointCopy("signature", (bytes(32),))


@pytest.fixture
def archive(store):
    return ObjectCheckpointArchive(store)


async def test_a_prepared_copy_is_read_but_not_complete(archive):
    await archive.prepare("offenbach", 5, COPY)
    assert await archive.read("offenbach", 5) == COPY
    assert not await archive.is_complete("offenbach", 5)
    assert [waiting async for waiting in archive.prepared()] == [("offenbach", 5)]


async def test_a_completed_copy_waits_no_more(archive):
    await archive.prepare("offenbach", 5, COPY)
    await archive.complete("offenbach", 5, COPY)
    assert await archive.is_complete("offenbach", 5)
    assert [waiting async for waiting in archive.prepared()] == []


async def test_sizes_are_those_of_one_tenant(archive):
    for tenant_id, size in (("offenbach", 5), ("offenbach", 9), ("offenbach-2", 7)):
        await archive.complete(tenant_id, size, COPY)
    assert {size async for size in archive.sizes("offenbach")} == {5, 9}
    assert await archive.tenants() == {"offenbach", "offenbach-2"}


@pytest.mark.parametrize("size", [0, -5, 6])
async def test_what_is_not_there_is_none(archive, size):
    assert await archive.read("offenbach", size) is None
