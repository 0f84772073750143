"""A document and its versions; each version refers to a content."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .content import Content, digest_path
from .errors import PageNotFoundError

PAGE_PROFILE = "png-150"
"""How pages are shown: PNG, 150 dots per inch. Another profile gets another name; renditions are kept per profile."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its latest version; versions are added, never changed."""

    id: UUID
    version: int
    content: str
    size_bytes: int
    media_type: str
    page_count: int
    stored_at: datetime

    @classmethod
    def of(cls, id: UUID, content: Content, media_type: str, page_count: int, stored_at: datetime) -> "Document":  # noqa: A002 - the field's name
        """Return a new document, version 1."""
        return cls(id, 1, content.digest, content.size_bytes, media_type, page_count, stored_at)

    def check_page(self, page: int) -> None:
        """Raise PageNotFoundError where the document has no such page."""
        if not 1 <= page <= self.page_count:
            raise PageNotFoundError(f"document {self.id} has {self.page_count} pages", page_count=self.page_count)


@dataclass(frozen=True, slots=True)
class Rendition:
    """An image of a page, made from a content and kept; made again where it is lost."""

    content: str
    page: int
    profile: str
    digest: str
    size_bytes: int

    @property
    def media_type(self) -> str:
        return "image/png"


def rendition_key(tenant_id: str, content: str, page: int, profile: str) -> str:
    """Return the key of a rendition in the object store."""
    return f"renditions/{tenant_id}/{digest_path(content)}/{profile}/{page}.png"
