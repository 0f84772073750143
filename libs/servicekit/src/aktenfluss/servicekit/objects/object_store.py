"""The port to the object store: immutable objects under keys, written durably, read in ranges."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from aktenfluss.kernel import Kind, Problem

KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


class ObjectNotFoundError(Problem):
    """The object store holds nothing under that key.

    Way out: this is a fault of the store, not of the request; run the scrub and restore the object from the backup.
    """

    slug: ClassVar[str] = "object-not-found"
    title: ClassVar[str] = "Object not found"
    kind: ClassVar[Kind] = Kind.INTERNAL


@dataclass(frozen=True, slots=True)
class StoreCapabilities:
    """What a store was seen to do beyond the port; None is what could not be tried."""

    versioning: bool | None = None
    object_lock: bool | None = None
    lock_enforced: bool | None = None


class ObjectStore(Protocol):
    """Keeps objects. Keys are slash-separated words of `[A-Za-z0-9._-]`; another key is a ValueError.

    Where the store does not answer, every method raises ServiceUnavailableError.
    """

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Store the object; it is durable, whole and visible on return.

        A write that raises leaves what was there before, never a part. Only where the store did the work and its
        answer was lost may the object be there, whole. What `chunks` raises ends the write; so does StorageFullError.
        """
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield `length` bytes from `start`, or as many as there are to the end.

        Raises ObjectNotFoundError before the first chunk, and ServiceUnavailableError where the line breaks on the
        way: bytes are never missing silently.
        """
        ...

    async def size(self, key: str) -> int | None:
        """Return the size in bytes, or None where there is no such object."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the object; there may be none."""
        ...

    def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield the keys that start with `prefix`, in no order; what somebody else put there under no key is left out."""
        ...

    def link(self, key: str, seconds: int, *, content_type: str, disposition: str) -> str | None:
        """Return a URL that gives the object to whoever has it, for so long and with these headers.

        None where the store is nothing that a client could ask. Does not look whether there is an object.
        """
        ...

    async def sweep(self, older_than_seconds: float) -> int:
        """Remove what writes left behind that were killed so long ago; return how many."""
        ...

    async def prepare(self) -> None:
        """Make what the store needs before its first object; there may be all of it."""
        ...

    async def probe(self) -> StoreCapabilities:
        """Try what the store can do; leaves nothing behind. Raises NotPreparedError without what `prepare` makes."""
        ...

    async def close(self) -> None:
        """End what runs and is open."""
        ...


def checked(key: str) -> str:
    """Return the key; raises ValueError where it is none."""
    if not KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key
