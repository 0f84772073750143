"""Starts services for tests: real database, store and bus, requests without a socket, work done on demand."""

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from aktenfluss.kernel import Role
from aktenfluss.servicekit import (
    Cursors,
    Database,
    EmbeddedIssuer,
    EventBus,
    FileStore,
    Grants,
    Inbox,
    Limits,
    Peers,
    ReadLog,
    Relay,
    Resources,
    Service,
    TokenVerifier,
)
from aktenfluss.servicekit.process import jobs as kit_jobs
from aktenfluss.servicekit.tracing import UNTRACED, Tracing

from .clock import FixedClock
from .postgres import PreparedServer

SECRET = b"a secret of the tests, thirty-two bytes"


class House:
    """The parts that the services of one test share."""

    def __init__(
        self, postgres: PreparedServer, bus: EventBus, store: FileStore, clock: FixedClock, folder: Path
    ) -> None:
        self.postgres = postgres
        self.bus = bus
        self.store = store
        self.clock = clock
        self.folder = folder
        self.issuer = EmbeddedIssuer.open(folder / "keys", clock)
        self.tracing: Tracing = UNTRACED
        self.peers = Peers({}, self.issuer, pause=0.01)
        self.running: list[Running] = []
        self.clients: list[httpx.AsyncClient] = []

    async def start(self, name: str, **settings: Any) -> "Running":
        """Start the service `name` on an empty database; `settings` override its defaults."""
        migrations = f"aktenfluss.{name}.adapters.migrations"
        address = await self.postgres.empty_database(name, migrations)
        database = await Database.connect(address.app_dsn, Limits(pool_size=4), clock=self.clock)
        resources = self._resources(name, database, address.app_dsn)
        module = importlib.import_module(f"aktenfluss.{name}.service")
        settings_module = importlib.import_module(f"aktenfluss.{name}.settings")
        settings_class = getattr(settings_module, f"{name.capitalize()}Settings")
        service: Service = module.build(settings_class(data_folder=self.folder, **settings), resources)
        self.peers.attach(name, service.app)
        running = Running(self, service, resources, address.app_dsn)
        self.running.append(running)
        return running

    def token(self, role: Role | str, tenant: str = "offenbach", subject: str = "") -> str:
        """Mint a token of one role."""
        return self.issuer.mint(subject or f"test:{Role(role)}", tenant, [Role(role)], timedelta(hours=1))

    def as_(self, role: Role | str, tenant: str = "offenbach", subject: str = "") -> dict[str, str]:
        """Return the headers of a caller with one role."""
        return {"Authorization": f"Bearer {self.token(role, tenant, subject)}"}

    async def drain(self) -> None:
        """Do all work of all services until nothing is left: jobs, relays, inboxes."""
        while any([await running.work() for running in self.running]):
            pass

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()
        for running in self.running:
            await running.close()

    def _resources(self, name: str, database: Database, dsn: str) -> Resources:
        return Resources(
            name=name,
            database=database,
            reads=ReadLog(database, self.clock),
            jobs=kit_jobs.open_jobs(dsn, tracer=self.tracing.of(name)),
            store=self.store,
            verifier=TokenVerifier([self.issuer.trusted], self.clock),
            grants=Grants([SECRET], self.clock),
            cursors=Cursors([SECRET]),
            peers=self.peers.named(name),
            clock=self.clock,
            registry=CollectorRegistry(),
            key_folder=self.folder / "keys",
            tracing=self.tracing,
        )


@dataclass(frozen=True, slots=True)
class Running:
    """A started service and how to talk to it."""

    house: House
    service: Service
    resources: Resources
    dsn: str

    @property
    def database(self) -> Database:
        return self.resources.database

    @property
    def client(self) -> httpx.AsyncClient:
        """Return a client that calls the app without a socket."""
        transport = httpx.ASGITransport(app=self.service.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://test")

    def as_(self, role: Role | str, tenant: str = "offenbach", subject: str = "") -> dict[str, str]:
        """Return the headers of a caller with one role."""
        return self.house.as_(role, tenant, subject)

    def caller(self, role: Role | str | None, tenant: str = "offenbach") -> httpx.AsyncClient:
        """Return a client with a token of one role, or without any; the house closes it."""
        client = self.client
        client.headers.update(self.as_(role, tenant) if role else {})
        self.house.clients.append(client)
        return client

    async def drain(self) -> None:
        """Do all work of the whole house until nothing is left."""
        await self.house.drain()

    async def work(self) -> int:
        """Do the jobs, carry the events and apply them once; return how much that was."""
        done = await kit_jobs.drain(self.service.jobs, self.database)
        name, bus, tracer = self.service.name, self.house.bus, self.house.tracing.of(self.service.name)
        done += await Relay(self.dsn, bus, self.database.committed_facts, tracer=tracer).drain()
        return done + await Inbox(name, self.database, bus, self.service.subscriptions, tracer=tracer).drain()

    async def events(self) -> list[dict[str, Any]]:
        """Return type, key, version and payload of every event in the outbox, oldest first."""
        async with self.database.session() as connection:
            rows = await connection.fetch(
                "SELECT type, key, subject, aggregate_version, actor, payload FROM outbox ORDER BY seq"
            )
        return [dict(row) for row in rows]

    async def close(self) -> None:
        await self.database.close()


def named(events: Iterable[dict[str, Any]]) -> list[str]:
    """Return the short names of events, without the publisher and the version."""
    return [event["type"].split(".")[3] for event in events]
