"""Decides who may read a document or a page of a case file, on record, and says so in a grant."""

from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.cases import GrantIssued
from aktenfluss.kernel import Principal

from ..domain.case_file import CaseFile
from ..domain.errors import CaseFileNotFoundError, EntryNotFoundError, PageNotFiledError
from ..domain.file_entry import FileEntry
from ..domain.ports import CaseFileQueries, Grant, GrantOffice, ReadLog


@dataclass(frozen=True, slots=True)
class WantedEntry:
    """An entry, or one page of it counted from 1."""

    entry_id: UUID
    page: int | None = None


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A page of the whole case file, counted from 1."""

    page_of_file: int


@dataclass(frozen=True, slots=True)
class IssuedGrant:
    """A grant and what it is for."""

    grant: Grant
    entry: FileEntry
    page: int | None


@dataclass(frozen=True, slots=True)
class IssueGrant:
    """Grant one content or one page, recorded before it leaves.

    Raises CaseFileNotFoundError, EntryNotFoundError or PageNotFiledError.
    """

    queries: CaseFileQueries
    reads: ReadLog
    office: GrantOffice

    async def __call__(self, principal: Principal, case_file_id: UUID, wanted: WantedEntry | WantedPage) -> IssuedGrant:
        case_file = await self.queries.case_file(principal, case_file_id)
        if case_file is None:
            raise CaseFileNotFoundError(case_file_id)
        entry, page = await self._find(principal, case_file, wanted)
        fact = GrantIssued(case_file_id=case_file_id, document_id=entry.document_id, content=entry.content, page=page)
        await self.reads.record(principal, fact, key=case_file_id, subject=case_file_id, version=case_file.version)
        return IssuedGrant(self.office.issue(principal, entry, page), entry, page)

    async def _find(
        self, principal: Principal, case_file: CaseFile, wanted: WantedEntry | WantedPage
    ) -> tuple[FileEntry, int | None]:
        if isinstance(wanted, WantedPage):
            return await self._page_of_file(principal, case_file, wanted.page_of_file)
        entry = await self.queries.entry(principal, case_file.id, wanted.entry_id)
        if entry is None:
            raise EntryNotFoundError(wanted.entry_id)
        return entry, entry.checked_page(wanted.page)

    async def _page_of_file(self, principal: Principal, case_file: CaseFile, page: int) -> tuple[FileEntry, int]:
        entry = await self.queries.entry_of_page(principal, case_file.id, page)
        if entry is None or page > case_file.page_count:
            raise PageNotFiledError(page, case_file.page_count)
        return entry, page - entry.first_page + 1
