"""Personal data stays where it belongs, however it came in: nowhere else is there a canary."""

import io
import json
import logging
from collections.abc import Iterator

import asyncpg
import pytest
import structlog
from prometheus_client import generate_latest

from aktenfluss.contracts.cases import EntriesFiled
from aktenfluss.kernel import Principal, Role, new_id
from aktenfluss.servicekit import configure_logging
from aktenfluss.servicekit.process.otlp_tracing import OtlpTracing

from .everybody import FOREIGN, OWN, SERVICES, Everybody
from .main_job import CANARY, FILE_NUMBER, ORDER_NAME, STOCK_LINE, deliver

NAME = STOCK_LINE["family_name"]
MANAGER, CLERK, CONTRACTOR = Role.RECORDS_MANAGER, Role.CLERK, Role.CONTRACTOR
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
KEPT = {
    ("cases", "case_file"),
    # What was answered to the one who sent the key, to be answered again; kept for a day.
    ("cases", "idempotency_key"),
    ("scans", "idempotency_key"),
    # The file number on the lead sheet and in the list of what is still missing, and what people call the box.
    ("scans", "order_item"),
    ("scans", "scan_order"),
    # The tag files and the index as the contractor signed them by their digest.
    ("scans", "delivery"),
    # Findings name the file; they are for the contractor who named it.
    ("scans", "delivery_item"),
}
"""The tables that hold personal data, each behind row-level security."""
MADE = {("scans", "parked_event"), ("cases", "outbox"), ("audit", "audit_record")}
"""Tables that certainly have rows at the end: without them, finding nothing would prove nothing."""
LONG = "Kanari" * 500
KEY = {"Idempotency-Key": "key-1"}
SECOND_ORDER = {"name": NAME, "file_numbers": ["KANARI-78/12"]}


@pytest.fixture
def log() -> Iterator[io.BytesIO]:
    """Collect what the product logs, as it logs."""
    stream = io.BytesIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging(stream, level="debug")
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
async def everybody(house, collector):
    """Give everybody, in a house whose traces are collected."""
    house.tracing = OtlpTracing(collector.endpoint, 1.0)
    yield await Everybody.of(house)
    house.tracing.close()


def bad_requests(job):
    """Yield requests that must be refused, each with a canary somewhere: method, path, role, options."""
    file, order = f"/v1/case-files/{job.case_file_id}", {"name": ORDER_NAME, "file_numbers": [FILE_NUMBER]}
    patch = {"headers": {"If-Match": '"1"'}}
    yield "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE | {"birth_date": "Kanari 1907"}}
    yield "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE | {"family_name": [NAME]}}
    yield "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE | {"family_name": LONG}}
    yield "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE | {"medium": "kanari"}}
    yield "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE | {"keeping_authority": "Kanari und Söhne"}}
    yield "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE | {"given_names": "Kanari\0"}}
    yield "POST", "/v1/case-files", MANAGER, {"content": f'{{"family_name": "{NAME}"'}
    yield "POST", "/v1/case-files", MANAGER, {"content": NAME, "headers": {"Content-Type": f"text/{FILE_NUMBER}"}}
    yield "POST", "/v1/case-files", MANAGER, {"content": NAME.encode("utf-16")}
    yield "POST", "/v1/case-files", CLERK, {"json": STOCK_LINE}
    yield (
        "POST",
        "/v1/case-files",
        None,
        {"json": STOCK_LINE, "headers": {"Authorization": "Bearer kanari.kanari.kanari"}},
    )
    yield "POST", "/v1/case-files", MANAGER, {"json": STOCK_LINE, "headers": {"Idempotency-Key": "Frau Kanari"}}
    yield "PATCH", file, MANAGER, {"json": {"birth_date": "kanari"}, **patch}
    yield "PATCH", file, MANAGER, {"json": {"family_name": NAME}, "headers": {"If-Match": '"Kanari"'}}
    yield "GET", f"/v1/case-files/{NAME}", CLERK, {}
    yield "GET", f"{file}/{FILE_NUMBER}", CLERK, {"headers": {"X-Request-Id": FILE_NUMBER}}
    yield "GET", "/v1/case-files", CLERK, {"params": {"name": LONG}}
    yield "GET", "/v1/case-files", CLERK, {"params": {"limit": FILE_NUMBER, "name": NAME}}
    yield "GET", "/v1/case-files", CLERK, {"params": {"cursor": FILE_NUMBER}}
    yield "GET", "/v1/case-files", CLERK, {"params": {"medium": NAME}}
    yield "KANARI", "/v1/case-files", CLERK, {}
    yield "POST", f"{file}/grants", CLERK, {"json": {"entry_id": FILE_NUMBER}}
    yield "POST", "/v1/scan-orders", MANAGER, {"json": order | {"file_numbers": ["KANARI-99/99"]}}
    yield "POST", "/v1/scan-orders", MANAGER, {"json": order | {"name": LONG}}
    yield "GET", f"/v1/scan-orders/{job.scan_order_id}/items", CLERK, {"params": {"state": "Kanari"}}
    yield "PUT", f"/v1/deliveries/{job.delivery}", CONTRACTOR, {"json": with_index(job, "data/Kanari.pdf;Kanari\n")}
    yield "PUT", "/v1/deliveries/kanari", CONTRACTOR, {"json": job.manifest}
    yield "PUT", "/v1/contents/kanari", CONTRACTOR, {"content": job.file}
    yield "PUT", f"/v1/contents/{job.digest}", CONTRACTOR, {"content": b"", "headers": {"Content-Range": "Kanari"}}
    yield "GET", job.grant_url.replace("grant=", "grant=kanari"), None, {}
    yield "GET", "/v1/audit-records", Role.AUDITOR, {"params": {"key": FILE_NUMBER, "limit": "Kanari"}}
    yield "GET", "/problems/kanari-77", None, {}
    yield "GET", f"/kanari/{NAME}", None, {}


