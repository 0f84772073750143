"""Shows the entries of one case file, on record."""

from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.cases import EntriesListed
from aktenfluss.kernel import Principal

from ..domain.errors import CaseFileNotFoundError
from ..domain.file_entry import FileEntry
from ..domain.ports import CaseFileQueries, ReadLog


@dataclass(frozen=True, slots=True)
class ListEntries:
    """Return a part of the entries, in the order of the file, and whether they go on. Raises CaseFileNotFoundError."""

    queries: CaseFileQueries
    reads: ReadLog

    async def __call__(
        self, principal: Principal, case_file_id: UUID, after: int, limit: int
    ) -> tuple[list[FileEntry], bool]:
        case_file = await self.queries.case_file(principal, case_file_id)
        if case_file is None:
            raise CaseFileNotFoundError(case_file_id)
        found = await self.queries.entries(principal, case_file_id, after, limit + 1)
        shown = found[:limit]
        fact = EntriesListed(case_file_id=case_file_id, result_count=len(shown))
        await self.reads.record(principal, fact, key=case_file_id, subject=case_file_id, version=case_file.version)
        return shown, len(found) > limit
