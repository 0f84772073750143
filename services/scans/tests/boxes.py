"""Boxes as a contractor packs them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aktenfluss.delivery import INDEX_PATH, TAG_FILES, BagInfo, IndexRow, LeadSheetCode, build_delivery
from aktenfluss.kernel import digest_of

from . import papers

STARTED = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass
class Box:
    """A box of scans: for each order item its documents, each with the page count that the index tells."""

    order_id: str
    items: dict[str, list[tuple[bytes, int]]] = field(default_factory=dict)
    name: str = "BOX-0001"
    revision: int = 1
    supersedes: str | None = None

    def put(self, item: str, pages: tuple[int, ...] = (2, 1), shade: int = 250) -> "Box":
        """Scan a case file: lead sheet first, then documents with so many pages."""
        first, *others = pages
        documents = [(papers.led_pdf(item, first), first)]
        documents += [(papers.plain_pdf(count, shade - number), count) for number, count in enumerate(others)]
        self.items[item] = documents
        return self

    @staticmethod
    def code_of(item: str) -> str:
        return LeadSheetCode(item, 1).format()

    @staticmethod
    def digest_of(content: bytes) -> str:
        return digest_of(content)

    def pack(self, folder: Path) -> "Bag":
        """Write the bag."""
        for item, documents in self.items.items():
            for number, (content, _) in enumerate(documents, 1):
                path = folder / "data" / item / f"{number}.pdf"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        rows = [row for item, documents in self.items.items() for row in _rows(item, [count for _, count in documents])]
        build_delivery(folder, rows, self._info())
        return Bag(folder)

    def _info(self) -> BagInfo:
        return BagInfo(
            source_organization="Scan-Dienst Muster",
            external_identifier=self.name,
            bag_group_identifier="offenbach-2026",
            scan_order_id=self.order_id,
            scan_profile="A4-300",
            scanner_model="Example 9000",
            scanner_serial="SN-1",
            scan_software="Example Capture 5",
            operator_pseudonym="op-17",
            scan_started=STARTED,
            scan_finished=STARTED,
            delivery_revision=self.revision,
            supersedes=self.supersedes,
        )


def _rows(item: str, page_counts: list[int]) -> list[IndexRow]:
    rows, first = [], 1
    for number, count in enumerate(page_counts, 1):
        path = f"data/{item}/{number}.pdf"
        rows.append(IndexRow(item, 1, number, path, first, first + count - 1, count, count, count))
        first += count
    return [*rows, IndexRow.totals(item, rows)]


@dataclass(frozen=True)
class Bag:
    """A packed delivery."""

    folder: Path

    @property
    def digest(self) -> str:
        return digest_of((self.folder / "tagmanifest-sha256.txt").read_bytes())

    @property
    def url(self) -> str:
        return f"/v1/deliveries/{self.digest}"

    @property
    def body(self) -> dict[str, object]:
        """The announcement."""
        tag_files = {name: (self.folder / name).read_text() for name in TAG_FILES}
        return {"tag_files": tag_files, "index": (self.folder / INDEX_PATH).read_text()}

    def contents(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.folder / "data").rglob("*")) if path.is_file()]