def with_index(job, addition):
    return job.manifest | {"index": job.manifest["index"] + addition}


def good_requests(job):
    """Yield requests that are answered, each with a canary somewhere."""
    second = STOCK_LINE | {"file_number": "KANARI-78/12"}
    yield "POST", "/v1/case-files", MANAGER, {"json": second, "headers": KEY}
    yield "POST", "/v1/scan-orders", MANAGER, {"json": SECOND_ORDER, "headers": KEY}
    yield "GET", "/v1/case-files", CLERK, {"params": {"name": "kanarien", "file_number_prefix": "KANARI"}}
    yield "POST", "/v1/case-files:lookup", Role.SERVICE, {"json": {"file_numbers": [FILE_NUMBER, "KANARI-99/99"]}}
    lines = "\n".join([json.dumps(STOCK_LINE | {"birth_date": "kanari"}), NAME, json.dumps(STOCK_LINE)])
    yield "POST", "/v1/case-files:import", MANAGER, {"content": lines}
    changes = {"json": {"birth_date": "1907-03-29"}, "headers": {"If-Match": '"2"'}}
    yield "PATCH", f"/v1/case-files/{job.case_file_id}", MANAGER, changes


@pytest.fixture
async def traffic(log, everybody, job, tmp_path):
    """Do the main job, then send everything else; return the answers to the bad requests and to foreigners."""
    refusals = []
    for method, path, role, options in good_requests(job):
        answer = await everybody.send(method, path, role, **options)
        assert answer.is_success, f"{method} {path}: {answer.text}"
    for method, path, role, options in bad_requests(job):
        refusals.append(await everybody.send(method, path, role, **options))
        assert refusals[-1].is_client_error, f"{method} {path} {options}: {refusals[-1].status_code}"
        refusals.append(await everybody.send(method, path, role, FOREIGN, **options))
    await reject_an_item(everybody, tmp_path)
    await park_an_event(everybody)
    return refusals


async def reject_an_item(everybody, folder):
    """Push a damaged file that is named after somebody."""
    order = await everybody.made("POST", "/v1/scan-orders", MANAGER, json=SECOND_ORDER, headers=KEY)
    items = await everybody.made("GET", f"/v1/scan-orders/{order['id']}/items", MANAGER)
    delivery = await deliver(everybody, order["id"], items["items"][0]["id"], folder / "BOX-2", cut=200)
    connection = await asyncpg.connect(everybody.house.postgres.superuser_dsn("scans"))
    waiting = [repr(tuple(row)) for row in await connection.fetch("SELECT * FROM procrastinate_jobs")]
    await connection.close()
    assert len(waiting) == 1
    assert canaries_in(waiting) == []
    await everybody.house.drain()
    told = await everybody.made("GET", f"/v1/deliveries/{delivery.id}", CONTRACTOR)
    assert [finding["rule"] for finding in told["findings"]] == ["pdf-unreadable"]


async def park_an_event(everybody):
    """Let `cases` tell of an item that there is not, about which `scans` can do nothing."""
    principal = Principal.service("cases", OWN)
    fact = EntriesFiled(case_file_id=new_id(), order_item_id="0000000097", entry_count=1, page_count=1)
    async with everybody.running["cases"].database.transaction(principal) as tx:
        tx.publish(fact, key=fact.case_file_id, subject=fact.case_file_id, version=1)
    await everybody.house.drain()


async def test_no_canary_gets_out(traffic, everybody, log, collector, capfd):
    """One test, for the traffic takes long and every place is looked at after the same."""
    written = log.getvalue().decode()
    assert len(written.splitlines()) > len(traffic)
    assert canaries_in(written.splitlines()) == []
    assert canaries_in(capfd.readouterr()) == []
    assert canaries_in(generate_latest(one.resources.registry).decode() for one in everybody.running.values()) == []
    assert canaries_in(map(told_unasked, traffic)) == []
    everybody.house.tracing.close()
    assert len(collector.steps) > len(traffic)
    assert canaries_in(step.text for step in collector.steps) == []
    assert await tables_with_canaries(everybody) == KEPT
    stored = everybody.house.store
    paths = [key async for key in stored.list("")]
    assert paths
    assert canaries_in(paths) == []


def told_unasked(answer):
    """Return what a refusal says, but for the file numbers that it returns to the one who sent them."""
    text = answer.text
    if answer.headers["content-type"] == "application/problem+json" and "file_numbers" in answer.json():
        text = json.dumps(answer.json() | {"file_numbers": []})
    return f"{answer.status_code} {text} {answer.headers}"


def canaries_in(texts):
    return [text for text in texts if CANARY.search(text)]


async def tables_with_canaries(everybody):
    found, filled = set(), set()
    for database in (*SERVICES, "bus"):
        connection = await asyncpg.connect(everybody.house.postgres.superuser_dsn(database))
        for (table,) in await connection.fetch(TABLES):
            rows = [repr(tuple(row)) for row in await connection.fetch(f'SELECT * FROM "{table}"')]
            filled |= {(database, table)} if rows else set()
            found |= {(database, table)} if canaries_in(rows) else set()
        await connection.close()
    assert filled >= MADE | KEPT | {("bus", "event_log")}
    return found
