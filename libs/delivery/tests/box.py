"""A small box of scans, packed as a delivery."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aktenfluss.delivery import BagInfo, IndexRow, Oxum, format_index, order_item_id
from aktenfluss.kernel import digest_of

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


type Edit = Callable[[str], str]


def same(text: str) -> str:
    return text


def line(text: str, path: str) -> str:
    return f"{digest_of(text.encode(errors='surrogateescape')).removeprefix('sha256:')}  {path}\n"


def texts(
    index: str | None = None,
    manifest: Edit = same,
    info: Edit = same,
    bagit: Edit = same,
    tagmanifest: Edit = same,
    **others: str,
) -> tuple[dict[str, str], str]:
    """Return the texts of a delivery; each may be edited, and those that are written after it fit the edited one."""
    index = format_index(box_rows()) if index is None else index
    paths = [row.path for row in box_rows() if row.path]
    lines = manifest("".join(line(path, path) for path in paths) + line(index, "data/index.csv"))
    counted = replace(box_info(), payload_oxum=Oxum(1000, len(lines.splitlines())))
    tag_files = {
        "bagit.txt": bagit("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        "bag-info.txt": info(counted.format()),
        "manifest-sha256.txt": lines,
    }
    sealed = tagmanifest("".join(line(text, name) for name, text in tag_files.items()))
    return {**tag_files, "tagmanifest-sha256.txt": sealed, **others}, index
