"""What `documents` publishes, and what it answers to other services."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from aktenfluss.kernel import Digest, EventData


class DocumentsStored(EventData):
    """Documents exist, each with version 1."""

    type: ClassVar[str] = "de.aktenfluss.documents.documents-stored.v1"
    document_ids: list[UUID]


class ContentRead(EventData):
    """Somebody read the bytes of a content, or a range of them."""

    type: ClassVar[str] = "de.aktenfluss.documents.content-read.v1"
    content: Digest
    document_id: UUID | None = None


class PageRead(EventData):
    """Somebody looked at a page of a document, counted from 1."""

    type: ClassVar[str] = "de.aktenfluss.documents.page-read.v1"
    document_id: UUID
    page: int


class ContentDamaged(EventData):
    """The scrub found a content `missing` or `changed`; it is not served any more."""

    type: ClassVar[str] = "de.aktenfluss.documents.content-damaged.v1"
    content: Digest
    finding: str


class ContentCheck(BaseModel):
    """Asks which contents are stored: the body of `POST /v1/contents:check`."""

    contents: list[Digest] = Field(max_length=20_000)


class StoredContents(BaseModel):
    """The sizes in bytes of the contents that are stored; the others are left out."""

    sizes: dict[Digest, int]


class NewDocument(BaseModel):
    """A document to make: its first version refers to a stored content."""

    content: Digest
    media_type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=100)
    page_count: int = Field(ge=1, le=100_000)


class NewDocuments(BaseModel):
    """Documents to make together, all or none: the body of `POST /v1/documents`."""

    documents: list[NewDocument] = Field(min_length=1, max_length=2_000)


class DocumentRead(BaseModel):
    """A document with its latest version."""

    id: UUID
    version: int
    content: Digest
    size_bytes: int
    media_type: str
    page_count: int


class DocumentsRead(BaseModel):
    """Documents in the order in which they were asked for."""

    documents: list[DocumentRead]


def content_key(tenant_id: str, digest: Digest) -> str:
    """Return the key of a content in the object store, for services of the same installation that only read it."""
    algorithm, _, value = digest.partition(":")
    return f"contents/{tenant_id}/{algorithm}/{value[:2]}/{value}"
