"""Two boxes leave the contractor: the first is right, in the second went wrong what goes wrong in real boxes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from aktenfluss.delivery import BagInfo, Delivery, IndexRow, build_delivery, order_item_id

STRANGER_ITEM = order_item_id(98_765_432)
"""An order item that no order of the demo has: its file came into the box from another customer's shelf."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the contractor has scanned: files below `store`, and what every box says about itself."""

    store: Path
    order_id: str
    scanned_at: datetime

    def label(self, box: int) -> BagInfo:
        return BagInfo(
            source_organization="Scanhaus Auental GmbH",
            external_identifier=f"KISTE-{box:03d}",
            bag_group_identifier="AUENTAL-ALTAKTEN",
            scan_order_id=self.order_id,
            scan_profile="A4-SW-300-G4",
            scanner_model="Duplex 9000",
            scanner_serial="SN-0042",
            scan_software="Scanstraße 4",
            operator_pseudonym="OP-7",
            scan_started=self.scanned_at,
            scan_finished=self.scanned_at,
        )

    def pack(self, folder: Path, box: int, rows: Sequence[IndexRow], supersedes: Delivery | None = None) -> Delivery:
        """Pack a box, or the next revision of the delivery that it supersedes."""
        label = self.label(box)
        if supersedes:
            revision = supersedes.info.delivery_revision + 1
            label = replace(label, delivery_revision=revision, supersedes=supersedes.id)
        return build_delivery(folder, rows, label, self.store)


@dataclass(frozen=True, slots=True)
class Mishap:
    """The item whose last document is cut off before packing, and the one whose last document is lost afterwards."""

    truncated_item: str
    missing_item: str


def pack_faulty(shelf: Shelf, folder: Path, box: int, rows: Sequence[IndexRow], mishap: Mishap) -> Delivery:
    """Pack a box in which a file is truncated and one is missing; `rows` have the stranger already."""
    shelf.pack(folder, box, rows)
    cut = folder / _last_document(rows, mishap.truncated_item).path
    # What is left when the disk of the scanner's workstation was full: half a file, packed in good faith.
    with cut.open("r+b") as file:
        file.truncate(cut.stat().st_size // 2)
    delivery = build_delivery(folder, rows, shelf.label(box))
    (folder / _last_document(rows, mishap.missing_item).path).unlink()
    return delivery


def _last_document(rows: Sequence[IndexRow], item: str) -> IndexRow:
    return [row for row in rows if row.file_id == item and not row.is_totals][-1]
