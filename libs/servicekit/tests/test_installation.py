"""An installation starts from an empty folder, runs, and ends when it is asked to."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from tools.servers import free_port

from aktenfluss.kernel import Role
from aktenfluss.servicekit import (
    Api,
    Health,
    OutdatedSchemaError,
    ProcessRole,
    Service,
    ServiceSettings,
    SettingsError,
    Subscriptions,
    UnknownSchemeError,
    open_installation,
    run,
)
from aktenfluss.testkit import PATIENCE_SECONDS

SCRATCH = Path(__file__).parent / "scratch_migrations"


@pytest.fixture
def settings(data_folder):
    return ServiceSettings(data_folder=data_folder, port=free_port())


async def scratch(installation) -> Service:
    await installation.prepare({"scratch": SCRATCH})
    resources = await installation.resources("scratch")
    api = Api(name="scratch", title="Scratch", description="Nothing.", resources=resources)
    return Service("scratch", api.app, ("/v1/things",), resources.database, resources.jobs, "scratch")


async def answers(url: str) -> httpx.Response:
    async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                response = await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
                continue
            return response


async def test_it_serves_health_and_the_app_until_it_is_stopped(settings):
    stop = asyncio.Event()
    async with open_installation(settings) as installation:
        service = await scratch(installation)
        running = asyncio.create_task(run(installation, [service], service.app, stop=stop))
        base = f"http://127.0.0.1:{settings.port}"
        assert (await answers(f"{base}/startup")).json() == {"status": "ok", "parts": {"services": True}}
        assert (await answers(f"{base}/ready")).json() == {"status": "ok", "parts": {"scratch": True}}
        assert (await answers(f"{base}/live")).status_code == 200
        assert 'outbox_waiting_events{service="scratch"} 0.0' in (await answers(f"{base}/metrics")).text
        assert (await answers(f"{base}/openapi.json")).status_code == 200
        assert (await answers(f"{base}/nothing")).json()["type"] == "/problems/not-found"
        stop.set()
        await asyncio.wait_for(running, PATIENCE_SECONDS)


async def test_what_the_first_start_made_is_there_at_the_second(settings):
    async with open_installation(settings) as first:
        token = first.issuer.mint("test", "offenbach", [Role.CLERK])
        cursor = first.cursors.encode({"k": 1})
    async with open_installation(settings) as second:
        assert (await second.verifier.verify(token)).tenant_id == "offenbach"
        assert second.cursors.decode(cursor) == {"k": 1}


async def test_not_ready_without_the_database(settings):
    async with open_installation(settings) as installation:
        service = await scratch(installation)
        health = Health([service], installation.registry)
        await service.database.close()
        assert await health.ready() == {"scratch": False}
        assert await health.live() == {"process": True}
        assert await health.startup() == {"services": False}


@pytest.mark.parametrize(("role", "before"), [(ProcessRole.WORKER, False), (ProcessRole.ALL, True)])
async def test_a_worker_is_ready_once_its_inbox_has_begun(settings, role, before):
    async with open_installation(settings) as installation:
        service = replace(await scratch(installation), subscriptions=Subscriptions(frozenset({"cases"}), {}))
        health = Health([service], installation.registry, role)
        assert await health.ready() == {"scratch": before}
        service.pulse.beat()
        assert await health.ready() == {"scratch": True}


@pytest.mark.parametrize("setting", ["event_bus_url", "object_store_url"])
async def test_a_scheme_that_no_adapter_takes_is_named(data_folder, setting):
    settings = ServiceSettings(data_folder=data_folder, **{setting: "carrier-pigeon://loft"})
    with pytest.raises(UnknownSchemeError, match="carrier-pigeon"):
        async with open_installation(settings):
            pass


async def test_an_outdated_schema_is_refused(settings):
    async with open_installation(settings) as installation:
        with pytest.raises(OutdatedSchemaError, match="aktenfluss migrate"):
            await installation.require({"scratch": SCRATCH})
        await installation.prepare({"scratch": SCRATCH})
        await installation.require({"scratch": SCRATCH})


async def test_objects_may_lie_elsewhere(data_folder):
    elsewhere = data_folder / "elsewhere"
    settings = ServiceSettings(
        data_folder=data_folder / "data", object_store_url=f"file://{elsewhere}", secret="x" * 32
    )
    async with open_installation(settings):
        assert elsewhere.is_dir()


OLD, NEW = "o" * 32, "n" * 32


async def test_a_cursor_outlives_the_exchange_of_the_secret(data_folder):
    cursors = {}
    for secret in (OLD, f"{OLD} {NEW}", f"{NEW} {OLD}", NEW):
        async with open_installation(ServiceSettings(data_folder=data_folder, secret=secret)) as installation:
            cursors[secret] = installation.cursors
    for one, other in pairwise(cursors.values()):
        assert one.decode(other.encode({"k": 1})) == other.decode(one.encode({"k": 1})) == {"k": 1}


@pytest.mark.parametrize("secret", ["short", f"{OLD} short", f"{OLD}  {NEW}", f"{OLD} ", " "])
async def test_a_short_secret_is_told_without_showing_it(data_folder, secret):
    with pytest.raises(SettingsError, match=r"^SECRET: each one needs 32 bytes or more") as refused:
        async with open_installation(ServiceSettings(data_folder=data_folder, secret=secret)):
            pass
    assert "short" not in str(refused.value)
