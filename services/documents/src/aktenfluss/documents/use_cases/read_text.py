"""Read the text of a page, or how far the text of a document is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.documents import PageRead
from aktenfluss.kernel import Principal

from ..domain.document import Document
from ..domain.errors import DocumentNotFoundError
from ..domain.page_text import PageText, TextState
from ..domain.ports import DocumentsQueries, ReadLog
from ..domain.reader import Reader


@dataclass(frozen=True, slots=True)
class ReadText:
    """Give the text of a page to who may look at the page, after the read is on record."""

    queries: DocumentsQueries
    reads: ReadLog

    async def __call__(self, reader: Reader, document_id: UUID, page: int) -> PageText:
        reader.check_page(document_id, page)
        document = await self._document(reader.principal, document_id)
        document.check_page(page)
        text = await self.queries.text(reader.principal, document.content, page)
        read = PageRead(document_id=document_id, page=page)
        await self.reads.record(
            reader.principal, read, key=reader.key(document_id), subject=document_id, version=document.version
        )
        return text or PageText(page, TextState.WAITING)

    async def progress(self, principal: Principal, document_id: UUID) -> Mapping[TextState, int]:
        """Return how many pages of a document are in which state."""
        document = await self._document(principal, document_id)
        states = (await self.queries.texts(principal, document.content)).items()
        counts = Counter(state for page, state in states if page <= document.page_count)
        counts[TextState.WAITING] = document.page_count - counts.total()
        return counts

    async def _document(self, principal: Principal, document_id: UUID) -> Document:
        document = await self.queries.document(principal, document_id)
        if document is None:
            raise DocumentNotFoundError(f"document {document_id} does not exist")
        return document
