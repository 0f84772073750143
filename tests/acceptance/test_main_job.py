"""A box of paper becomes case files: from the stock list to page 17 on the clerk's screen."""

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest

from aktenfluss.kernel import Role, new_id
from aktenfluss.testkit import PATIENCE_SECONDS

from .contractor import Order, push
from .door import Door

MANAGER, CLERK, CONTRACTOR, AUDITOR = Role.RECORDS_MANAGER, Role.CLERK, Role.CONTRACTOR, Role.AUDITOR


def import_stock(door: Door, count: int, tenant: str = "offenbach") -> list[str]:
    """Import case files that nobody had before and return their file numbers."""
    numbers = [f"ABH-{new_id().hex[-12:]}-{number}" for number in range(count)]
    lines = "".join(
        json.dumps({"keeping_authority": "065200", "file_number": number, "family_name": "Öztürk"}) + "\n"
        for number in numbers
    )
    with door.client(MANAGER, tenant) as manager:
        report = manager.post("/v1/case-files:import", content=lines.encode()).raise_for_status().text.splitlines()
    assert json.loads(report[-1])["summary"]["created"] == count
    return numbers


def open_order(door: Door, count: int, tenant: str = "offenbach") -> Order:
    with door.client(MANAGER, tenant) as manager:
        return Order(manager, import_stock(door, count, tenant))


def balance(door: Door, order: Order) -> dict[str, int]:
    with door.client(MANAGER) as manager:
        answer = manager.get(f"/v1/scan-orders/{order.id}/reconciliation").raise_for_status().json()
    return {name: answer[name] for name in ("listed", "filed", "accepted", "rejected", "missing")}


def wait_for(door: Door, order: Order, **expected: int) -> None:
    """Return once the reconciliation says so; fail in the end with what it says instead."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not expected.items() <= (found := balance(door, order)).items():
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def push_now(door: Door, box: Path, **options: bool):
    return asyncio.run(push(box, door.base_url, door.token(CONTRACTOR), **options))


@pytest.fixture
def order(door: Door) -> Order:
    return open_order(door, 3)


def entries_of(door: Door, item_count: int, client: httpx.Client, file_number: str) -> list[dict]:
    [case_file] = client.get("/v1/case-files", params={"file_number": file_number}).json()["items"]
    assert case_file["medium"] == "electronic"
    return client.get(f"/v1/case-files/{case_file['id']}/entries").json()["items"]


def test_a_box_becomes_case_files_and_a_clerk_reads_page_17(door: Door, tmp_path: Path) -> None:
    numbers = import_stock(door, 2)
    with door.client(MANAGER) as manager:
        order = Order(manager, numbers)
    order.pack(tmp_path / "BOX-1", {item: [3, 20, 2] for item in order.items})
    report = push_now(door, tmp_path / "BOX-1")
    assert report.transferred == 7
    wait_for(door, order, listed=2, filed=2)
    with door.client(CLERK) as clerk, httpx.Client(base_url=door.base_url, timeout=PATIENCE_SECONDS) as anybody:
        entries = entries_of(door, 2, clerk, numbers[0])
        assert [entry["page_count"] for entry in entries] == [3, 20, 2]
        [case_file] = clerk.get("/v1/case-files", params={"file_number": numbers[0]}).json()["items"]
        grant = clerk.post(f"/v1/case-files/{case_file['id']}/grants", json={"page_of_file": 17}).json()
        image = anybody.get(grant["url"])
        assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
        assert anybody.get(grant["url"].partition("?")[0]).status_code == 401


def test_pushing_again_transfers_nothing_and_changes_nothing(door: Door, order: Order, tmp_path: Path) -> None:
    order.pack(tmp_path / "BOX-1", {item: [2, 1] for item in order.items})
    assert push_now(door, tmp_path / "BOX-1").transferred == 7
    wait_for(door, order, filed=3)
    again = push_now(door, tmp_path / "BOX-1")
    assert again.transferred == 0
    assert balance(door, order) == {"listed": 3, "filed": 3, "accepted": 0, "rejected": 0, "missing": 0}


def test_bad_items_are_told_and_stop_no_others(door: Door, order: Order, tmp_path: Path) -> None:
    good, truncated, lost = order.items
    box = tmp_path / "BOX-1"
    order.pack(box, {item: [2, 2] for item in order.items})
    cut = box / "data" / truncated / "v1-0002.pdf"
    cut.write_bytes(cut.read_bytes()[:200])
    (box / "data" / lost / "v1-0001.pdf").unlink()
    push_now(door, box, accept_missing=True)
    wait_for(door, order, listed=3, filed=1, rejected=2)
    with door.client(MANAGER) as manager:
        rejected = manager.get(f"/v1/scan-orders/{order.id}/items", params={"state": "rejected"}).json()["items"]
    assert {item["id"] for item in rejected} == {truncated, lost}
    assert good not in {item["id"] for item in rejected}


def test_a_foreign_authority_sees_nothing_of_it(door: Door, order: Order, tmp_path: Path) -> None:
    delivery = order.pack(tmp_path / "BOX-1", {order.items[0]: [1, 1]})
    push_now(door, tmp_path / "BOX-1")
    wait_for(door, order, filed=1)
    with door.client(MANAGER, "hanau") as manager, door.client(CONTRACTOR, "hanau") as contractor:
        assert manager.get("/v1/case-files").json()["items"] == []
        assert manager.get(f"/v1/scan-orders/{order.id}").status_code == 404
        assert contractor.get(f"/v1/deliveries/{delivery.id}").status_code == 404
        assert contractor.head(f"/v1/contents/{next(iter(delivery.contents.values()))}").status_code == 404


def test_the_audit_log_has_every_step_and_verifies(door: Door, order: Order, tmp_path: Path) -> None:
    order.pack(tmp_path / "BOX-1", {order.items[0]: [1]})
    push_now(door, tmp_path / "BOX-1")
    wait_for(door, order, filed=1)
    with door.client(MANAGER) as manager, door.client(AUDITOR) as auditor:
        [item] = [i for i in manager.get(f"/v1/scan-orders/{order.id}/items").json()["items"] if i["state"] == "filed"]
        key = item["case_file_id"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        wanted = {"case-file-opened", "item-accepted", "entries-filed", "item-filed"}
        while not wanted <= (types := audited(auditor, key)):
            assert time.monotonic() < deadline, types
            time.sleep(0.1)
        assert auditor.get("/v1/audit-verification").json()["ok"] is True


def audited(auditor: httpx.Client, key: str) -> set[str]:
    records = auditor.get("/v1/audit-records", params={"key": key}).raise_for_status().json()["items"]
    return {record["type"].split(".")[3] for record in records}
