"""What the use cases need from outside, in the words of this service."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aktenfluss.kernel import EventData, Principal, Transaction, UnitOfWork

from .content import Content, ContentState
from .document import Document, Rendition
from .page_text import PageText, TextState, TextUnit
from .scrub import InventoryItem, ScrubFinding
from .upload import Upload


class BytesMissingError(Exception):
    """The store holds no object under a key that we wrote."""


class ByteStore(Protocol):
    """Keeps bytes under keys, durably; an object is whole or not there."""

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Store an object; what `chunks` raises leaves nothing behind."""
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes; raises BytesMissingError before the first.

        Where the store does not give them, raises a problem of the kind `UNAVAILABLE`, which tells nothing of the bytes.
        """
        ...

    async def delete(self, key: str) -> None:
        """Remove an object; there may be none."""
        ...

    def list(self, prefix: str) -> AsyncIterator[str]:
        """Yield the keys that start with `prefix`."""
        ...

    def link(self, key: str, seconds: int, *, content_type: str, disposition: str) -> str | None:
        """Return a URL that gives the object to whoever has it, for so long; None where there is no such way."""
        ...


class ContentRepository(Protocol):
    """The contents of the tenant."""

    async def put(self, content: Content) -> int | None:
        """Add the content, or heal it; return the version of its row, or None where it was there and sound."""
        ...

    async def change_state(self, digest: str, state: ContentState) -> int | None:
        """Set the state and return the new version of the row, or None where the content was in that state."""
        ...

    async def find_all(self, digests: Sequence[str]) -> dict[str, Content]:
        """Return those of the contents that are known, sound or not."""
        ...


class UploadRepository(Protocol):
    """The half-sent contents of the tenant."""

    async def save(self, upload: Upload, *, expected: Upload | None) -> bool:
        """Write the upload; return False where another sender changed it since it was `expected`."""
        ...

    async def drop(self, digest: str) -> None:
        """Forget the upload; there may be none."""
        ...

    async def drop_stale(self, digest: str, before: datetime) -> bool:
        """Forget the upload if nothing arrived since `before`; tell whether it did."""
        ...


class DocumentRepository(Protocol):
    """The documents of the tenant."""

    async def add_all(self, documents: Sequence[Document]) -> None:
        """Add new documents with their first versions."""
        ...


class RenditionRepository(Protocol):
    """The page images that are kept."""

    async def put(self, rendition: Rendition) -> None:
        """Add the rendition, or replace what was known of it."""
        ...


class TextRepository(Protocol):
    """The texts of pages, and the work that they are."""

    async def mark_ordered(self, document: Document) -> bool:
        """Note that the text of this version is ordered; return False where it was before."""
        ...

    async def order(self, unit: TextUnit) -> None:
        """Queue a unit; it is done if the transaction commits."""
        ...

    async def put(self, content: str, text: PageText) -> None:
        """Add the text of a page, or replace what was known of it."""
        ...

    async def forget_failed(self) -> int:
        """Forget the pages that could not be read; their documents wait again. Return how many pages."""
        ...


class FindingRepository(Protocol):
    """What scrubs found."""

    async def add(self, finding: ScrubFinding) -> None:
        """Add a finding."""
        ...

    async def heal(self, content: str, healed_at: datetime) -> None:
        """Close the open findings of a content."""
        ...


class DocumentsTransaction(Transaction, Protocol):
    """A transaction with this service's repositories."""

    @property
    def contents(self) -> ContentRepository: ...
    @property
    def uploads(self) -> UploadRepository: ...
    @property
    def documents(self) -> DocumentRepository: ...
    @property
    def renditions(self) -> RenditionRepository: ...
    @property
    def texts(self) -> TextRepository: ...
    @property
    def findings(self) -> FindingRepository: ...


type DocumentsUnitOfWork = UnitOfWork[DocumentsTransaction]


class DocumentsQueries(Protocol):
    """Reads, each within the tenant of the principal."""

    async def content(self, principal: Principal, digest: str) -> Content | None: ...
    async def sizes(self, principal: Principal, digests: Sequence[str]) -> dict[str, int]: ...
    async def upload(self, principal: Principal, digest: str) -> Upload | None: ...
    async def document(self, principal: Principal, document_id: UUID) -> Document | None: ...
    async def rendition(self, principal: Principal, content: str, page: int, profile: str) -> Rendition | None: ...
    async def text(self, principal: Principal, content: str, page: int) -> PageText | None: ...
    async def texts(self, principal: Principal, content: str) -> Mapping[int, TextState]:
        """Return the states of the pages of a content whose text is recognised or failed."""
        ...

    async def findings(self, principal: Principal, before: UUID | None, limit: int) -> Sequence[ScrubFinding]: ...


class Inventory(Protocol):
    """Reads over all tenants, for upkeep."""

    async def contents(self, after: tuple[str, str], limit: int) -> Sequence[InventoryItem]:
        """Return the next contents, ordered by tenant and digest."""
        ...

    async def stale_uploads(self, before: datetime) -> Sequence[tuple[str, Upload]]:
        """Return uploads, with their tenant, to which nothing was added since `before`."""
        ...

    async def unordered_texts(self, limit: int) -> Sequence[tuple[str, Document]]:
        """Return documents, with their tenant, whose text nobody ordered, the oldest first."""
        ...

    async def tenants_with_failed_texts(self) -> Sequence[str]: ...

    async def live_parts(self) -> set[str]:
        """Return the keys of the parts of all uploads."""
        ...


class PageRenderer(Protocol):
    """Makes an image of a page."""

    async def render(self, content: AsyncIterable[bytes], page: int) -> bytes:
        """Return a PNG of the page, counted from 1.

        Raises PageNotRenderableError, and whatever `content` raises.
        """
        ...


class TextRecogniser(Protocol):
    """Reads the text of pages."""

    def recognise(self, content: AsyncIterable[bytes], pages: Sequence[int]) -> AsyncGenerator[PageText]:
        """Yield the text of each page, counted from 1, in this order; one that cannot be read as failed.

        Raises whatever `content` raises.
        """
        ...


class ReadLog(Protocol):
    """Keeps who read what."""

    async def record(
        self, principal: Principal, data: EventData, *, key: object, subject: object, version: int
    ) -> None:
        """Return when the record is durable."""
        ...
