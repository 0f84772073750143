"""What every event bus must do; an adapter's test inherits this class and gives a `bus` fixture."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from aktenfluss.kernel import Event, new_id
from aktenfluss.servicekit import Batch, Consumer, EventBus


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
    )


async def read_all(consumer: Consumer, *, commit: bool = True, limit: int = 100) -> list[Event]:
    """Return what the consumer has to read now."""
    events: list[Event] = []
    seen: set[tuple[str, int, int]] = set()
    while batches := [b for b in await consumer.poll(limit, 0.5) if place(b) not in seen]:
        for batch in batches:
            seen.add(place(batch))
            events.extend(batch.events)
            if commit:
                await consumer.commit(batch)
    return events


def place(batch: Batch) -> tuple[str, int, int]:
    """Return what tells a batch from others."""
    return batch.topic, batch.partition, batch.next_position


class EventBusContract:
    """The contract of `EventBus`."""

    async def test_events_come_back_as_they_were(self, bus: EventBus) -> None:
        sent = [event("a"), event("b")]
        consumer = await bus.consumer("reader", {"cases"})
        assert await bus.publish(sent) == {e.id for e in sent}
        assert sorted(await read_all(consumer), key=lambda e: e.key) == sent

    async def test_a_new_group_reads_from_the_beginning(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        assert len(await read_all(await bus.consumer("late", {"cases"}))) == 1

    async def test_only_the_services_asked_for_are_read(self, bus: EventBus) -> None:
        await bus.publish([event("a", service="scans"), event("a", service="cases")])
        assert {e.service for e in await read_all(await bus.consumer("reader", {"scans"}))} == {"scans"}

    async def test_the_order_of_a_key_is_kept(self, bus: EventBus) -> None:
        for version in range(0, 60, 6):
            await bus.publish([event(key, version + step) for step in range(6) for key in "abcdefgh"])
        events = await read_all(await bus.consumer("reader", {"cases"}), limit=7)
        for key in "abcdefgh":
            assert [e.aggregate_version for e in events if e.key == key] == list(range(60))

    async def test_what_is_not_committed_comes_again(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        first = await bus.consumer("reader", {"cases"})
        assert len(await read_all(first, commit=False)) == 1
        await first.close()
        assert len(await read_all(await bus.consumer("reader", {"cases"}))) == 1

    async def test_what_is_committed_comes_no_more(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        first = await bus.consumer("reader", {"cases"})
        assert len(await read_all(first)) == 1
        await first.close()
        assert await read_all(await bus.consumer("reader", {"cases"})) == []

    async def test_groups_do_not_disturb_each_other(self, bus: EventBus) -> None:
        await bus.publish([event("a")])
        for group in ("one", "two"):
            assert len(await read_all(await bus.consumer(group, {"cases"}))) == 1

    async def test_nothing_is_lost_under_concurrent_publishers(self, bus: EventBus) -> None:
        consumer = await bus.consumer("reader", {"cases"})
        sent: set[UUID] = set()

        async def publish(key: str) -> None:
            for version in range(20):
                sent.update(await bus.publish([event(key, version)]))

        read: list[Event] = []
        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(publish(f"key-{number}"))
            read += await read_all(consumer)
        read += await read_all(consumer)
        assert {e.id for e in read} == sent
        assert len(read) == 160

    async def test_a_waiting_reader_is_woken(self, bus: EventBus) -> None:
        consumer = await bus.consumer("reader", {"cases"})
        waiting = asyncio.create_task(consumer.poll(10, 30))
        await asyncio.sleep(0)
        await bus.publish([event("a")])
        async with asyncio.timeout(10):
            batches = await waiting
        assert [e.key for batch in batches for e in batch.events] == ["a"]
