"""Take one chunk of a large content; with the last one the content is stored."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass

from aktenfluss.kernel import Clock, Principal, new_id

from ..domain.byte_range import ByteRange
from ..domain.errors import DigestMismatchError, IncompleteBodyError
from ..domain.ports import BytesMissingError, ByteStore, DocumentsQueries, DocumentsUnitOfWork
from ..domain.upload import Step, Upload, first_step, offset_mismatch, part_key, with_part
from ..domain.verification import Expected
from .store_content import StoreContent


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far the upload is: `received_bytes` of it are durable, or the content is `stored`, `new` just now."""

    received_bytes: int
    stored: bool = False
    new: bool = False


@dataclass(frozen=True, slots=True)
class AppendChunk:
    """Append a chunk to a half-sent upload.

    Each chunk is an object of its own until the last one comes; then they are joined under the content's digest.
    """

    units: DocumentsUnitOfWork
    queries: DocumentsQueries
    store: ByteStore
    clock: Clock
    store_content: StoreContent

    async def __call__(
        self, principal: Principal, digest: str, chunk: ByteRange, pieces: AsyncIterable[bytes]
    ) -> Receipt:
        if await self.store_content.is_stored(principal, digest):
            return Receipt(chunk.total, stored=True)
        expected = Expected(digest, chunk.total, self.store_content.limit_bytes)
        upload = await self.queries.upload(principal, digest)
        step = upload.step(chunk) if upload else first_step(digest, chunk)
        if upload and step is Step.SKIP:
            return Receipt(upload.received_bytes)
        body = counted(pieces, chunk.length)
        if chunk.last + 1 < chunk.total:
            return await self._append(principal, digest, chunk, upload, body)
        before = upload.parts if upload and step is Step.APPEND else ()
        # Closed at once: after a failure the open part would keep its room on the disk until somebody collects it.
        async with aclosing(self._joined(before, body)) as joined:
            return await self._finish(principal, expected, upload, joined)

    async def _append(
        self, principal: Principal, digest: str, chunk: ByteRange, known: Upload | None, body: AsyncIterator[bytes]
    ) -> Receipt:
        part = part_key(principal.tenant_id, digest, new_id())
        await self.store.write(part, body)
        upload = with_part(known, digest, chunk, part, self.clock.now())
        async with self.units.begin(principal) as tx:
            saved = await tx.uploads.save(upload, expected=known)
        if saved:
            await self._delete(part for part in (known.parts if known else ()) if part not in upload.parts)
            return Receipt(upload.received_bytes)
        await self._delete([part])
        other = await self.queries.upload(principal, digest)
        raise offset_mismatch(digest, other.received_bytes if other else 0)

    async def _finish(
        self, principal: Principal, expected: Expected, upload: Upload | None, pieces: AsyncIterator[bytes]
    ) -> Receipt:
        try:
            content = await self.store_content.write(principal, expected, pieces)
        except DigestMismatchError:
            # None of the parts can be trusted: the sender begins anew.
            await self._forget(principal, upload)
            raise
        except BytesMissingError as error:
            await self._forget(principal, upload)
            raise offset_mismatch(expected.digest, 0) from error
        async with self.units.begin(principal) as tx:
            new = await self.store_content.record(tx, content)
            await tx.uploads.drop(expected.digest)
        await self._delete(upload.parts if upload else ())
        return Receipt(content.size_bytes, stored=True, new=new)

    async def _joined(self, parts: tuple[str, ...], body: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        for part in parts:
            async for piece in self.store.read(part):
                yield piece
        async for piece in body:
            yield piece

    async def _forget(self, principal: Principal, upload: Upload | None) -> None:
        if upload is None:
            return
        async with self.units.begin(principal) as tx:
            await tx.uploads.drop(upload.digest)
        await self._delete(upload.parts)

    async def _delete(self, parts: Iterable[str]) -> None:
        for part in parts:
            await self.store.delete(part)


async def counted(pieces: AsyncIterable[bytes], length: int) -> AsyncIterator[bytes]:
    """Yield the bytes of a chunk; raise IncompleteBodyError where there are not exactly `length`."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > length:
            break
        yield piece
    if size != length:
        raise IncompleteBodyError(f"the Content-Range announced {length} bytes; another number arrived")
