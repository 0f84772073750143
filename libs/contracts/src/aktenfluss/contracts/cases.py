"""What `cases` publishes, and what it answers to other services."""

import unicodedata
from functools import partial
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from aktenfluss.kernel import Digest, EventData

Medium = Literal["paper", "electronic", "hybrid"]
"""How a case file is kept (xdomea code list Medium: 003, 001, 002)."""

COMPOSED = AfterValidator(partial(unicodedata.normalize, "NFC"))
"""Gives a file number the form in which case files have theirs, however its letters were typed."""

KeepingAuthority = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$")]
"""The code of the authority that keeps a case file, in the central register (AZR) six digits."""


class CaseFileOpened(EventData):
    """A case file exists."""

    type: ClassVar[str] = "de.aktenfluss.cases.case-file-opened.v1"
    case_file_id: UUID
    medium: Medium


class CaseFileChanged(EventData):
    """Metadata of a case file changed; `fields` names which, never the values."""

    type: ClassVar[str] = "de.aktenfluss.cases.case-file-changed.v1"
    case_file_id: UUID
    fields: list[str]


class EntriesFiled(EventData):
    """The documents of an accepted order item are in their case file, which is electronic now."""

    type: ClassVar[str] = "de.aktenfluss.cases.entries-filed.v1"
    case_file_id: UUID
    order_item_id: str
    entry_count: int
    page_count: int


class FilingRefused(EventData):
    """The documents of an accepted order item could not be filed; `rule` says why."""

    type: ClassVar[str] = "de.aktenfluss.cases.filing-refused.v1"
    case_file_id: UUID
    order_item_id: str
    rule: str


class CaseFileRead(EventData):
    """Somebody read a case file."""

    type: ClassVar[str] = "de.aktenfluss.cases.case-file-read.v1"
    case_file_id: UUID


class CaseFilesSearched(EventData):
    """Somebody listed case files; `filters` names the filters that were set, `result_count` is the page's length."""

    type: ClassVar[str] = "de.aktenfluss.cases.case-files-searched.v1"
    filters: list[str]
    result_count: int


class EntriesListed(EventData):
    """Somebody listed the entries of a case file."""

    type: ClassVar[str] = "de.aktenfluss.cases.entries-listed.v1"
    case_file_id: UUID
    result_count: int


class GrantIssued(EventData):
    """Somebody was allowed to read one content, or one page of it, for a short time."""

    type: ClassVar[str] = "de.aktenfluss.cases.grant-issued.v1"
    case_file_id: UUID
    document_id: UUID
    content: Digest
    page: int | None = None


class CaseFileLookup(BaseModel):
    """Asks for the ids of case files: the body of `POST /v1/case-files:lookup`.

    Where `keeping_authority` is given, those that others keep are left out.
    """

    file_numbers: list[str] = Field(min_length=1, max_length=5_000)
    keeping_authority: KeepingAuthority | None = None


class FoundCaseFile(BaseModel):
    """A case file that was looked up."""

    case_file_id: UUID
    file_number: str
    medium: Medium


class FoundCaseFiles(BaseModel):
    """The answer to a lookup; file numbers that do not exist are left out, those of several authorities come repeatedly."""

    case_files: list[FoundCaseFile]
