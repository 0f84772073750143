"""Read a page of a document as an image."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.documents import PageRead
from aktenfluss.kernel import Principal, digest_of

from ..domain.document import PAGE_PROFILE, Document, Rendition, rendition_key
from ..domain.errors import DocumentNotFoundError, PageNotRenderableError
from ..domain.ports import BytesMissingError, ByteStore, DocumentsQueries, DocumentsUnitOfWork, PageRenderer, ReadLog
from ..domain.reader import Reader
from .open_content import OpenContent


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Give the image of a page: the kept one where it is sound, else a new one that is kept."""

    queries: DocumentsQueries
    units: DocumentsUnitOfWork
    store: ByteStore
    opening: OpenContent
    renderer: PageRenderer
    reads: ReadLog

    async def __call__(self, reader: Reader, document_id: UUID, page: int) -> bytes:
        reader.check_page(document_id, page)
        document = await self.queries.document(reader.principal, document_id)
        if document is None:
            raise DocumentNotFoundError(f"document {document_id} does not exist")
        document.check_page(page)
        image = await self._kept(reader.principal, document, page) or await self._made(reader.principal, document, page)
        read = PageRead(document_id=document_id, page=page)
        await self.reads.record(
            reader.principal, read, key=reader.key(document_id), subject=document_id, version=document.version
        )
        return image

    async def _kept(self, principal: Principal, document: Document, page: int) -> bytes | None:
        rendition = await self.queries.rendition(principal, document.content, page, PAGE_PROFILE)
        if rendition is None:
            return None
        try:
            image = b"".join([piece async for piece in self.store.read(_key(principal, rendition))])
        except BytesMissingError:
            return None
        return image if digest_of(image) == rendition.digest else None

    async def _made(self, principal: Principal, document: Document, page: int) -> bytes:
        if document.media_type != "application/pdf":
            raise PageNotRenderableError(f"a {document.media_type} has no pages to show", rule="not-a-pdf")
        content = await self.queries.content(principal, document.content)
        assert content is not None, "a document refers to a content that is stored"
        self.opening.check(content)
        image = await self.renderer.render(self.opening(principal, content, None), page)
        rendition = Rendition(content.digest, page, PAGE_PROFILE, digest_of(image), len(image))
        await self.store.write(_key(principal, rendition), _once(image))
        async with self.units.begin(principal) as tx:
            await tx.renditions.put(rendition)
        return image


def _key(principal: Principal, rendition: Rendition) -> str:
    return rendition_key(principal.tenant_id, rendition.content, rendition.page, rendition.profile)


async def _once(image: bytes) -> AsyncIterator[bytes]:
    yield image
