"""The copies of the checkpoints in the object store."""

import re
from collections.abc import AsyncIterator

from aktenfluss.servicekit import ObjectNotFoundError, ObjectStore

from ..domain.checkpoint import CheckpointCopy

COMPLETED = "audit/checkpoints/"
PREPARED = "audit/prepared-checkpoints/"
PLACE = re.compile(r"([a-z0-9-]{1,40})/([0-9]{20})\.json")
MAX_BYTES = 2 << 20
"""Three times what a copy with the most leaves needs; no more is read of what somebody put in its place."""
MAX_SIZE = (1 << 63) - 1


class ObjectCheckpointArchive:
    """Implements `CheckpointArchive`: `audit/checkpoints/<tenant>/<size, 20 digits>.json`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def prepare(self, tenant_id: str, size: int, copy: CheckpointCopy) -> None:
        await self._store.write(key(PREPARED, tenant_id, size), one(copy.encode()))

    async def complete(self, tenant_id: str, size: int, copy: CheckpointCopy) -> None:
        await self._store.write(key(COMPLETED, tenant_id, size), one(copy.encode()))
        await self.drop_prepared(tenant_id, size)

    async def drop_prepared(self, tenant_id: str, size: int) -> None:
        await self._store.delete(key(PREPARED, tenant_id, size))

    async def prepared(self) -> AsyncIterator[tuple[str, int]]:
        async for place in self._places(PREPARED):
            yield place

    async def read(self, tenant_id: str, size: int) -> CheckpointCopy | None:
        if size < 1:
            return None
        # The completed one twice: it may be completed, and the prepared one be dropped, between the first two reads.
        for folder in (COMPLETED, PREPARED, COMPLETED):
            content = await self._read(key(folder, tenant_id, size))
            if content is not None:
                return CheckpointCopy.decode(content)
        return None

    async def is_complete(self, tenant_id: str, size: int) -> bool:
        return await self._store.size(key(COMPLETED, tenant_id, size)) is not None

    async def sizes(self, tenant_id: str) -> AsyncIterator[int]:
        async for _, size in self._places(f"{COMPLETED}{tenant_id}/"):
            yield size

    async def tenants(self) -> set[str]:
        return {tenant_id async for tenant_id, _ in self._places(COMPLETED)}

    async def _places(self, prefix: str) -> AsyncIterator[tuple[str, int]]:
        """Yield what the names below `prefix` say; names that are not ours prove nothing and are passed over."""
        async for name in self._store.list(prefix):
            if place := place_of(name):
                yield place

    async def _read(self, name: str) -> bytes | None:
        try:
            return b"".join([chunk async for chunk in self._store.read(name, 0, MAX_BYTES)])
        except ObjectNotFoundError:
            return None


def place_of(name: str) -> tuple[str, int] | None:
    """Return the authority and the size of which an object is the copy of a checkpoint, None for any other object."""
    folder = next((folder for folder in (COMPLETED, PREPARED) if name.startswith(folder)), None)
    place = PLACE.fullmatch(name.removeprefix(folder)) if folder else None
    return (place[1], int(place[2])) if place and int(place[2]) <= MAX_SIZE else None


def key(folder: str, tenant_id: str, size: int) -> str:
    return f"{folder}{tenant_id}/{size:020}.json"


async def one(content: bytes) -> AsyncIterator[bytes]:
    yield content
