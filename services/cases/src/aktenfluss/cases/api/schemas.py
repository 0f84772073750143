"""What `cases` says over HTTP."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from aktenfluss.contracts.cases import COMPOSED, CaseFileLookup, Medium
from aktenfluss.kernel import Digest
from aktenfluss.servicekit import Cursor, JsonModel

from ..domain.person_name import SearchedName
from ..domain.ports import CaseFileFilter
from ..domain.stock_line import FileNumber, StockLine
from ..use_cases.issue_grant import IssuedGrant, WantedEntry, WantedPage

PageNumber = Annotated[int, Field(ge=1, le=10_000_000)]


class CaseFileCreate(StockLine):
    """A case file to open: what a line of the stock list says."""


class CaseFileRead(JsonModel):
    """A case file; `entry_count` and `page_count` say how much is in it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    keeping_authority: str
    file_number: str
    family_name: str
    given_names: str
    birth_date: date | None
    medium: Medium
    version: int
    opened_at: datetime
    electronic_at: datetime | None
    entry_count: int
    page_count: int


class FileEntryRead(JsonModel):
    """A document in a case file; `first_page` is the number of its first page in the whole case file."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    position: int
    first_page: int
    page_count: int
    document_id: UUID
    order_item_id: str
    content: Digest
    size_bytes: int
    media_type: str
    filed_at: datetime


class ListParameters(JsonModel, strict=False):
    """Which part of a list to answer with; `cursor` is `next` of the part before it."""

    cursor: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CaseFileList(ListParameters):
    """Which case files to list: those that fit every filter."""

    file_number: FileNumber | None = None
    file_number_prefix: FileNumber | None = None
    name: Annotated[
        SearchedName | None,
        Field(description="Beginning of family name and given names, or the other way round; marks do not matter."),
    ] = None
    medium: Medium | None = None

    def filter(self) -> CaseFileFilter:
        return CaseFileFilter(**self.model_dump(exclude=set(ListParameters.model_fields)))


class CaseFileLookupCreate(CaseFileLookup, JsonModel):
    """File numbers to look up, however they are written."""

    file_numbers: list[Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$"), COMPOSED]] = Field(
        min_length=1, max_length=5_000
    )


class GrantCreate(JsonModel):
    """Asks for the content of an entry, for one page of it, or for a page of the whole file; pages count from 1."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": ["entry_id"],
                    "properties": {"entry_id": {"type": "string"}, "page_of_file": {"type": "null"}},
                },
                {
                    "required": ["page_of_file"],
                    "properties": {
                        "page_of_file": {"type": "integer"},
                        "entry_id": {"type": "null"},
                        "page": {"type": "null"},
                    },
                },
            ]
        }
    )

    entry_id: UUID | None = None
    page: PageNumber | None = None
    page_of_file: PageNumber | None = None

    @model_validator(mode="after")
    def _ask_for_one_thing(self) -> Self:
        if (self.entry_id is None) == (self.page_of_file is None) or (self.page is not None and self.entry_id is None):
            raise PydanticCustomError("one_thing", "Give entry_id, with or without page, or page_of_file")
        return self

    def wanted(self) -> WantedEntry | WantedPage:
        if self.page_of_file is not None:
            return WantedPage(self.page_of_file)
        assert self.entry_id is not None
        return WantedEntry(self.entry_id, self.page)


class GrantRead(JsonModel):
    """A grant: GET `url` until `expires_at`, without a token; `page` counts in the document of `entry_id`."""

    grant: str
    url: str
    expires_at: datetime
    entry_id: UUID
    page: int | None

    @classmethod
    def of(cls, issued: IssuedGrant) -> "GrantRead":
        entry, page, token = issued.entry, issued.page, issued.grant.token
        place = f"contents/{entry.content}" if page is None else f"documents/{entry.document_id}/pages/{page}"
        return cls(
            grant=token,
            url=f"/v1/{place}?grant={token}",
            expires_at=issued.grant.expires_at,
            entry_id=entry.id,
            page=page,
        )
