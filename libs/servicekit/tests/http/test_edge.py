"""Ids, headers, metrics and log lines of requests."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
import structlog
from prometheus_client import generate_latest

from aktenfluss.kernel import Role
from aktenfluss.servicekit.http import Api, configure_logging
from aktenfluss.servicekit.http.api import TELEMETRY


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    stream = io.BytesIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logging(stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def logged(stream: io.BytesIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


async def test_answer_carries_the_id_of_its_request(client: httpx.AsyncClient) -> None:
    given = "0af7651916cd43dd8448eb211c80319c"
    assert (await client.get("/v1/boxes/1", headers={"X-Request-Id": given})).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["Mustermann", "a" * 65, "abc", "0123456789abcdef\t", "..%2f..%2f", "-" * 20])
async def test_id_that_could_be_something_else_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/v1/boxes/1", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


async def test_every_answer_has_the_headers_of_the_house(client: httpx.AsyncClient) -> None:
    for path in ("/v1/boxes/1", "/v1/boxes/8", "/v1/boxes/9", "/nowhere"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "private, no-store"
        assert headers["api-version"] == "1.2.0"


async def test_request_is_one_line_without_path_and_query(client: httpx.AsyncClient, lines: io.BytesIO) -> None:
    answer = await client.get("/v1/boxes/9?name=Mustermann")
    (line,) = logged(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "level": "info",
        "service": "boxes",
        "method": "GET",
        "route": "/v1/boxes/{number}",
        "status": 404,
        "request_id": answer.headers["x-request-id"],
        "tenant": "offenbach",
        "problem": "box-lost",
        "occurrence": answer.json()["instance"].removeprefix("urn:uuid:"),
    }


async def test_failure_is_logged_by_type_and_place_only(client: httpx.AsyncClient, lines: io.BytesIO) -> None:
    await client.get("/v1/boxes/8")
    failure, request = logged(lines)
    assert failure["error"] == "RuntimeError"
    assert re.fullmatch(r"servicekit/http/routing.py:\d+:admitted", failure["place"])
    assert (request["problem"], request["status"]) == ("internal-error", 500)
    assert b"Mustermann" not in lines.getvalue()


async def test_requests_are_counted_by_route_template(client: httpx.AsyncClient, parts: Any) -> None:
    for path in ("/v1/boxes/1", "/v1/boxes/2", "/v1/nowhere/Mustermann"):
        await client.get(path)
    await client.request("MUSTERMANN", "/v1/boxes/1")
    text = generate_latest(parts.registry).decode()
    count = "http_request_duration_seconds_count"
    assert f'{count}{{method="GET",route="/v1/boxes/{{number}}",service="boxes",status="200"}} 2.0' in text
    assert f'{count}{{method="GET",route="unknown",service="boxes",status="404"}} 1.0' in text
    assert f'{count}{{method="OTHER",route="/v1/boxes/{{number}}",service="boxes",status="405"}} 1.0' in text
    assert "Mustermann" not in text


def test_services_of_one_process_share_a_registry(parts: Any) -> None:
    for name in ("boxes", "shelves"):
        Api(name=name, title=name, description="Shares.", resources=parts)


async def test_start_and_stop_pass_the_edge(api: Api) -> None:
    asked = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))
    told: list[str] = []

    async def receive() -> dict[str, str]:
        return next(asked)

    async def send(message: Any) -> None:
        told.append(message["type"])

    await api.app({"type": "lifespan", "state": {}}, receive, send)
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_app_inside_of_another_keeps_the_id(api: Api, parts: Any) -> None:
    outer = Api(name="outer", title="Outer", description="Mounts the other.", resources=parts)
    outer.app.mount("/", api.app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(outer.app), base_url="http://outer") as client:
        answer = await client.get("/v1/boxes/1", headers=parts.as_(Role.CLERK))
    assert answer.headers.get_list("x-request-id") == [answer.text.split()[-1]]


def test_telemetry_of_the_framework_records_nothing_by_itself(api: Api) -> None:
    assert TELEMETRY == {"logs": False, "operation_spans": False, "auto_configure": False}
    assert {name: api.app._telemetry[name] for name in TELEMETRY} == TELEMETRY
