"""Changes the metadata of one case file."""

from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.cases import CaseFileChanged
from aktenfluss.kernel import Clock, Principal

from ..domain.case_file import CaseFile, CaseFileChanges
from ..domain.errors import CaseFileNotFoundError, StaleCaseFileError
from ..domain.ports import CasesUnitOfWork


@dataclass(frozen=True, slots=True)
class ChangeCaseFile:
    """Change a case file that still has the version its reader saw; changing nothing keeps the version.

    Raises CaseFileNotFoundError, StaleCaseFileError or MediumSetBackError.
    """

    units: CasesUnitOfWork
    clock: Clock

    async def __call__(
        self, principal: Principal, case_file_id: UUID, version: int, changes: CaseFileChanges
    ) -> CaseFile:
        async with self.units.begin(principal) as tx:
            before = await tx.case_files.lock(case_file_id)
            if before is None:
                raise CaseFileNotFoundError(case_file_id)
            if before.version != version:
                raise StaleCaseFileError(before.version)
            changed = before.change(changes, self.clock.now())
            if changed is not before:
                await tx.case_files.save([changed])
                fact = CaseFileChanged(case_file_id=changed.id, fields=changed.differences(before))
                tx.publish(fact, key=changed.id, subject=changed.id, version=changed.version)
        return changed
