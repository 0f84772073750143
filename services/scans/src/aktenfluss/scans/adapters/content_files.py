"""Stored contents as files that a child process can open; they belong to `documents` and are only read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

from aktenfluss.contracts.documents import content_key
from aktenfluss.kernel import Digest
from aktenfluss.servicekit import ObjectStore, TemporaryCopies

COPIES = 8


@runtime_checkable
class LocalStore(Protocol):
    """An object store whose objects are files of this machine."""

    def local_path(self, key: str) -> Path:
        """Return where the object is, or would be."""
        ...


class ContentFiles:
    """Lends contents as files; of a store elsewhere at most `COPIES` are on this machine at a time."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._copies = TemporaryCopies(COPIES)

    @asynccontextmanager
    async def open(self, tenant_id: str, content: Digest) -> AsyncIterator[Path]:
        """Lend the file of a content; a store elsewhere is copied to a temporary one, piece by piece.

        Raises ObjectNotFoundError from a store elsewhere; a local file may not be there.
        """
        key = content_key(tenant_id, content)
        if isinstance(self._store, LocalStore):
            yield self._store.local_path(key)
            return
        async with self._copies.lend(self._store.read(key), ".pdf") as path:
            yield path
