"""Sends events to Kafka: each key in order, durable on all brokers that count, in bounded time."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from aktenfluss.contracts.topics import MAX_EVENT_BYTES
from aktenfluss.kernel import Event

from ..errors import ServiceUnavailableError
from .cloud_events import headers_of, value_of
from .kafka_errors import FAILURES, telling_absence
from .kafka_url import KafkaAddress

LINGER_MS = 5
BATCH_BYTES = 512 * 1024
"""Of one partition in one request; the client's own 16 KiB would cut a relay's batch in pieces sent one by one."""
OVERHEAD_BYTES = 16 * 1024
"""What the frame of a request adds to its largest event."""
STOP_SECONDS = 5.0

log = structlog.get_logger("kafka")

type Sent = tuple[Event, asyncio.Future[object]]


class KafkaPublisher:
    """Keeps one idempotent producer, and replaces it after any failure.

    A producer that fails is ended before another one sends. What it still held may have reached the broker all the
    same, and may even appear there later, for example where the broker was only slow. That is harmless: each producer
    sends a key's events in order and without a gap (idempotence: the broker refuses a batch whose predecessor it has
    not), and the next one begins at the first event that was not confirmed. So what comes late has come before or comes
    again, the first appearances of a key's events are in order, and the inbox drops the second ones.
    """

    def __init__(self, address: KafkaAddress, patience_seconds: float) -> None:
        self._address = address
        self._patience = patience_seconds
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()

    async def publish(self, events: Sequence[Event]) -> set[UUID]:
        """Return the ids of those events that are durable, for each key a prefix.

        Raises ServiceUnavailableError where none is, after the patience and the time that ending takes at the most.
        """
        sent: list[Sent] = []
        with telling_absence():
            async with asyncio.timeout(self._patience):
                producer = await self._open()
            complete = False
            try:
                async with asyncio.timeout(self._patience):
                    await self._send(producer, events, sent)
                complete = True
            except FAILURES as exc:
                log.warning("events not published", error=type(exc).__name__)
            finally:
                if not complete:
                    for _, confirmation in sent:
                        confirmation.add_done_callback(succeeded)
                    await self._discard(producer)
        return self._published(events, sent)

    async def close(self) -> None:
        """End the producer; nobody waits for what it still holds."""
        if self._producer is not None:
            await self._discard(self._producer)
        for task in self._ending:
            task.cancel()
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _open(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=LINGER_MS,
                    max_batch_size=BATCH_BYTES,
                    max_request_size=MAX_EVENT_BYTES - OVERHEAD_BYTES,
                    request_timeout_ms=int(self._patience * 1000),
                    **self._address.client_options(),
                )
                try:
                    await producer.start()
                    self._producer = producer
                finally:
                    if self._producer is None:
                        await producer.stop()
            return self._producer

    async def _send(self, producer: AIOKafkaProducer, events: Sequence[Event], sent: list[Sent]) -> None:
        """Hand over all events without waiting for each, then wait for all; raise the first failure."""
        too_large: set[str] = set()
        for event in events:
            if event.key in too_large:
                continue
            try:
                confirmation = await producer.send(
                    self._address.prefix + event.topic,
                    value=value_of(event),
                    key=event.key.encode(),
                    headers=headers_of(event),
                )
            except MessageSizeTooLargeError:
                log.exception("event too large and its key waits", event_type=event.type, event_id=str(event.id))
                too_large.add(event.key)
            else:
                sent.append((event, confirmation))
        for _, confirmation in sent:
            await confirmation

    def _published(self, events: Sequence[Event], sent: Sequence[Sent]) -> set[UUID]:
        """Return the ids of the events that were confirmed before any other of their key was not."""
        failed: set[str] = set()
        published: set[UUID] = set()
        for event, confirmation in sent:
            if event.key in failed or not succeeded(confirmation):
                failed.add(event.key)
            else:
                published.add(event.id)
        if events and not published:
            raise ServiceUnavailableError("the event bus takes nothing")
        return published

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        """End a producer without sending what it holds; what is on its way may take longer and is left to end itself."""
        if self._producer is producer:
            self._producer = None
        ending = asyncio.create_task(abandon(producer))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        await asyncio.wait([ending], timeout=STOP_SECONDS)


def succeeded(confirmation: asyncio.Future[object]) -> bool:
    """Return whether the broker confirmed; asking takes note of an error, which asyncio would complain of otherwise."""
    return confirmation.done() and not confirmation.cancelled() and confirmation.exception() is None


async def abandon(producer: AIOKafkaProducer) -> None:
    """Stop a producer that may never get rid of what it holds: its own `stop` would wait for that for ever."""
    sender = producer._sender  # noqa: SLF001 - the client offers no way to give up
    await sender.close()
    await producer.client.close()
    producer._closed = True  # noqa: SLF001 - as above
