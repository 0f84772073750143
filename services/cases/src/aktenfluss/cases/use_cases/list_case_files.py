"""Shows case files in a list, on record."""

from dataclasses import dataclass

from aktenfluss.contracts.cases import CaseFilesSearched, FoundCaseFile
from aktenfluss.kernel import Principal

from ..domain.case_file import CaseFile
from ..domain.ports import CaseFileFilter, CaseFileQueries, ListPosition, ReadLog


@dataclass(frozen=True, slots=True)
class ListCaseFiles:
    """Return a part of the list, and whether it goes on, once the search is recorded.

    What is recorded are the filters by name, never what was searched for.
    """

    queries: CaseFileQueries
    reads: ReadLog

    async def __call__(
        self, principal: Principal, wanted: CaseFileFilter, after: ListPosition | None, limit: int
    ) -> tuple[list[CaseFile], bool]:
        found = await self.queries.case_files(principal, wanted, after, limit + 1)
        shown = found[:limit]
        await record_search(self.reads, principal, wanted.set_filters, len(shown))
        return shown, len(found) > limit


@dataclass(frozen=True, slots=True)
class LookUpCaseFiles:
    """Return which of the file numbers exist, at one keeping authority or at all, for another service."""

    queries: CaseFileQueries
    reads: ReadLog

    async def __call__(
        self, principal: Principal, file_numbers: list[str], keeping_authority: str | None
    ) -> list[FoundCaseFile]:
        found = await self.queries.by_number(principal, file_numbers, keeping_authority)
        filters = ("file_numbers",) if keeping_authority is None else ("file_numbers", "keeping_authority")
        await record_search(self.reads, principal, filters, len(found))
        return found


async def record_search(reads: ReadLog, principal: Principal, filters: tuple[str, ...], result_count: int) -> None:
    """Record a search under its searcher: it belongs to no single case file."""
    fact = CaseFilesSearched(filters=list(filters), result_count=result_count)
    await reads.record(principal, fact, key=principal.subject, subject=principal.subject, version=0)
