"""Opens one case file."""

from dataclasses import dataclass

from aktenfluss.contracts.cases import CaseFileOpened
from aktenfluss.kernel import Clock, Principal

from ..domain.case_file import CaseFile
from ..domain.errors import FileNumberTakenError
from ..domain.ports import CasesUnitOfWork
from ..domain.stock_line import StockLine


@dataclass(frozen=True, slots=True)
class OpenCaseFile:
    """Open a case file. Raises FileNumberTakenError."""

    units: CasesUnitOfWork
    clock: Clock

    async def __call__(self, principal: Principal, line: StockLine) -> CaseFile:
        opened = CaseFile.open(line, self.clock.now())
        async with self.units.begin(principal) as tx:
            if not await tx.case_files.add(opened):
                raise FileNumberTakenError
            fact = CaseFileOpened(case_file_id=opened.id, medium=opened.medium)
            tx.publish(fact, key=opened.id, subject=opened.id, version=opened.version)
        return opened
