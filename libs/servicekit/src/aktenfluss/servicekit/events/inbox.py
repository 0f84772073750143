"""The inbox: applies each event exactly once, in the order of its key, and parks what cannot be applied."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from uuid import UUID

import structlog

from aktenfluss.kernel import RETRYABLE, Event, Principal, Problem

from ..database.connection import heed_cancellation
from ..database.database import Database
from ..tracing import UNTRACED, Kind, Tracer, told_of
from . import parking
from .event_bus import Batch, Consumer, EventBus
from .pulse import Pulse
from .subscriptions import Subscriptions

BATCH = 50
POLL_SECONDS = 1.0
RETRY_SECONDS = 1.0
"""How often parked events are tried, and for how long new ones wait for that."""
TRIES = 3
BACK_OFF_SECONDS = (0.1, 5.0)
NOBODY = Principal.service("inbox", "")
"""Sees no tenant's records; a handler's unit of work puts its event's tenant into the transaction."""

SEEN = "INSERT INTO inbox (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING id"
PURGE = """
DELETE FROM inbox WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM inbox WHERE applied_at < now() - make_interval(days => $1) ORDER BY applied_at LIMIT $2))
"""

log = structlog.get_logger("inbox")


class Inbox:
    """The consumer of one service."""

    def __init__(
        self,
        name: str,
        database: Database,
        bus: EventBus,
        subscriptions: Subscriptions,
        pulse: Pulse | None = None,
        *,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._name = name
        self._pulse = pulse or Pulse()
        self._database = database
        self._bus = bus
        self._subscriptions = subscriptions
        self._tracer = tracer

    async def run(self) -> None:
        """Apply events until cancelled; a database or bus that is lost, or has no room left, is waited for.

        Without subscriptions nothing is done.
        """
        pause = BACK_OFF_SECONDS[0]
        while self._subscriptions.services:
            self._pulse.beat()
            try:
                consumer = await self._consumer()
                pause = BACK_OFF_SECONDS[0]
                await self._consume(consumer)
            except Problem as exc:
                heed_cancellation()
                if not is_passing(exc):
                    raise
                log.warning("inbox waits", service=self._name, error=name_of(exc))
                await asyncio.sleep(pause)
                pause = min(2 * pause, BACK_OFF_SECONDS[1])

    async def drain(self) -> int:
        """Apply what is on the bus now, and the parked events that are due; return how many events were read."""
        if not self._subscriptions.services:
            return 0
        consumer = await self._consumer()
        read = 0
        try:
            await self._retry_parked(math.inf)
            while batches := await consumer.poll(BATCH, 0):
                await self._take_all(consumer, batches)
                read += sum(len(batch.events) for batch in batches)
        finally:
            await consumer.close()
        return read

    async def _consumer(self) -> Consumer:
        return await self._bus.consumer(self._name, self._subscriptions.services)

    async def _consume(self, consumer: Consumer) -> None:
        now = asyncio.get_running_loop().time
        retry_again = now()
        try:
            while True:
                self._pulse.beat()
                batches = await consumer.poll(BATCH, POLL_SECONDS)
                self._pulse.take(event.occurred_at for batch in batches for event in batch.events)
                await self._take_all(consumer, batches)
                self._pulse.take(())
                if now() >= retry_again:
                    await self._retry_parked(now() + RETRY_SECONDS)
                    retry_again = now() + RETRY_SECONDS
                if self._pulse.is_due:
                    self._pulse.measure(await consumer.lag())
        finally:
            await consumer.close()

    async def _take_all(self, consumer: Consumer, batches: list[Batch]) -> None:
        for part in parts_of(batches, BATCH):
            if held := [batch for batch in part if consumer.holds(batch)]:
                await self._take(consumer, held)

    async def _take(self, consumer: Consumer, batches: list[Batch]) -> None:
        """Apply batches in one transaction; where that fails, event by event, so that one bad one stops no other.

        What is given away meanwhile is left to its next owner.
        """
        try:
            await self._apply([event for batch in batches for event in self._handled(batch)])
        except Exception as exc:  # noqa: BLE001 - whatever a handler raises is found again, and named, one by one
            heed_cancellation()
            log.info("batch falls back to single events", service=self._name, error=type(exc).__name__)
            for batch in batches:
                for event in self._handled(batch):
                    await self._apply_or_park(event, consumer, batch)
        await consumer.commit(*batches)

    def _handled(self, batch: Batch) -> list[Event]:
        return [event for event in batch.events if self._subscriptions.handler_of(event)]

    async def _apply(self, events: list[Event]) -> None:
        if not events:
            return
        async with self._database.transaction(NOBODY) as tx:
            new = {row["id"] for row in await tx.connection.fetch(SEEN, [event.id for event in events])}
            blocked = await parking.parked_keys(tx.connection, events)
            for event in events:
                if event.id not in new:
                    continue
                new.discard(event.id)  # a relay that died may have sent it twice, both in this batch
                if parking.key_of(event) in blocked:
                    await parking.park(tx.connection, event, parking.BEHIND)
                else:
                    await self._handle(event)

    async def _handle(self, event: Event) -> None:
        handler = self._subscriptions.handler_of(event)
        assert handler is not None
        with self._tracer.span("apply", Kind.CONSUMER, event.traceparent) as step:
            step.tell(f"apply {event.type}", told_of(event))
            await handler(event)

    async def _apply_or_park(self, event: Event, consumer: Consumer, batch: Batch) -> None:
        """Apply one event; wait for what goes away by itself, park what does not; stop where its batch is given away."""
        tries = 0
        pause = BACK_OFF_SECONDS[0]
        while consumer.holds(batch):
            self._pulse.beat()
            try:
                await self._apply([event])
            except Exception as exc:  # noqa: BLE001 - a handler may raise anything; it must not stop the others
                heed_cancellation()
                tries += not is_passing(exc)
                if tries == TRIES:
                    await self._park(event, exc)
                    return
                log.warning("event waits", service=self._name, event_type=event.type, error=name_of(exc))
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, BACK_OFF_SECONDS[1])

    async def _park(self, event: Event, exc: Exception) -> None:
        log.error(
            "event parked",
            service=self._name,
            event_type=event.type,
            event_id=str(event.id),
            problem=name_of(exc),
            exc_info=exc,
        )
        async with self._database.transaction(NOBODY) as tx:
            if await tx.connection.fetch(SEEN, [event.id]):
                await parking.park(tx.connection, event, name_of(exc))

    async def _retry_parked(self, until: float) -> None:
        """Try the parked events that are due, each key from its oldest and until one fails; begin no more after `until`."""
        now = asyncio.get_running_loop().time
        failed: list[UUID] = []
        while events := await self._due(failed):
            for event in events:
                self._pulse.beat()
                if not await self._retry(event):
                    failed.append(event.id)
                if now() >= until:
                    return

    async def _due(self, failed: list[UUID]) -> list[Event]:
        async with self._database.session() as connection:
            return await parking.due(connection, BATCH, besides=failed)

    async def _retry(self, event: Event) -> bool:
        """Return whether a parked event is applied, by this worker or another one."""
        try:
            async with self._database.transaction(NOBODY) as tx:
                if await parking.unpark(tx.connection, event):
                    await self._handle(event)
        except Exception as exc:  # noqa: BLE001 - as above: it stays parked and says why
            heed_cancellation()
            log.warning("retry failed", service=self._name, event_id=str(event.id), error=name_of(exc))
            if not is_passing(exc):
                async with self._database.session() as connection:
                    await parking.note_failure(connection, event, name_of(exc))
            return False
        return True


def parts_of(batches: Sequence[Batch], most: int) -> Iterator[list[Batch]]:
    """Put batches together as long as they have `most` events at the most: a transaction costs more than an event."""
    part: list[Batch] = []
    for batch in batches:
        if part and sum(len(other.events) for other in part) + len(batch.events) > most:
            yield part
            part = []
        part.append(batch)
    if part:
        yield part


def is_passing(exc: BaseException) -> bool:
    """Return whether the error goes away by itself."""
    return isinstance(exc, Problem) and exc.kind in RETRYABLE


def name_of(exc: BaseException) -> str:
    """Return what may be told of an error: its slug or its type, never its text."""
    return exc.slug if isinstance(exc, Problem) else type(exc).__name__
