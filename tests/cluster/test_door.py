"""The public door of a cluster: what it lets through to whom, what it refuses, and how it says so."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .conftest import LIMIT
from .haproxy import PublicDoor
from .refusals import UNAUTHENTICATED, bearer, problem

pytestmark = pytest.mark.servers

CONTENT = "/v1/contents/sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/contents:check", "documents"),
        ("/v1/documents/1/pages/2", "documents"),
        ("/v1/scrub-findings", "documents"),
        ("/v1/case-files?name=x", "cases"),
        ("/v1/scan-orders/1", "scans"),
        ("/v1/deliveries/1:complete", "scans"),
        ("/v1/audit-records", "audit"),
        ("/v1/audit-checkpoints", "audit"),
        ("/v1/audit-verification", "audit"),
    ],
)
async def test_a_path_leads_to_its_service_with_a_token_only(clerk, anybody, path: str, service: str) -> None:
    assert (await clerk.get(path)).json()["service"].partition("-")[0] == service
    refused = await anybody.get(path)
    assert problem(refused) == UNAUTHENTICATED
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/", "/problems/forbidden", "/openapi.json", "/v1/case-filesx", "/v2/case-files"])
async def test_every_other_path_is_the_gateways_and_needs_no_token(anybody, path: str) -> None:
    assert (await anybody.get(path)).json()["service"] == "gateway"


@pytest.mark.parametrize("path", ["/metrics", "/live", "/startup"])
async def test_health_and_metrics_of_a_process_are_not_for_the_public(anybody, path: str) -> None:
    assert problem(await anybody.get(path)) == (404, "/problems/not-found")


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/v1/scan-orders", 1 << 20),
        ("POST", "/v1/contents:check", 2 << 20),
        ("PUT", "/v1/deliveries/1", 32 << 20),
        ("PUT", CONTENT, LIMIT),
    ],
)
async def test_a_body_may_be_so_large_and_no_larger(contractor, services, method: str, path: str, limit: int) -> None:
    taken = await contractor.request(method, path, content=bytes(limit))
    assert taken.json()["received_bytes"] == limit
    refused = await announced(contractor, method, path, limit + 1)
    assert b"413" in refused.partition(b"\r\n")[0]
    assert b'"type":"/problems/body-too-large"' in refused
    assert f'"limit_bytes":{limit},'.encode() in refused


async def announced(client: httpx.AsyncClient, method: str, path: str, size: int) -> bytes:
    """Return the answer to a request of that size whose body is not sent, as clients do that expect a refusal."""
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    head = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: {client.headers['Authorization']}"]
    writer.write("\r\n".join([*head, f"Content-Length: {size}", "Expect: 100-continue", "", ""]).encode())
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await reader.readuntil(b"}")
    writer.close()
    return answer


async def test_a_stock_list_may_be_of_any_length(clerk) -> None:
    taken = await clerk.post("/v1/case-files:import", content=bytes(LIMIT + 1))

    assert taken.json()["received_bytes"] == LIMIT + 1


async def test_a_service_reads_an_upload_while_it_is_sent(contractor, services) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        # The client sends the rest only once the service has what went before.
        await services["scans"].wait_for_bytes(5)
        yield b"rest"

    answer = await contractor.put("/v1/deliveries/1", content=pieces(), headers={"Content-Length": "9"})

    assert answer.json()["received_bytes"] == 9


async def test_a_header_may_be_16_kib(clerk) -> None:
    assert (await clerk.get("/v1/case-files", headers={"X-Long": "x" * 15_000})).status_code == 200
    assert (await clerk.get("/v1/case-files", headers={"X-Long": "x" * 17_000})).status_code == 400


async def test_a_stopped_service_is_unavailable_and_comes_back_by_itself(clerk, services) -> None:
    await services["cases"].stop()
    refused = await clerk.get("/v1/case-files")
    assert problem(refused) == (503, "/problems/service-unavailable")
    assert refused.headers["retry-after"] == "5"
    assert (await clerk.get("/v1/scan-orders")).status_code == 200
    await wait_for_status(clerk, "/ready", 503)

    await services["cases"].start()
    await wait_for_status(clerk, "/ready", 200)
    assert (await clerk.get("/v1/case-files")).json()["service"] == "cases"


async def test_a_service_that_is_not_ready_gets_no_requests(clerk, services) -> None:
    services["audit"].ready = False
    await wait_for_status(clerk, "/ready", 503)

    assert problem(await clerk.get("/v1/audit-records")) == (503, "/problems/service-unavailable")
    assert services["audit"].requests == []


async def test_the_second_server_takes_over_at_once(contractor, services) -> None:
    await services["documents"].stop()

    answers = [await contractor.put(CONTENT, content=b"bytes") for _ in range(4)]

    assert {answer.json()["service"] for answer in answers} == {"documents-2"}


async def test_a_lost_answer_is_asked_for_again_where_that_is_harmless(clerk, services) -> None:
    services["cases"].cuts = 1

    assert (await clerk.get("/v1/case-files")).status_code == 200


async def test_a_lost_answer_to_a_change_is_told(clerk, services) -> None:
    services["cases"].cuts = 1
    lost = await clerk.post("/v1/case-files", json={})

    assert problem(lost) == (503, "/problems/answer-lost")
    assert lost.headers["retry-after"] == "5"


async def wait_for_status(client: httpx.AsyncClient, path: str, status: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await client.get(path)).status_code != status:
            await asyncio.sleep(0.05)


async def statuses(client: httpx.AsyncClient, path: str, count: int) -> list[int]:
    return [(await client.get(path)).status_code for _ in range(count)]


async def test_a_person_who_asks_too_often_waits_and_nobody_else_does(clerk, contractor, anybody) -> None:
    found = await statuses(clerk, "/v1/case-files", 103)
    assert found == [200] * 100 + [429] * 3
    refused = await clerk.get("/v1/scan-orders")
    assert problem(refused) == (429, "/problems/too-many-requests")
    assert refused.headers["retry-after"] == "5"

    assert set(await statuses(contractor, "/v1/scan-orders", 150)) == {200}
    assert set(await statuses(anybody, f"{CONTENT}?grant=abc", 150)) == {200}


async def test_a_request_keeps_its_id_where_it_has_one(clerk, services) -> None:
    given = "0190f5fe-7c00-7a00-8000-000000000001"

    kept = await clerk.get("/v1/case-files", headers={"X-Request-Id": given})
    made = await clerk.get("/v1/case-files", headers={"X-Request-Id": "Erika Mustermann"})

    first, second = (request.headers["x-request-id"] for request in services["cases"].requests)
    assert (first, kept.headers["x-request-id"]) == (given, given)
    assert re.fullmatch(r"[0-9a-f-]{36}", second)
    assert made.headers["x-request-id"] == second


async def test_a_client_cannot_say_who_is_behind_it(clerk, services) -> None:
    forwarded = {
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=1.2.3.4",
        "X-Real-IP": "1",
    }
    await clerk.get("/v1/case-files", headers=forwarded)

    [request] = services["cases"].requests
    assert not {name.lower() for name in forwarded} & set(request.headers)


async def test_the_log_names_nobody(clerk, anybody, door: PublicDoor, issuer) -> None:
    token = bearer(issuer, Role.CLERK)["Authorization"].split(".")[1]
    await clerk.get("/v1/case-files?family_name=Mustermann")
    await clerk.get("/v1/Mustermann/Erika", headers={"Referer": "Mustermann", "User-Agent": "Mustermann"})
    await anybody.get("/v1/case-files?grant=Mustermann")
    await anybody.request("MUSTERMANN", "/")

    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(lines := re.findall(r"^{.*}$", door.log.read_text(), re.MULTILINE)) < 4:
            await asyncio.sleep(0.02)
    assert {json.loads(line)["service"] for line in lines} >= {"cases", "gateway"}
    assert not re.search(rf"mustermann|erika|127\.0\.0\.1|{token}|test:", "".join(lines), re.IGNORECASE)
