"""Bad input at the door: each kind gets its problem, with a page, and changes nothing."""

from pathlib import Path

import asyncpg
from libs.servicekit.tests.identity.conftest import KEY, Forge
from libs.servicekit.tests.identity.test_forged_tokens import FORGERIES
from services.scans.tests import papers
from services.scans.tests.boxes import Box

from aktenfluss.delivery import order_item_id, push_delivery
from aktenfluss.kernel import Role
from aktenfluss.servicekit import EmbeddedIssuer, KeyBundle

from .everybody import FOREIGN, SERVICES
from .main_job import STOCK_LINE
from .refusals import refusals

PAGES = Path(__file__).resolve().parents[2] / "docs" / "problems"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
TOLD = r"SELECT count(*) FROM outbox WHERE type !~ '(read|listed|searched)\.v1$'"
"""Facts but those of reading: also a look for what is not there is told to the audit log."""
MANAGER, CONTRACTOR = Role.RECORDS_MANAGER, Role.CONTRACTOR
EVIL = {
    "encrypted PDF": ("pdf-encrypted", papers.encrypted("secret")),
    "PDF bomb of pages": ("pdf-bomb", papers.page_bomb()),
    "PDF bomb of pixels": ("pdf-bomb", papers.image_bomb()),
    "PDF bomb of nested streams": ("pdf-bomb", papers.stream_bomb(times=2)),
    "truncated PDF": ("pdf-unreadable", papers.plain_pdf(3)[:1_500]),
    "0 bytes": ("pdf-unreadable", b""),
}


async def state(everybody):
    """Return what is stored: the number of rows of every table, and every object."""
    counted = {}
    for name in SERVICES:
        connection = await asyncpg.connect(everybody.house.postgres.superuser_dsn(name))
        for (table,) in await connection.fetch(TABLES):
            statement = TOLD if table == "outbox" else f'SELECT count(*) FROM "{table}"'
            counted[name, table] = await connection.fetchval(statement)
        await connection.close()
    return counted, [key async for key in everybody.house.store.list("")]


async def test_each_is_refused_with_its_problem_and_changes_nothing(everybody, job):
    for kind, refusal in refusals(job).items():
        before = await state(everybody)
        answer = await everybody.send(refusal.method, refusal.path, refusal.role, **refusal.options)
        told = f"{kind}: {answer.status_code} {answer.text}"
        assert answer.headers["content-type"] == "application/problem+json", told
        assert (answer.json()["type"], answer.status_code) == (f"/problems/{refusal.problem}", refusal.status), told
        assert (PAGES / f"{refusal.problem}.md").is_file(), told
        assert refusal.rule in {"", *(finding["rule"] for finding in answer.json().get("findings", []))}, told
        assert await state(everybody) == before, told


async def test_a_key_with_another_body_is_refused_and_changes_nothing(everybody):
    headers = {"Idempotency-Key": "once"}
    await everybody.made("POST", "/v1/case-files", MANAGER, json=STOCK_LINE, headers=headers)
    before = await state(everybody)
    other = STOCK_LINE | {"file_number": "2"}

    answer = await everybody.send("POST", "/v1/case-files", MANAGER, json=other, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await state(everybody) == before


async def test_an_order_of_a_number_that_two_authorities_have_says_which_is_meant(everybody):
    lines = [STOCK_LINE | {"keeping_authority": authority} for authority in ("064130", "065200")]
    files = [await everybody.made("POST", "/v1/case-files", MANAGER, json=line) for line in lines]
    asked = {"name": "Box", "file_numbers": [STOCK_LINE["file_number"]]}
    before = await state(everybody)

    refused = await everybody.send("POST", "/v1/scan-orders", MANAGER, json=asked)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/ambiguous-file-numbers")
    assert await state(everybody) == before
    for line, file in zip(lines, files, strict=True):
        named = asked | {"keeping_authority": line["keeping_authority"]}
        order = await everybody.made("POST", "/v1/scan-orders", MANAGER, json=named)
        listed = await everybody.made("GET", f"/v1/scan-orders/{order['id']}/items", MANAGER)
        assert [item["case_file_id"] for item in listed["items"]] == [file["id"]]


async def open_order(everybody, numbers, tenant="offenbach"):
    """Open an order for new case files and return its id with the ids of its items."""
    for number in numbers:
        line = STOCK_LINE | {"file_number": number}
        assert (await everybody.send("POST", "/v1/case-files", MANAGER, tenant, json=line)).is_success
    asked = {"name": "Box", "file_numbers": numbers}
    order = (await everybody.send("POST", "/v1/scan-orders", MANAGER, tenant, json=asked)).json()["id"]
    listed = (await everybody.send("GET", f"/v1/scan-orders/{order}/items", MANAGER, tenant)).json()
    return order, [item["id"] for item in listed["items"]]


def jpeg(folder):
    papers.paper_image().save(folder / "scan.jpg")
    return (folder / "scan.jpg").read_bytes()


async def test_evil_files_and_strange_items_are_told_by_rule_and_stop_no_others(everybody, tmp_path):
    evil = EVIL | {"JPEG called .pdf": ("pdf-unreadable", jpeg(tmp_path))}
    order, [good, *items] = await open_order(everybody, [f"{number}" for number in range(len(evil) + 1)])
    _, [foreign] = await open_order(everybody, ["F 1"], FOREIGN)
    box = Box(order).put(good)
    expected = {foreign: "unknown-item", order_item_id(99_000_000): "unknown-item"}
    for stranger in expected:
        box.put(stranger)
    for item, (rule, content) in zip(items, evil.values(), strict=True):
        box.put(item).items[item][1] = (content, 1)
        expected[item] = rule
    bag = box.pack(tmp_path / "BOX-1")

    async with everybody.client(CONTRACTOR) as client:
        await push_delivery(tmp_path / "BOX-1", client)
    await everybody.house.drain()

    told = (await everybody.send("GET", f"/v1/deliveries/{bag.digest}", CONTRACTOR)).json()
    assert {finding["item"]: finding["rule"] for finding in told["findings"]} == expected
    balance = (await everybody.send("GET", f"/v1/scan-orders/{order}/reconciliation", MANAGER)).json()
    assert (balance["filed"], balance["rejected"], balance["listed"]) == (1, len(items), len(items) + 1)


async def test_every_forged_token_is_unauthenticated(house, clock):
    house.issuer = EmbeddedIssuer(KeyBundle.of(KEY), clock)
    cases = await house.start("cases")
    forge = Forge(house.issuer, clock)
    async with cases.client as client:
        assert (await client.get("/v1/case-files", headers={"Authorization": f"Bearer {forge.token()}"})).is_success
        for kind, forged in FORGERIES.items():
            token = f"Bearer {forged(forge)}".encode()
            answer = await client.get("/v1/case-files", headers={"Authorization": token})
            assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated"), kind

    assert len(FORGERIES) >= 25
