"""All services of the product in one process, behind one door."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from aktenfluss.audit import service as audit
from aktenfluss.cases import service as cases
from aktenfluss.documents import service as documents
from aktenfluss.gateway import service as gateway
from aktenfluss.scans import service as scans
from aktenfluss.servicekit import Installation, Resources, Service, open_installation, sole_use

from .settings import StandaloneSettings

MIGRATIONS = {name: f"aktenfluss.{name}.adapters.migrations" for name in ("audit", "cases", "documents", "scans")}


@dataclass(frozen=True, slots=True)
class Household:
    """The services, what they share, the app in front of them, and the wish that they end."""

    installation: Installation
    services: Sequence[Service]
    root: ASGIApp
    stop: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def open_household(settings: StandaloneSettings) -> AsyncIterator[Household]:
    """Open the installation and join the services; an embedded database is brought up to date.

    Raises FolderInUseError where another process serves the same data folder, NotPreparedError where external servers
    are not as this release needs them.
    """
    with sole_use(settings):
        async with open_installation(settings) as installation:
            await (installation.prepare(MIGRATIONS) if installation.alone else installation.require(MIGRATIONS))
            resources = {name: await installation.resources(name) for name in MIGRATIONS}
            services = [
                audit.build(settings, resources["audit"]),
                cases.build(settings, resources["cases"]),
                documents.build(settings, resources["documents"]),
                scans.build(settings, resources["scans"]),
            ]
            for service in services:
                installation.peers.attach(service.name, service.app)
            yield Household(installation, services, gateway.build(resources["audit"], services))


@asynccontextmanager
async def open_part(settings: StandaloneSettings, name: str) -> AsyncIterator[Resources]:
    """Open what one service works with, beside a running household or without one.

    Raises OutdatedSchemaError where its schema is not that of this release.
    """
    async with open_installation(settings) as installation:
        installation.databases.require_current(name, MIGRATIONS[name])
        yield await installation.resources(name)
