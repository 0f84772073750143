"""Requests to a cluster as anybody, and the wait until everything that they caused is done."""

import asyncio
from collections.abc import Mapping

import httpx
import psycopg

from aktenfluss.contracts.cases import EntriesFiled, FilingRefused
from aktenfluss.contracts.scans import ItemAccepted
from aktenfluss.kernel import Role
from aktenfluss.testkit import PATIENCE_SECONDS

from .installation import Cluster

OWN = "offenbach"
JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND scheduled_at IS NULL"
CONSUMED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "audit": dict.fromkeys(("audit", "cases", "documents", "scans"), ("%",)),
    "cases": {"scans": (ItemAccepted.type,)},
    "scans": {"cases": (EntriesFiled.type, FilingRefused.type)},
}
"""Which service applies the events of which other one."""


class AtTheDoor:
    """Does for a cluster what `Everybody` and its house do in one process."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.house = self

    def client(self, role: Role, tenant: str = OWN) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.cluster.base_url, headers=self.headers(role, tenant), timeout=PATIENCE_SECONDS
        )

    def headers(self, role: Role | None, tenant: str = OWN) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.cluster.token(role, tenant)}"} if role else {}

    async def send(self, method: str, path: str, role: Role | None = None, tenant: str = OWN, **options):
        """Return the answer to a request."""
        headers = self.headers(role, tenant) | options.pop("headers", {})
        async with httpx.AsyncClient(base_url=self.cluster.base_url, timeout=PATIENCE_SECONDS) as client:
            return await client.request(method, path, headers=headers, **options)

    async def made(self, method: str, path: str, role: Role, **options):
        """Return what a request that must succeed was answered with."""
        answer = await self.send(method, path, role, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.headers["content-type"] == "application/json" else answer.content

    async def drain(self) -> None:
        """Wait until every event is applied and every job is done."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await asyncio.to_thread(self._owes):
                await asyncio.sleep(0.1)

    def _owes(self) -> bool:
        if any(self.ask(service, JOBS) != [(0,)] for service in CONSUMED["audit"]):
            return True
        applied = {
            consumer: set(self.ask(consumer, "SELECT id FROM inbox UNION SELECT id FROM parked_event"))
            for consumer in CONSUMED
        }
        return any(
            not set(self.ask(publisher, "SELECT id FROM outbox WHERE type LIKE ANY(%s)", list(types)))
            <= applied[consumer]
            for consumer, publishers in CONSUMED.items()
            for publisher, types in publishers.items()
        )

    def ask(self, service: str, query: str, *values: object) -> list[tuple]:
        """Return the rows that are in the database of a service, whoever they belong to."""
        with psycopg.connect(self.cluster.servers.postgres.superuser_url(service)) as connection:
            return connection.execute(query.encode(), values or None).fetchall()
