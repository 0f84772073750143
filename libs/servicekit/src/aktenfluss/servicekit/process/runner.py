"""The runner: serves the apps of some services and does their work behind, until a signal ends it."""

import asyncio
import gc
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.routing import Router
from starlette.types import ASGIApp

from ..events.event_bus import EventBus
from ..events.inbox import Inbox
from ..events.namesakes import Namesakes
from ..events.relay import Relay
from ..settings import ServiceSettings
from . import jobs
from .ending import GRACE_SECONDS, end_all, stopping_on_signals
from .health import Health
from .http_protocol import HttpProtocol
from .installation import Installation
from .secrets_report import report_certificates, report_keys
from .service import Service
from .store_report import report_store

COLLECTIONS = (10_000, 20, 50)
"""After so many new objects the youngest are looked at; after so many looks the next older generation."""
NOTHING = Router()
"""The app of a process that answers no requests."""

type Work = Coroutine[object, object, None]


class Server(uvicorn.Server):
    """Uvicorn without its own handling of signals: it would end the process before the database is stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the runner."""
        yield


async def run(
    installation: Installation, services: Sequence[Service], root: ASGIApp, *, stop: asyncio.Event | None = None
) -> None:
    """Serve `root` and do the background work of `services`, as the setting ROLE says, until SIGTERM, SIGINT or `stop`.

    `/startup` answers 200 once everything runs. A work that fails for good ends the process: it must be started anew.
    """
    role = installation.settings.role
    health = Health(services, installation.registry, role)
    report_keys(installation.key_folder, installation.registry)
    report_certificates(installation.settings, installation.registry)
    if services:
        await report_store(installation.store, installation.registry)
    server = Server(server_config(installation.settings, health.in_front_of(root if role.serves else NOTHING)))
    works_behind = await open_works(installation, services if role.works else ())
    stop = stop or asyncio.Event()
    # An embedded server is stopped with its data at rest, however long that takes.
    with stopping_on_signals(stop, last=installation.databases.close if installation.alone else None) as end:
        async with asyncio.TaskGroup() as group:
            works = [group.create_task(work) for work in works_behind]
            works.append(group.create_task(installation.databases.watch()))
            group.create_task(end_when(stop, server, works))
            collect_seldom()
            health.begin()
            try:
                await server.serve()
            finally:
                # Also where it could not serve at all: the group would cancel the works once, which a driver can hide.
                end()
                await end_all(works)


def collect_seldom() -> None:
    """Let the garbage collector pass over what lives as long as the process, and look at the rest less often.

    Requests make many objects that no cycle holds; looking for cycles among them took 5 % of the CPU of a content's push.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)


async def open_works(installation: Installation, services: Sequence[Service]) -> list[Work]:
    """Return what runs behind the services; without any, the bus is not even connected."""
    if not services:
        return []
    bus = await installation.open_bus()
    return [work for service in services for work in works_of(installation, bus, service)]


def works_of(installation: Installation, bus: EventBus, service: Service) -> list[Work]:
    """Return what runs behind a service: its relay, its inbox, its jobs and what guards its name."""
    dsn = installation.databases.address(service.name).app_dsn
    tracer = installation.tracing.of(service.name)
    jobs.add_upkeep_of_bus(service.jobs, bus)
    return [
        Relay(dsn, bus, service.database.committed_facts, installation.settings.relay_slots, tracer).run(),
        Inbox(service.name, service.database, bus, service.subscriptions, service.pulse, tracer=tracer).run(),
        jobs.run_worker(service.jobs, alone=installation.alone),
        Namesakes(dsn, service.name, installation.settings.instance, service.pulse).run(),
    ]


def server_config(settings: ServiceSettings, root: ASGIApp) -> uvicorn.Config:
    """Return how to serve; access lines are written by the apps themselves."""
    return uvicorn.Config(
        root,
        host=settings.host,
        port=settings.port,
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def end_when(stop: asyncio.Event, server: Server, works: Sequence[asyncio.Task[None]]) -> None:
    """End the server and the works once `stop` is set; requests in flight do not need the works."""
    await stop.wait()
    server.should_exit = True
    await end_all(works)
