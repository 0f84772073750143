"""The door in front of services that only tell what arrived, and who knocks at it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer
from aktenfluss.testkit import PATIENCE_SECONDS

from .haproxy import SERVICES, PublicDoor
from .refusals import bearer
from .stub_service import StubService

LIMIT = 64 << 20


@pytest.fixture
def issuer(tmp_path: Path) -> EmbeddedIssuer:
    return EmbeddedIssuer.open(tmp_path / "keys", SystemClock())


@pytest.fixture
async def services() -> AsyncIterator[dict[str, StubService]]:
    services = {name: StubService(name) for name in (*SERVICES, "documents-2")}
    for service in services.values():
        await service.start()
    yield services
    for service in services.values():
        await service.stop()


@pytest.fixture
async def door(tmp_path: Path, issuer: EmbeddedIssuer, services: dict[str, StubService]) -> AsyncIterator[PublicDoor]:
    addresses = {name: f"127.0.0.1:{service.port}" for name, service in services.items()}
    door = PublicDoor.to(tmp_path, issuer.public_pem, addresses, DOOR_CONTENT_LIMIT=str(LIMIT))
    await asyncio.to_thread(door.start_again)
    yield door
    await asyncio.to_thread(door.stop)


@pytest.fixture
async def anybody(door: PublicDoor) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=door.url, timeout=PATIENCE_SECONDS) as client:
        yield client


@pytest.fixture
async def clerk(anybody: httpx.AsyncClient, issuer: EmbeddedIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=anybody.base_url, headers=bearer(issuer, Role.CLERK), timeout=PATIENCE_SECONDS
    ) as client:
        yield client


@pytest.fixture
async def contractor(anybody: httpx.AsyncClient, issuer: EmbeddedIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=anybody.base_url, headers=bearer(issuer, Role.CONTRACTOR), timeout=PATIENCE_SECONDS
    ) as client:
        yield client
