"""What every event bus must do; an adapter's test inherits this class and gives the fixtures `bus` and `disturb`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from aktenfluss.kernel import Event, new_id
from aktenfluss.servicekit import Consumer, EventBus, ServiceUnavailableError

from .patience import PATIENCE_SECONDS

KEYS = "abcdefgh"
type Disturb = Callable[[], Coroutine[object, object, None]]
"""Breaks every connection to the bus, or kills it, and returns once it serves again."""


def event(key: str, version: int = 1, service: str = "cases") -> Event:
    """Return an event of `service` with nothing special in it."""
    return Event(
        id=new_id(),
        type=f"de.aktenfluss.{service}.something-happened.v1",
        tenant_id="offenbach",
        key=key,
        subject=key,
        aggregate_version=version,
        actor="service:test",
        correlation_id="test",
        occurred_at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        data={"version": version, "text": "ä\u2028"},
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )


@asynccontextmanager
async def joined(bus: EventBus, group: str, services: Collection[str] = ("cases",)) -> AsyncIterator[Consumer]:
    """Read as a member of `group` for the time of the block."""
    consumer = await bus.consumer(group, services)
    try:
        yield consumer
    finally:
        await consumer.close()


async def read_all(consumer: Consumer, *, limit: int = 100) -> list[Event]:
    """Return what the consumer has to read now, and commit it."""
    events: list[Event] = []
    while (batches := await consumer.poll(limit, 0.5)) or any((await consumer.lag()).values()):
        for batch in batches:
            assert len(batch.events) <= limit
            events.extend(batch.events)
            await consumer.commit(batch)
    return events


async def read_until(consumer: Consumer, wanted: Collection[UUID], read: list[Event]) -> None:
    """Read and commit until `read`, which other readers fill too, has all that is wanted."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while set(wanted) - {event.id for event in read}:
            batches = await consumer.poll(100, 0.2)
            read.extend(event for batch in batches for event in batch.events)
            if batches:
                await consumer.commit(*batches)


async def insistently_publish(bus: EventBus, events: Sequence[Event]) -> None:
    """Publish as the relay does: again and again what is not told to be published, from the first of it on."""
    left = list(events)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while left:
            try:
                published = await bus.publish(left)
            except ServiceUnavailableError:
                await asyncio.sleep(0.1)
                continue
            assert_prefixes(left, published)
            left = [event for event in left if event.id not in published]


async def insistently_read(bus: EventBus, wanted: Collection[UUID]) -> list[Event]:
    """Read as the inbox does: by another consumer where the bus was lost, until all that is wanted is read."""
    read: list[Event] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while set(wanted) - {event.id for event in read}:
            try:
                async with joined(bus, "reader") as consumer:
                    await read_until(consumer, wanted, read)
            except ServiceUnavailableError:
                await asyncio.sleep(0.1)
    return read


def assert_prefixes(sent: Iterable[Event], published: Collection[UUID]) -> None:
    """Check that no event is told to be published behind one of its key that is not."""
    blocked: set[str] = set()
    for event in sent:
        assert event.id not in published or event.key not in blocked
        if event.id not in published:
            blocked.add(event.key)


def first_versions(read: Iterable[Event], key: str) -> list[int]:
    """Return the versions of a key in the order in which each came first: what an inbox applies."""
    return list(dict.fromkeys(event.aggregate_version for event in read if event.key == key))


