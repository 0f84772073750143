"""What orchestrators and Prometheus ask a process."""

from collections.abc import Mapping

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette

from aktenfluss.servicekit.http import health_routes


def client_of(parts: Mapping[str, bool]) -> httpx.AsyncClient:
    async def check() -> Mapping[str, bool]:
        return parts

    registry = CollectorRegistry()
    moved = Counter("boxes_moved", "Boxes that were moved", registry=registry)

    async def measure() -> None:
        moved.inc(3)

    app = Starlette(routes=health_routes(live=check, ready=check, startup=check, measure=measure, registry=registry))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://root")


@pytest.mark.parametrize("path", ["/live", "/ready", "/startup"])
async def test_health_names_the_parts(path: str) -> None:
    async with client_of({"store": True, "database": True}) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": {"database": True, "store": True}}


async def test_failing_part_is_service_unavailable() -> None:
    async with client_of({"store": True, "database": False}) as client:
        answer = await client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "parts": {"database": False, "store": True}}


async def test_metrics_are_measured_when_they_are_asked_for_and_told_in_the_text_format() -> None:
    async with client_of({}) as client:
        answer = await client.get("/metrics")
    assert "boxes_moved_total 3.0" in answer.text
