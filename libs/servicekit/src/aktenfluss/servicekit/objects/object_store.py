"""The port to the object store: immutable objects under keys, written durably, read in ranges."""

from collections.abc import AsyncIterator
from typing import ClassVar, Protocol

from aktenfluss.kernel import Kind, Problem


class ObjectNotFoundError(Problem):
    """The object store holds nothing under that key.

    Way out: this is a fault of the store, not of the request; run the scrub and restore the object from the backup.
    """

    slug: ClassVar[str] = "object-not-found"
    title: ClassVar[str] = "Object not found"
    kind: ClassVar[Kind] = Kind.INTERNAL


class ObjectStore(Protocol):
    """Keeps objects. Keys are slash-separated words of `[A-Za-z0-9._-]`."""

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Store the object; it is durable, whole and visible on return, else nothing of it remains.

        What `chunks` raises ends the write. Raises StorageFullError and ServiceUnavailableError.
        """
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield `length` bytes from `start`, or all to the end.

        Raises ObjectNotFoundError before the first chunk.
        """
        ...

    async def size(self, key: str) -> int | None:
        """Return the size in bytes, or None where there is no such object."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the object; there may be none."""
        ...

    def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield the keys that start with `prefix`, in no order."""
        ...

    async def sweep(self, older_than_seconds: float) -> int:
        """Remove what writes left behind that were killed so long ago; return how many."""
        ...
