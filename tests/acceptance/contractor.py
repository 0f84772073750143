"""A scan contractor for tests: lead sheets come in, boxes of small but real PDFs go out."""

import io
import random
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pikepdf

from aktenfluss.delivery import (
    BagInfo,
    Delivery,
    IndexRow,
    PushOptions,
    PushReport,
    build_delivery,
    open_client,
    push_delivery,
)

SCANNED_AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def box_info(order_id: str, box: str = "BOX-0001") -> BagInfo:
    """Return what the box says of itself."""
    return BagInfo(
        source_organization="Scan-Dienst Muster",
        external_identifier=box,
        bag_group_identifier="offenbach-2026",
        scan_order_id=order_id,
        scan_profile="A4-300-colour",
        scanner_model="Example 9000",
        scanner_serial="SN-1",
        scan_software="Example Capture 5",
        operator_pseudonym="op-17",
        scan_started=SCANNED_AT,
        scan_finished=SCANNED_AT,
    )


def split_lead_sheets(printed: bytes) -> list[bytes]:
    """Return each lead sheet as a PDF of one page, in the order of the items."""
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        return [one_page(page) for page in pdf.pages]


def one_page(page: pikepdf.Page) -> bytes:
    alone = pikepdf.new()
    alone.pages.append(page)
    return saved(alone)


def scan(pages: int, size_bytes: int = 2_000, lead_sheet: bytes = b"", seed: int = 0) -> bytes:
    """Return a PDF of `pages` pages that is about `size_bytes` large; `lead_sheet` becomes its first page."""
    pdf = pikepdf.open(io.BytesIO(lead_sheet)) if lead_sheet else pikepdf.new()
    while len(pdf.pages) < pages:
        pdf.add_blank_page(page_size=(595, 842))
    noise = random.Random(seed).randbytes(size_bytes)
    # A grey image as JPEG-like payload: bytes that do not compress, never drawn.
    pdf.pages[-1].obj.PieceInfo = pdf.make_stream(noise)
    return saved(pdf)


def saved(pdf: pikepdf.Pdf) -> bytes:
    target = io.BytesIO()
    pdf.save(target, compress_streams=False)
    return target.getvalue()


def item_rows(item_id: str, page_counts: Sequence[int]) -> list[IndexRow]:
    """Return the rows of an item whose documents have these pages, one scanned side each, and its totals."""
    rows, first = [], 1
    for number, count in enumerate(page_counts, 1):
        path = f"data/{item_id}/v1-{number:04d}.pdf"
        rows.append(IndexRow(item_id, 1, number, path, first, first + count - 1, count, count, count))
        first += count
    return [*rows, IndexRow.totals(item_id, rows)]


def write_item(source: Path, rows: Sequence[IndexRow], lead_sheet: bytes, size_bytes: int = 2_000) -> None:
    """Write the PDFs of an item; the first begins with the lead sheet."""
    for row in rows:
        if not row.path:
            continue
        path = source / row.path.removeprefix("data/")
        path.parent.mkdir(parents=True, exist_ok=True)
        lead = lead_sheet if row.doc_seq == 1 else b""
        path.write_bytes(scan(row.page_last - row.page_first + 1, size_bytes, lead, zlib.crc32(row.path.encode())))


class Order:
    """A scan order and its items, as the office handed it over with the printed lead sheets."""

    def __init__(self, office: httpx.Client, file_numbers: Sequence[str], name: str = "Karton") -> None:
        answer = office.post("/v1/scan-orders", json={"name": name, "file_numbers": list(file_numbers)})
        self.id: str = answer.raise_for_status().json()["id"]
        printed = office.get(f"/v1/scan-orders/{self.id}/lead-sheets.pdf").raise_for_status().content
        self.items = [item["id"] for item in self._items(office)]
        self.lead_sheets = dict(zip(self.items, split_lead_sheets(printed), strict=True))

    def _items(self, office: httpx.Client) -> list[dict[str, str]]:
        items: list[dict[str, str]] = []
        params: dict[str, str] = {"limit": "200"}
        while True:
            page = office.get(f"/v1/scan-orders/{self.id}/items", params=params).raise_for_status().json()
            items += page["items"]
            if page["next"] is None:
                return items
            params["cursor"] = page["next"]

    def pack(self, folder: Path, page_counts: Mapping[str, Sequence[int]], size_bytes: int = 2_000) -> Delivery:
        """Scan the items and pack them into the box `folder`."""
        return pack_box(folder, self.id, self.lead_sheets, page_counts, size_bytes)


def pack_box(
    folder: Path,
    order_id: str,
    lead_sheets: Mapping[str, bytes],
    page_counts: Mapping[str, Sequence[int]],
    size_bytes: int = 2_000,
) -> Delivery:
    """Scan items of an order, documents of about `size_bytes`, and pack them into the box `folder`."""
    source = folder.with_name(f"{folder.name}-scanned")
    rows = []
    for item_id, counts in page_counts.items():
        own = item_rows(item_id, counts)
        write_item(source, own, lead_sheets.get(item_id, b""), size_bytes)
        rows += own
    return build_delivery(folder, rows, box_info(order_id, folder.name), source)


async def push(folder: Path, base_url: str, token: str, **options: Any) -> PushReport:
    """Push a box, wait until it is checked unless the options say otherwise, and return what that did."""
    async with open_client(base_url, token) as client:
        return await push_delivery(folder, client, PushOptions(**{"wait": True} | options))