class EventBusContract:
    """The contract of `EventBus`."""

    async def test_events_come_back_as_they_were(self, bus: EventBus) -> None:
        sent = [event("a"), event("b")]
        async with joined(bus, "reader") as consumer:
            assert await bus.publish(sent) == {e.id for e in sent}
            assert sorted(await read_all(consumer), key=lambda e: e.key) == sent

    async def test_nothing_is_published_of_nothing(self, bus: EventBus) -> None:
        assert await bus.publish([]) == set()

    async def test_an_event_may_be_large(self, bus: EventBus) -> None:
        large = replace(event("a"), data={"documents": [str(new_id()) for _ in range(60_000)]})
        async with joined(bus, "reader") as consumer:
            assert await bus.publish([large, event("b")])
            assert large in await read_all(consumer)

    async def test_a_new_group_reads_from_the_beginning(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        async with joined(bus, "late") as consumer:
            assert len(await read_all(consumer)) == 1

    async def test_what_nobody_applied_does_not_expire(self, bus: EventBus) -> None:
        async with joined(bus, "reader") as consumer:
            await bus.publish([event("a")])
            await bus.expire(0)
            assert len(await read_all(consumer)) == 1

    async def test_only_the_services_asked_for_are_read(self, bus: EventBus) -> None:
        await bus.publish([event("a", service="scans"), event("a", service="cases")])
        async with joined(bus, "reader", {"scans"}) as consumer:
            assert {e.service for e in await read_all(consumer)} == {"scans"}

    async def test_the_order_of_a_key_is_kept(self, bus: EventBus) -> None:
        for version in range(0, 60, 6):
            await bus.publish([event(key, version + step) for step in range(6) for key in KEYS])
        async with joined(bus, "reader") as consumer:
            events = await read_all(consumer, limit=7)
        for key in KEYS:
            assert [e.aggregate_version for e in events if e.key == key] == list(range(60))

    async def test_what_is_not_committed_comes_again(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        for _ in range(2):
            async with joined(bus, "reader") as consumer:
                assert len(await consumer.poll(100, 10)) == 1

    async def test_what_is_committed_comes_no_more(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        async with joined(bus, "reader") as consumer:
            assert len(await read_all(consumer)) == 1
        async with joined(bus, "reader") as consumer:
            assert await read_all(consumer) == []

    async def test_groups_do_not_disturb_each_other(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        for group in ("one", "two"):
            async with joined(bus, group) as consumer:
                assert len(await read_all(consumer)) == 1

    async def test_lag_counts_what_waits(self, bus: EventBus) -> None:
        await bus.publish([event(key) for key in KEYS])
        async with joined(bus, "reader") as consumer:
            assert sum((await consumer.lag()).values()) == len(KEYS)
            await read_all(consumer)
            assert sum((await consumer.lag()).values()) == 0

    async def test_a_batch_is_held_until_it_is_committed(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        async with joined(bus, "reader") as consumer:
            [batch] = await consumer.poll(10, 10)
            assert consumer.holds(batch)
            await consumer.commit(batch)
            assert await read_all(consumer) == []

    async def test_nothing_is_lost_under_concurrent_publishers(self, bus: EventBus) -> None:
        sent: set[UUID] = set()

        async def publish(key: str) -> None:
            for version in range(20):
                sent.update(await bus.publish([event(key, version)]))

        read: list[Event] = []
        async with joined(bus, "reader") as consumer:
            async with asyncio.TaskGroup() as group:
                for number in range(8):
                    group.create_task(publish(f"key-{number}"))
                read += await read_all(consumer)
            read += await read_all(consumer)
        assert {e.id for e in read} == sent
        assert len(read) == 160

    async def test_a_waiting_reader_is_woken(self, bus: EventBus) -> None:
        async with joined(bus, "reader") as consumer:
            waiting = asyncio.create_task(consumer.poll(10, 30))
            await asyncio.sleep(0)
            await bus.publish([event("a")])
            async with asyncio.timeout(20):
                batches = await waiting
        assert [e.key for batch in batches for e in batch.events] == ["a"]

    async def test_a_second_reader_of_a_group_may_join_in_the_midst_of_a_batch(self, bus: EventBus) -> None:
        early, late = ([event(key, version) for key in KEYS] for version in (1, 2))
        wanted = {e.id for e in [*early, *late]}
        read: list[Event] = []
        await bus.publish(early)
        async with joined(bus, "reader") as first:
            batches = await first.poll(100, 5)
            read.extend(e for batch in batches for e in batch.events)
            joining = asyncio.create_task(bus.consumer("reader", {"cases"}))
            await first.commit(*batches)
            second = await joining
            await bus.publish(late)
            await asyncio.gather(*(read_until(reader, wanted, read) for reader in (first, second)))
            await second.close()
        for key in KEYS:
            assert first_versions(read, key) == [1, 2]

    async def test_what_was_published_outlives_the_bus(self, bus: EventBus, disturb: Disturb) -> None:
        sent = [event(key, version) for version in range(5) for key in KEYS]
        await insistently_publish(bus, sent)
        await disturb()
        read = await insistently_read(bus, {e.id for e in sent})
        for key in KEYS:
            assert first_versions(read, key) == list(range(5))

    async def test_the_order_of_a_key_is_kept_while_the_bus_dies_and_comes_back(
        self, bus: EventBus, disturb: Disturb
    ) -> None:
        rounds = [[event(key, version + step) for step in range(3) for key in KEYS] for version in range(0, 300, 3)]
        async with asyncio.TaskGroup() as group:
            for number, events in enumerate(rounds):
                if number == len(rounds) // 5:  # in the midst: a producer is at work
                    group.create_task(disturb())
                await insistently_publish(bus, events)
        read = await insistently_read(bus, {e.id for events in rounds for e in events})
        for key in KEYS:
            assert first_versions(read, key) == list(range(300))
