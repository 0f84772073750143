"""The file entry: where one document sits in its case file."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .errors import PageNotFiledError


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A document at its place; entries are only ever appended.

    `position` counts the entries of the case file from 1, `first_page` its pages: so "page 17 of the file" has a place.
    """

    id: UUID
    case_file_id: UUID
    position: int
    first_page: int
    page_count: int
    document_id: UUID
    order_item_id: str
    content: str
    size_bytes: int
    media_type: str
    filed_at: datetime

    @property
    def last_page(self) -> int:
        """The number of its last page in the case file."""
        return self.first_page + self.page_count - 1

    def checked_page(self, page: int | None) -> int | None:
        """Return `page`, counted from 1 in the document. Raises PageNotFiledError where it has no such page."""
        if page is not None and not 1 <= page <= self.page_count:
            raise PageNotFiledError(page, self.page_count)
        return page
