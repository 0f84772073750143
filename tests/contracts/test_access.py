"""Who may do what: every operation of every description, with every role, in the own and in a foreign authority."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pikepdf
import pytest

from aktenfluss.delivery import TAG_FILES, BagInfo, IndexRow, build_delivery
from aktenfluss.kernel import Role, digest_of

OWN, FOREIGN = "offenbach", "frankfurt"
SERVICES = ("audit", "cases", "documents", "scans")
DESCRIPTIONS = Path(__file__).resolve().parents[2] / "docs" / "api"
CASE_FILE = {"keeping_authority": "064130", "file_number": "1", "family_name": "Muster"}
BAG = {
    "source_organization": "Scan contractor",
    "external_identifier": "box-1",
    "bag_group_identifier": "project",
    "scan_profile": "300dpi",
    "scanner_model": "model",
    "scanner_serial": "1",
    "scan_software": "software",
    "operator_pseudonym": "op-1",
    "scan_started": datetime(2026, 3, 2, 8, tzinfo=UTC),
    "scan_finished": datetime(2026, 3, 2, 9, tzinfo=UTC),
}


@dataclass(frozen=True)
class Operation:
    """One row of the matrix."""

    service: str
    method: str
    path: str
    roles: frozenset[str]

    def __str__(self):
        return f"{self.method} {self.path}"


def operations():
    for service in SERVICES:
        paths = json.loads((DESCRIPTIONS / f"{service}.openapi.json").read_text())["paths"]
        for path, item in paths.items():
            for method, operation in item.items():
                yield Operation(service, method.upper(), path, frozenset(operation["x-roles"]))


ALL = list(operations())
OF_ONE_RECORD = [operation for operation in ALL if "{" in operation.path]
LISTS = [operation for operation in ALL if operation.method == "GET" and "{" not in operation.path]


class Everybody:
    """Sends requests to all services as anybody."""

    def __init__(self, house, running):
        self.house = house
        self.running = running

    async def send(self, service, method, path, role=None, tenant=OWN, **options) -> httpx.Response:
        headers = self.house.as_(role, tenant) if role else {}
        headers |= options.pop("headers", {})
        async with self.running[service].client as client:
            return await client.request(method, path, headers=headers, **options)

    async def made(self, service, method, path, role, **options):
        answer = await self.send(service, method, path, role, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
async def everybody(house):
    return Everybody(house, {name: await house.start(name) for name in SERVICES})


@pytest.fixture
async def records(everybody, tmp_path):
    """Make one record of each kind in the own authority, and return what names it in paths."""
    pdf = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(pdf)
    content = digest_of(pdf.getvalue())
    asked = [{"content": content, "media_type": "application/pdf", "page_count": 1}]
    case_file = await everybody.made("cases", "POST", "/v1/case-files", Role.RECORDS_MANAGER, json=CASE_FILE)
    order = await everybody.made(
        "scans", "POST", "/v1/scan-orders", Role.RECORDS_MANAGER, json={"name": "Box", "file_numbers": ["1"]}
    )
    await everybody.made("documents", "PUT", f"/v1/contents/{content}", Role.CONTRACTOR, content=pdf.getvalue())
    made = await everybody.made("documents", "POST", "/v1/documents", Role.SERVICE, json={"documents": asked})
    delivery, manifest = await announced(everybody, order["id"], pdf.getvalue(), tmp_path / "box")
    await everybody.house.drain()
    return {
        "case_file_id": case_file["id"],
        "digest": content,
        "document_id": made["documents"][0]["id"],
        "page": "1",
        "scan_order_id": order["id"],
        "delivery": delivery,
        "manifest": manifest,
    }


async def announced(everybody, order_id, pdf, folder):
    items = await everybody.made("scans", "GET", f"/v1/scan-orders/{order_id}/items", Role.RECORDS_MANAGER)
    item = items["items"][0]["id"]
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "1.pdf").write_bytes(pdf)
    counted = {"sheets": 1, "sides_scanned": 1, "sides_suppressed": 1, "oversize": 0, "remarks": ""}
    rows = [
        IndexRow(file_id=item, volume=1, doc_seq=1, path="data/1.pdf", page_first=1, page_last=1, **counted),
        IndexRow(file_id=item, volume=0, doc_seq=0, path="", page_first=0, page_last=0, **counted),
    ]
    delivery = build_delivery(folder, rows, BagInfo(scan_order_id=order_id, **BAG))
    tag_files = {name: (folder / name).read_text() for name in TAG_FILES}
    body = {"tag_files": tag_files, "index": (folder / "data" / "index.csv").read_text()}
    await everybody.made("scans", "PUT", f"/v1/deliveries/{delivery.id}", Role.CONTRACTOR, json=body)
    return delivery.id, body


def body_of(operation, records):
    """Return what an operation on one record needs so that it would succeed."""
    match operation.method, operation.path.rpartition("/")[2]:
        case "PATCH", _:
            return {"json": {"given_names": "Maria"}, "headers": {"If-Match": '"1"'}}
        case "POST", "grants":
            return {"json": {"page_of_file": 1}}
        case "PUT", "{delivery}":
            return {"json": records["manifest"]}
        case "POST", _:
            return {"json": {}}
    return {}


async def test_nobody_gets_in_without_a_token(everybody):
    admitted = [
        str(operation)
        for operation in ALL
        if (await everybody.send(operation.service, operation.method, operation.path)).status_code != 401
    ]

    assert admitted == []


async def test_only_the_roles_of_the_description_get_in(everybody):
    wrong = []
    for operation in ALL:
        for role in Role:
            answer = await everybody.send(operation.service, operation.method, operation.path, role)
            if (answer.status_code == 403) == (role in operation.roles) or answer.status_code in (401, 500):
                wrong.append(f"{operation} as {role}: {answer.status_code}")

    assert wrong == []


async def test_the_own_authority_reads_each_record(everybody, records):
    refused = []
    for operation in OF_ONE_RECORD:
        if operation.method in ("GET", "HEAD"):
            path = operation.path.format_map(records)
            answer = await everybody.send(operation.service, operation.method, path, min(operation.roles))
            refused += [f"{operation}: {answer.text}"] if answer.is_error else []

    assert refused == []


async def test_a_foreign_authority_reaches_no_record(everybody, records):
    reached = {}
    for operation in OF_ONE_RECORD:
        if (operation.method, operation.path) != ("PUT", "/v1/contents/{digest}"):  # that makes a copy of its own
            path, options = operation.path.format_map(records), body_of(operation, records)
            answer = await everybody.send(
                operation.service, operation.method, path, min(operation.roles), FOREIGN, **options
            )
            reached[str(operation)] = answer.status_code

    # Its announcement names a scan order that does not exist for this authority.
    assert reached.pop("PUT /v1/deliveries/{delivery}") == 422
    assert reached == dict.fromkeys(reached, 404)


async def test_a_list_tells_of_the_own_authority_only(everybody, records):
    seen = {OWN: {}, FOREIGN: {}}
    for operation in LISTS:
        for tenant, lists in seen.items():
            query = {"key": records["case_file_id"]} if operation.path == "/v1/audit-records" else {}
            role = min(operation.roles)
            answer = await everybody.send(operation.service, "GET", operation.path, role, tenant, params=query)
            if "items" in answer.json():
                lists[operation.path] = len(answer.json()["items"])

    assert seen[FOREIGN] == dict.fromkeys(seen[FOREIGN], 0)
    filled = {"/v1/audit-records", "/v1/case-files", "/v1/scan-orders"}
    assert {path for path, count in seen[OWN].items() if count} >= filled
