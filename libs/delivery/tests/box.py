"""A small box of scans, packed as a delivery."""

from datetime import UTC, datetime
from pathlib import Path

from aktenfluss.delivery import BagInfo, IndexRow, order_item_id

ITEMS = (order_item_id(1), order_item_id(2))


def box_info(**changes) -> BagInfo:
    values = {
        "source_organization": "Scan-Dienst Muster",
        "external_identifier": "BOX-0001",
        "bag_group_identifier": "offenbach-2026",
        "scan_order_id": "0198c0de-0000-7000-8000-000000000001",
        "scan_profile": "A4-300-colour",
        "scanner_model": "Example 9000",
        "scanner_serial": "SN-1",
        "scan_software": "Example Capture 5",
        "operator_pseudonym": "op-17",
        "scan_started": datetime(2026, 11, 23, 8, tzinfo=UTC),
        "scan_finished": datetime(2026, 11, 23, 9, tzinfo=UTC),
    }
    return BagInfo(**values | changes)


def item_rows(item: str, pages=(3, 2)) -> list[IndexRow]:
    """One volume with documents of this many pages, then the totals."""
    rows, first = [], 1
    for number, count in enumerate(pages, 1):
        path = f"data/{item}/v1-{number}.pdf"
        rows.append(IndexRow(item, 1, number, path, first, first + count - 1, count, count, count))
        first += count
    return [*rows, IndexRow.totals(item, rows)]


def box_rows() -> list[IndexRow]:
    return [row for item in ITEMS for row in item_rows(item)]


def write_scans(folder: Path, rows: list[IndexRow]) -> Path:
    for row in rows:
        if row.path:
            path = folder / row.path.removeprefix("data/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"%PDF-1.7 scan of {row.path}".encode() * 50)
    return folder
