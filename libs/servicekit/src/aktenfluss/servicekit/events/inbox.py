"""The inbox: applies each event exactly once, in the order of its key, and parks what cannot be applied."""

import asyncio

import structlog

from aktenfluss.kernel import RETRYABLE, Event, Principal, Problem

from ..database.connection import heed_cancellation
from ..database.database import Database
from ..errors import ServiceUnavailableError
from . import parking
from .event_bus import Batch, Consumer, EventBus
from .subscriptions import Subscriptions

BATCH = 50
POLL_SECONDS = 1.0
TRIES = 3
BACK_OFF_SECONDS = (0.1, 5.0)
NOBODY = Principal.service("inbox", "")
"""Sees no tenant's records; a handler's unit of work puts its event's tenant into the transaction."""

SEEN = "INSERT INTO inbox (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING id"
PURGE = "DELETE FROM inbox WHERE applied_at < now() - make_interval(days => $1)"

log = structlog.get_logger("inbox")


class Inbox:
    """The consumer of one service."""

    def __init__(self, name: str, database: Database, bus: EventBus, subscriptions: Subscriptions) -> None:
        self._name = name
        self._database = database
        self._bus = bus
        self._subscriptions = subscriptions

    async def run(self) -> None:
        """Apply events until cancelled; a lost database or bus is waited for."""
        pause = BACK_OFF_SECONDS[0]
        while True:
            try:
                consumer = await self._consumer()
                pause = BACK_OFF_SECONDS[0]
                await self._consume(consumer)
            except ServiceUnavailableError:
                heed_cancellation()
                log.warning("inbox waits", service=self._name)
                await asyncio.sleep(pause)
                pause = min(2 * pause, BACK_OFF_SECONDS[1])

    async def drain(self) -> int:
        """Apply what is on the bus now, and the parked events that are due; return how many events were read."""
        consumer = await self._consumer()
        read = 0
        await self._retry_parked()
        while batches := await consumer.poll(BATCH, 0):
            for batch in batches:
                await self._take(consumer, batch)
                read += len(batch.events)
        return read

    async def _consumer(self) -> Consumer:
        return await self._bus.consumer(self._name, self._subscriptions.services)

    async def _consume(self, consumer: Consumer) -> None:
        try:
            while True:
                batches = await consumer.poll(BATCH, POLL_SECONDS)
                for batch in batches:
                    await self._take(consumer, batch)
                if not batches:
                    await self._retry_parked()
        finally:
            await consumer.close()

    async def _take(self, consumer: Consumer, batch: Batch) -> None:
        """Apply a batch in one transaction; where that fails, event by event, so that one bad one stops no other."""
        events = [event for event in batch.events if self._subscriptions.handler_of(event)]
        try:
            await self._apply(events)
        except Exception as exc:  # noqa: BLE001 - whatever a handler raises is found again, and named, one by one
            heed_cancellation()
            log.info("batch falls back to single events", service=self._name, error=type(exc).__name__)
            for event in events:
                await self._apply_or_park(event)
        await consumer.commit(batch)

    async def _apply(self, events: list[Event]) -> None:
        if not events:
            return
        async with self._database.transaction(NOBODY) as tx:
            new = {row["id"] for row in await tx.connection.fetch(SEEN, [event.id for event in events])}
            blocked = await parking.parked_keys(tx.connection, {event.key for event in events})
            for event in events:
                if event.id not in new:
                    continue
                new.discard(event.id)  # a relay that died may have sent it twice, both in this batch
                if event.key in blocked:
                    await parking.park(tx.connection, event, "waits-behind-its-key")
                else:
                    await self._handle(event)

    async def _handle(self, event: Event) -> None:
        handler = self._subscriptions.handler_of(event)
        assert handler is not None
        await handler(event)

    async def _apply_or_park(self, event: Event) -> None:
        """Apply one event; wait for what goes away by itself, park what does not."""
        tries = 0
        pause = BACK_OFF_SECONDS[0]
        while True:
            try:
                return await self._apply([event])
            except Exception as exc:  # noqa: BLE001 - a handler may raise anything; it must not stop the others
                heed_cancellation()
                tries += not is_passing(exc)
                if tries == TRIES:
                    return await self._park(event, exc)
                log.warning("event waits", service=self._name, event_type=event.type, error=name_of(exc))
            await asyncio.sleep(pause)
            pause = min(2 * pause, BACK_OFF_SECONDS[1])

    async def _park(self, event: Event, exc: Exception) -> None:
        log.error("event parked", service=self._name, event_type=event.type, event_id=str(event.id), error=name_of(exc))
        async with self._database.transaction(NOBODY) as tx:
            if await tx.connection.fetch(SEEN, [event.id]):
                await parking.park(tx.connection, event, name_of(exc))

    async def _retry_parked(self) -> None:
        """Try the parked events an operator asked for, each key from its oldest, until none is due."""
        while events := await self._due():
            for event in events:
                await self._retry(event)

    async def _due(self) -> list[Event]:
        async with self._database.session() as connection:
            return await parking.due(connection)

    async def _retry(self, event: Event) -> None:
        try:
            async with self._database.transaction(NOBODY) as tx:
                await parking.unpark(tx.connection, event)
                await self._handle(event)
        except Exception as exc:  # noqa: BLE001 - as above: it stays parked and says why
            heed_cancellation()
            log.warning("retry failed", service=self._name, event_id=str(event.id), error=name_of(exc))
            async with self._database.session() as connection:
                await parking.note_failure(connection, event, name_of(exc))


def is_passing(exc: Exception) -> bool:
    """Return whether the error goes away by itself."""
    return isinstance(exc, Problem) and exc.kind in RETRYABLE


def name_of(exc: Exception) -> str:
    """Return what may be told of an error: its slug or its type, never its text."""
    return exc.slug if isinstance(exc, Problem) else type(exc).__name__
