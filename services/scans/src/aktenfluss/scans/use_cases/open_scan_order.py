"""Open a scan order for a list of case files."""

from collections.abc import Sequence
from dataclasses import dataclass

from aktenfluss.contracts.scans import ScanOrderOpened
from aktenfluss.kernel import Clock, Principal

from ..domain.errors import UnknownFileNumbersError
from ..domain.ports import CaseFiles, OrderedCaseFile, ScansUnitOfWork
from ..domain.scan_order import ScanOrder


@dataclass(frozen=True, slots=True)
class OpenScanOrder:
    """Put case files on a new scan order: all of them, or none."""

    units: ScansUnitOfWork
    case_files: CaseFiles
    clock: Clock

    async def __call__(self, principal: Principal, name: str, file_numbers: Sequence[str]) -> ScanOrder:
        """Return the order; raises UnknownFileNumbersError and CaseFilesAlreadyOrderedError, each naming all."""
        found = await self.case_files.look_up(principal, file_numbers)
        unknown = [number for number in file_numbers if number not in found]
        if unknown:
            raise UnknownFileNumbersError(f"{len(unknown)} file numbers are unknown", file_numbers=unknown)
        order = ScanOrder.open(name, len(file_numbers), self.clock.now())
        async with self.units.begin(principal) as tx:
            await tx.scan_orders.add(order)
            await tx.order_items.add(order.id, [OrderedCaseFile(found[number], number) for number in file_numbers])
            tx.publish(
                ScanOrderOpened(scan_order_id=order.id, item_count=order.item_count),
                key=order.id,
                subject=order.id,
                version=order.version,
            )
        return order
