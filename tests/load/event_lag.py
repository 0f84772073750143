"""Event lag: from the commit of a fact to the commit of its consumer, at a steady rate."""

import asyncio
import statistics
import time
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from aktenfluss.kernel import Event, EventData, Principal, new_id
from aktenfluss.servicekit import (
    Batch,
    Consumer,
    EventBus,
    Inbox,
    Installation,
    Relay,
    ServiceSettings,
    Subscriptions,
    open_installation,
)

from .figures import Figure

RATE, SECONDS, KEYS = 200, 15, 50
PUBLISHER = Principal("service:bench", "bench")


class Ticked(EventData):
    """A fact that says nothing."""

    type: ClassVar[str] = "de.aktenfluss.cases.bench-ticked.v1"


class Watched:
    """A bus that notes when a consumer has committed an event: its transaction is done by then."""

    def __init__(self, bus: EventBus, applied: dict[UUID, float]) -> None:
        self._bus = bus
        self._applied = applied

    async def consumer(self, group: str, services: set[str]) -> Consumer:
        consumer = await self._bus.consumer(group, services)
        commit = consumer.commit

        async def note(*batches: Batch) -> None:
            now = time.perf_counter()
            for batch in batches:
                self._applied.update(dict.fromkeys((UUID(event.subject) for event in batch.events), now))
            await commit(*batches)

        consumer.commit = note
        return consumer


def measure(data: Path) -> list[Figure]:
    lags = asyncio.run(run(ServiceSettings(data_folder=data)))
    p95 = statistics.quantiles(lags, n=20)[-1] * 1000
    median = statistics.median(lags) * 1000
    return [Figure(f"event lag p95 at {RATE} events/s", p95, "ms", f"median {median:.0f} ms", "<= 500", "<= 150")]


async def run(settings: ServiceSettings) -> list[float]:
    """Return the lag of each event in seconds."""
    async with open_installation(settings) as installation:
        await installation.prepare({"cases": "aktenfluss.cases.adapters.migrations"})
        resources = await installation.resources("cases")
        committed: dict[UUID, float] = {}
        applied: dict[UUID, float] = {}
        works = background(installation, await installation.open_bus(), resources.database, applied)
        for number in range(RATE * SECONDS):
            due = asyncio.get_running_loop().time() + 1 / RATE
            await tick(resources.database, number, committed)
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        async with asyncio.timeout(60):
            while committed.keys() - applied.keys():
                await asyncio.sleep(0.05)
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        return [applied[subject] - at for subject, at in committed.items()]


def background(
    installation: Installation, bus: EventBus, database, applied: dict[UUID, float]
) -> list[asyncio.Task[None]]:
    """Start the relay and a consumer that changes nothing but its inbox."""

    async def nothing(_: Event) -> None:
        return

    dsn = installation.databases.address("cases").app_dsn
    subscriptions = Subscriptions(frozenset({"cases"}), {Ticked.type: nothing})
    inbox = Inbox("bench", database, Watched(bus, applied), subscriptions)
    return [
        asyncio.create_task(Relay(dsn, bus, database.committed_facts).run()),
        asyncio.create_task(inbox.run()),
    ]


async def tick(database, number: int, committed: dict[UUID, float]) -> None:
    subject = new_id()
    async with database.transaction(PUBLISHER) as tx:
        tx.publish(Ticked(), key=f"key-{number % KEYS}", subject=subject, version=number)
    committed[subject] = time.perf_counter()
