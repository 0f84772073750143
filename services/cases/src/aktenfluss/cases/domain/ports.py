"""What the use cases of `cases` need from the world."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aktenfluss.contracts.cases import FoundCaseFile, Medium
from aktenfluss.kernel import EventData, Principal, Transaction, UnitOfWork

from .case_file import CaseFile
from .file_entry import FileEntry
from .stock_line import FileKey


class CaseFileRepository(Protocol):
    """The case files of one authority, inside a transaction."""

    async def add(self, case_file: CaseFile) -> bool:
        """Keep a new case file; False, and nothing kept, where its key is taken."""
        ...

    async def add_missing(self, case_files: Iterable[CaseFile]) -> None:
        """Keep those whose key is not taken."""
        ...

    async def lock(self, case_file_id: UUID) -> CaseFile | None:
        """Return the case file; nobody else changes it until the transaction ends."""
        ...

    async def lock_by_key(self, keys: Iterable[FileKey]) -> dict[FileKey, CaseFile]:
        """Return the case files that exist; nobody else changes them until the transaction ends."""
        ...

    async def save(self, case_files: Iterable[CaseFile]) -> None:
        """Keep the next versions of locked case files."""
        ...


class FileEntryRepository(Protocol):
    """The entries of the case files of one authority, inside a transaction."""

    async def add(self, entries: Iterable[FileEntry]) -> None: ...

    async def of_order_item(self, order_item_id: str) -> list[FileEntry]:
        """Return what was filed for an order item, in the order of its positions."""
        ...

    async def filed_elsewhere(self, document_ids: Sequence[UUID]) -> bool:
        """Say whether one of the documents already has a place."""
        ...


class CasesTransaction(Transaction, Protocol):
    """A transaction of `cases`."""

    @property
    def case_files(self) -> CaseFileRepository: ...

    @property
    def entries(self) -> FileEntryRepository: ...


type CasesUnitOfWork = UnitOfWork[CasesTransaction]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFileFilter:
    """Which case files to list; what is None does not filter. `name` is folded."""

    file_number: str | None = None
    file_number_prefix: str | None = None
    name: str | None = None
    medium: Medium | None = None

    @property
    def set_filters(self) -> tuple[str, ...]:
        """The names of the filters that are set."""
        return tuple(name for name in self.__slots__ if getattr(self, name) is not None)


type ListPosition = tuple[str, UUID]
"""The file number and the id of a case file: where it stands in the list."""


class CaseFileQueries(Protocol):
    """Reads that need no aggregate; each sees the records of the principal's tenant only."""

    async def case_file(self, principal: Principal, case_file_id: UUID) -> CaseFile | None: ...

    async def case_files(
        self, principal: Principal, wanted: CaseFileFilter, after: ListPosition | None, limit: int
    ) -> list[CaseFile]:
        """Return case files in the order of file number and id, those behind `after`."""
        ...

    async def by_number(
        self, principal: Principal, file_numbers: list[str], keeping_authority: str | None
    ) -> list[FoundCaseFile]:
        """Return the case files with one of the numbers, of every authority where none is named."""
        ...

    async def entries(self, principal: Principal, case_file_id: UUID, after: int, limit: int) -> list[FileEntry]:
        """Return entries in the order of their positions, behind the position `after`."""
        ...

    async def entry(self, principal: Principal, case_file_id: UUID, entry_id: UUID) -> FileEntry | None: ...

    async def entry_of_page(self, principal: Principal, case_file_id: UUID, page: int) -> FileEntry | None:
        """Return the entry that holds a page of the case file, or the last one before it."""
        ...


class ReadLog(Protocol):
    """Where reads are recorded for the audit."""

    async def record(
        self, principal: Principal, data: EventData, *, key: object, subject: object, version: int
    ) -> None:
        """Return when the record is durable."""
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """The signed permission to read one content, or one page of a document, until `expires_at`."""

    token: str
    expires_at: datetime


class GrantOffice(Protocol):
    """Signs grants that `documents` honours."""

    def issue(self, principal: Principal, entry: FileEntry, page: int | None) -> Grant: ...
