"""Wire models that no other service reads; the others are in `contracts.documents`."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from aktenfluss.kernel import Digest
from aktenfluss.servicekit import Cursor, JsonModel

from ..domain.page_text import PageText
from ..domain.scrub import ScrubFinding


class ContentStored(JsonModel):
    """A content that is stored."""

    content: Digest


class UploadProgress(JsonModel):
    """A half-sent content: the next chunk begins at byte `upload_offset`."""

    content: Digest
    upload_offset: int


class PageTextRead(JsonModel):
    """The text of a page; `confidence` is the mean of the engine, 0 to 100; `reason` says why a page failed."""

    model_config = ConfigDict(from_attributes=True)

    page: int
    state: Literal["waiting", "recognised", "failed"]
    text: str
    confidence: int
    engine: str
    reason: str

    @classmethod
    def of(cls, text: PageText) -> Self:
        return cls.model_validate(text)


class TextProgressRead(JsonModel):
    """How many pages of a document are in which state."""

    waiting: int
    recognised: int
    failed: int


class ScrubFindingRead(JsonModel):
    """A damage that a scrub or a read found; `healed_at` tells since when the content is sound again."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    content: Digest
    finding: Literal["missing", "changed"]
    found_at: datetime
    healed_at: datetime | None

    @classmethod
    def of(cls, finding: ScrubFinding) -> Self:
        return cls.model_validate(finding)


class ScrubFindingList(JsonModel, strict=False):
    """Which page of the findings is wanted."""

    cursor: Cursor | None = None
    limit: int = Field(50, ge=1, le=200)
