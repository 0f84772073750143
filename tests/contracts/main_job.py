"""The main job, once through all services, with a canary in every place where somebody could write a name."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.acceptance.contractor import box_info, item_rows, split_lead_sheets, write_item

from aktenfluss.delivery import TAG_FILES, Delivery, IndexRow, build_delivery, push_delivery
from aktenfluss.kernel import Role

from .everybody import Everybody

CANARY = re.compile(r"kanari|1907-03-29", re.IGNORECASE)
"""Found wherever one of the personal values below got, however it was cut or folded."""

FILE_NUMBER = "KANARI-77/12"
STOCK_LINE = {
    "keeping_authority": "065200",
    "file_number": FILE_NUMBER,
    "family_name": "Kanarienvögelov",
    "given_names": "Kanarinda",
    "birth_date": "1907-03-29",
}
ORDER_NAME = "Karton der Familie Kanari"
REMARKS = "Heftung von Frau Kanari geloest"
LABELS = {"source_organization": "Kanari Scan GmbH", "operator_pseudonym": "kanari-op"}


@dataclass(frozen=True)
class Job:
    """What the job made, as the paths of requests name it."""

    case_file_id: str
    scan_order_id: str
    item: str
    delivery: str
    manifest: dict[str, Any]
    digest: str
    file: bytes
    document_id: str
    grant_url: str
    page: int = 1


async def do_main_job(everybody: Everybody, folder: Path) -> Job:
    """Take a paper file from the stock list to a clerk's screen and return what was made."""
    stock = (json.dumps(STOCK_LINE) + "\n").encode()
    await everybody.made("POST", "/v1/case-files:import", Role.RECORDS_MANAGER, content=stock)
    asked = {"name": ORDER_NAME, "file_numbers": [FILE_NUMBER]}
    order = await everybody.made("POST", "/v1/scan-orders", Role.RECORDS_MANAGER, json=asked)
    items = await everybody.made("GET", f"/v1/scan-orders/{order['id']}/items", Role.RECORDS_MANAGER)
    [item] = items["items"]
    delivery = await deliver(everybody, order["id"], item["id"], folder / "BOX-1")
    await everybody.house.drain()
    entries = await everybody.made("GET", f"/v1/case-files/{item['case_file_id']}/entries", Role.CLERK)
    entry = entries["items"][0]
    grant = await everybody.made(
        "POST", f"/v1/case-files/{item['case_file_id']}/grants", Role.CLERK, json={"page_of_file": 1}
    )
    page = await everybody.send("GET", grant["url"])
    assert page.status_code == 200, page.text
    await everybody.house.drain()
    return Job(
        case_file_id=item["case_file_id"],
        scan_order_id=order["id"],
        item=item["id"],
        delivery=delivery.id,
        manifest=manifest_in(folder / "BOX-1"),
        digest=entry["content"],
        file=(folder / "BOX-1" / "data" / item["id"] / "kanari-0001.pdf").read_bytes(),
        document_id=entry["document_id"],
        grant_url=grant["url"],
    )


async def deliver(everybody: Everybody, order_id: str, item_id: str, box: Path, cut: int | None = None) -> Delivery:
    """Scan the item, pack it into `box` and push that; with `cut`, its last file has only so many bytes."""
    printed = await everybody.made("GET", f"/v1/scan-orders/{order_id}/lead-sheets.pdf", Role.RECORDS_MANAGER)
    rows = [row if row.is_totals else personal(row) for row in item_rows(item_id, [2, 1])]
    source = box.with_name(f"{box.name}-scanned")
    write_item(source, rows, split_lead_sheets(printed)[0])
    last = source / rows[1].path.removeprefix("data/")
    last.write_bytes(last.read_bytes()[:cut])
    delivery = build_delivery(box, rows, replace(box_info(order_id, box.name), **LABELS), source)
    async with everybody.client(Role.CONTRACTOR) as client:
        await push_delivery(box, client)
    return delivery


def personal(row: IndexRow) -> IndexRow:
    """Return the row of a contractor who names files after people, and writes of them."""
    return replace(row, path=row.path.replace("v1", "kanari"), remarks=REMARKS)


def manifest_in(box: Path) -> dict[str, Any]:
    """Return the body that announces the delivery in `box`."""
    tag_files = {name: (box / name).read_text() for name in TAG_FILES}
    return {"tag_files": tag_files, "index": (box / "data" / "index.csv").read_text()}
