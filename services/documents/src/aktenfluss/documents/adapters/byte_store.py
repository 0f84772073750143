"""The object store in the words of this service."""

from collections.abc import AsyncIterator

from aktenfluss.servicekit import ObjectNotFoundError, ObjectStore

from ..domain.ports import BytesMissingError


class StoredBytes:
    """Implements `ByteStore` on an object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.write = store.write
        self.delete = store.delete
        self.list = store.list
        self.link = store.link

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._store.read(key, start, length):
                yield chunk
        except ObjectNotFoundError as error:
            raise BytesMissingError(key) from error
