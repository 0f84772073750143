"""Shows one case file, on record."""

from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.cases import CaseFileRead
from aktenfluss.kernel import Principal

from ..domain.case_file import CaseFile
from ..domain.errors import CaseFileNotFoundError
from ..domain.ports import CaseFileQueries, ReadLog


@dataclass(frozen=True, slots=True)
class ReadCaseFile:
    """Return a case file once the read is recorded. Raises CaseFileNotFoundError."""

    queries: CaseFileQueries
    reads: ReadLog

    async def __call__(self, principal: Principal, case_file_id: UUID) -> CaseFile:
        found = await self.queries.case_file(principal, case_file_id)
        if found is None:
            raise CaseFileNotFoundError(case_file_id)
        fact = CaseFileRead(case_file_id=found.id)
        await self.reads.record(principal, fact, key=found.id, subject=found.id, version=found.version)
        return found
