"""Open a scan order for a list of case files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aktenfluss.contracts.scans import ScanOrderOpened
from aktenfluss.kernel import Clock, Principal

from ..domain.errors import AmbiguousFileNumbersError, UnknownFileNumbersError
from ..domain.ports import CaseFiles, OrderedCaseFile, ScansUnitOfWork
from ..domain.scan_order import ScanOrder


@dataclass(frozen=True, slots=True)
class OpenScanOrder:
    """Put case files on a new scan order: all of them, or none."""

    units: ScansUnitOfWork
    case_files: CaseFiles
    clock: Clock

    async def __call__(
        self, principal: Principal, name: str, file_numbers: Sequence[str], keeping_authority: str | None
    ) -> ScanOrder:
        """Return the order; without a `keeping_authority` each file number must be that of one case file.

        Raises UnknownFileNumbersError, AmbiguousFileNumbersError and CaseFilesAlreadyOrderedError, each naming all.
        """
        found = await self.case_files.look_up(principal, file_numbers, keeping_authority)
        case_files = _one_each(file_numbers, found)
        order = ScanOrder.open(name, len(file_numbers), self.clock.now())
        async with self.units.begin(principal) as tx:
            await tx.scan_orders.add(order)
            await tx.order_items.add(order.id, case_files)
            tx.publish(
                ScanOrderOpened(scan_order_id=order.id, item_count=order.item_count),
                key=order.id,
                subject=order.id,
                version=order.version,
            )
        return order


def _one_each(file_numbers: Sequence[str], found: Mapping[str, Sequence[UUID]]) -> list[OrderedCaseFile]:
    unknown = [number for number in file_numbers if number not in found]
    if unknown:
        raise UnknownFileNumbersError(f"{len(unknown)} file numbers are unknown", file_numbers=unknown)
    ambiguous = [number for number in file_numbers if len(found[number]) > 1]
    if ambiguous:
        detail = f"{len(ambiguous)} file numbers are those of several keeping authorities"
        raise AmbiguousFileNumbersError(detail, file_numbers=ambiguous)
    return [OrderedCaseFile(found[number][0], number) for number in file_numbers]
