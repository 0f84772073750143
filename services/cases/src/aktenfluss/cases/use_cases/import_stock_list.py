"""Brings the stock list in: opens the case files that are new and restates those that are there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from aktenfluss.contracts.cases import CaseFileChanged, CaseFileOpened
from aktenfluss.kernel import Clock, EventData, Principal

from ..domain.case_file import CaseFile
from ..domain.ports import CasesTransaction, CasesUnitOfWork
from ..domain.stock_list import LineOutcome, Result, StockBatch, batches


@dataclass(frozen=True, slots=True)
class ImportStockList:
    """Import a stock list in batches, each of them whole or not at all.

    A bad line is reported and its neighbours are imported. Where a case file comes twice, the later line has the last
    word. Importing the same list again changes nothing and publishes nothing.
    """

    units: CasesUnitOfWork
    clock: Clock

    async def __call__(self, principal: Principal, lines: AsyncIterator[bytes]) -> AsyncIterator[list[LineOutcome]]:
        """Yield the outcomes of each batch, in the order of its lines, once it is committed."""
        async for batch in batches(lines):
            outcomes = list(batch.rejected)
            if batch.good:
                async with self.units.begin(principal) as tx:
                    outcomes += await import_batch(tx, batch, self.clock.now())
            yield sorted(outcomes, key=lambda outcome: outcome.line)


async def import_batch(tx: CasesTransaction, batch: StockBatch, now: datetime) -> list[LineOutcome]:
    """Add the case files that are missing, lock them all, restate those that were there before."""
    opened = {key: CaseFile.open(line, now) for key, (_, line) in batch.good.items()}
    await tx.case_files.add_missing(opened.values())
    known = await tx.case_files.lock_by_key(opened)
    restated: list[CaseFile] = []
    outcomes: list[LineOutcome] = []
    for key, (number, line) in batch.good.items():
        before, after = known[key], known[key].restate(line, now)
        if after is not before:
            restated.append(after)
        result, fact = what_happened(before, after, is_new=before.id == opened[key].id)
        if fact:
            tx.publish(fact, key=after.id, subject=after.id, version=after.version)
        outcomes.append(LineOutcome(number, result, after.id, after.file_number))
    if restated:
        await tx.case_files.save(restated)
    return outcomes


def what_happened(before: CaseFile, after: CaseFile, *, is_new: bool) -> tuple[Result, EventData | None]:
    """Return the result of a line and the fact to publish."""
    if is_new:
        return "created", CaseFileOpened(case_file_id=after.id, medium=after.medium)
    if after is before:
        return "unchanged", None
    return "updated", CaseFileChanged(case_file_id=after.id, fields=after.differences(before))
