"""One item of a delivery on its way through the check."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from aktenfluss.delivery import Delivery as Bag
from aktenfluss.delivery import Finding
from aktenfluss.kernel import Digest

from .delivery import DeliveryItem, Outcome
from .inspection import Scan, fingerprint_of
from .order_item import OrderItem
from .rules import Rule


@dataclass(frozen=True, slots=True)
class Parcel:
    """The documents of one order item in one delivery: the case file moves as a whole."""

    delivery_id: Digest
    scan_order_id: UUID
    item_id: str
    scans: tuple[Scan, ...]

    @property
    def fingerprint(self) -> Digest:
        return fingerprint_of(self.scans)

    def decide_unknown(self, entry: DeliveryItem) -> None:
        """Reject what is on no order, on another order or at another authority: all are told alike."""
        detail = f"{self.item_id} is not on scan order {self.scan_order_id}"
        self.reject(entry, [Rule.UNKNOWN_ITEM.found(self._place, detail, self.item_id)])

    def decide_settled(self, entry: DeliveryItem, item: OrderItem) -> None:
        """Compare with the documents that were accepted before; the order item stays as it is."""
        if item.fingerprint == self.fingerprint:
            entry.outcome = Outcome.UNCHANGED
            return
        detail = f"other documents are {item.state} since delivery {item.delivery}"
        self.reject(entry, [Rule.ITEM_ALREADY_FILED.found(self._place, detail, self.item_id)])

    def reject(self, entry: DeliveryItem, findings: list[Finding]) -> None:
        entry.outcome, entry.findings = Outcome.REJECTED, findings

    @property
    def _place(self) -> str:
        return self.scans[0].row.path


def parcels_of(bag: Bag, scan_order_id: UUID, sizes: Mapping[Digest, int]) -> list[Parcel]:
    """Return the parcels of a delivery; `sizes` has the contents that are stored."""
    return [
        Parcel(
            bag.id,
            scan_order_id,
            item_id,
            tuple(Scan(row, bag.contents[row.path], sizes.get(bag.contents[row.path])) for row in rows),
        )
        for item_id, rows in bag.index.documents.items()
    ]
