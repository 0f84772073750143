"""Members of a group share the partitions, give them away in order, and never stop at a record that is no event."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import NotLeaderForPartitionError
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from aktenfluss.kernel import Event
from aktenfluss.servicekit import Inbox, ServiceUnavailableError, Subscriptions
from aktenfluss.servicekit.events.kafka_limits import KafkaLimits
from aktenfluss.servicekit.http.logging import AllowedFields
from aktenfluss.testkit import PATIENCE_SECONDS
from aktenfluss.testkit.event_bus_contract import KEYS, event, insistently_publish, joined, read_all

pytestmark = pytest.mark.servers
HURRIED = KafkaLimits(step=1.5, hand_over=1, session=3)
TYPE = event("a").type


@pytest.fixture
async def write_raw(kafka, kafka_address):
    """Write what is no event of ours, as somebody could who got hold of a password."""

    async def write(value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap) as producer:
            topic = f"{kafka_address.prefix}aktenfluss.cases.v1"
            await producer.send_and_wait(topic, value, key=b"a", headers=headers)

    return write


async def test_a_record_that_is_no_event_is_told_counted_and_passed_over(open_bus, write_raw):
    registry = CollectorRegistry()
    bus = open_bus(registry=registry)
    before, behind = event("a", 1), event("a", 2)
    await bus.publish([before])
    await write_raw(b'{"name": "Ozturk"}', [("ce_id", b"7")])
    await write_raw(None, [])
    await bus.publish([behind])
    with capture_logs(processors=[AllowedFields(registry)]) as logs:
        async with joined(bus, "reader") as consumer:
            assert await read_all(consumer) == [before, behind]
            assert sum((await consumer.lag()).values()) == 0
    lines = [line for line in logs if line["event"] == "record is no event"]
    assert [(line["log_level"], line["offset"]) for line in lines] == [("error", 1), ("error", 2)]
    assert {line["partition"] for line in lines} == {4}  # where its key is
    assert "Ozturk" not in str(logs)
    topic = lines[0]["topic"]
    assert registry.get_sample_value("unreadable_records_total", {"topic": topic}) == 2


async def test_members_of_a_group_share_the_partitions(open_bus):
    buses = [open_bus(), open_bus()]
    sent = [event(f"key-{number}") for number in range(100)]
    async with AsyncExitStack() as members:
        readers = [await members.enter_async_context(joined(bus, "reader")) for bus in buses]
        await settled(readers)
        await buses[0].publish(sent)
        read = [await read_all(reader) for reader in readers]
    assert all(read)
    assert sorted(e.id for events in read for e in events) == sorted(e.id for e in sent)


async def settled(readers) -> None:
    """Return when each of the members has its half of the twelve partitions."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while [len(reader._client.assignment()) for reader in readers] != [6, 6]:
            for reader in readers:
                await reader.poll(1, 0.05)


async def test_a_member_with_a_name_comes_back_without_disturbing_the_others(open_bus):
    stays = await open_bus(member="a").consumer("reader", {"cases"})
    bus = open_bus(member="b")
    restarts = await bus.consumer("reader", {"cases"})
    await settled([stays, restarts])
    await bus.publish([event(key) for key in KEYS])
    batches = await stays.poll(100, 5)
    await restarts.close()
    again = await bus.consumer("reader", {"cases"})
    assert len(again._client.assignment()) == 6
    assert all(stays.holds(batch) for batch in batches)
    await stays.close()
    await again.close()


async def test_a_consumer_that_hands_out_nothing_is_found_out(open_bus):
    bus = open_bus(limits=KafkaLimits(stall=0.5))
    await bus.publish([event("a")])
    async with joined(bus, "reader") as consumer, asyncio.timeout(PATIENCE_SECONDS):
        consumer._client.pause(*consumer._client.assignment())
        with pytest.raises(ServiceUnavailableError, match="hands out nothing"):
            while not await consumer.poll(10, 0.05):
                await consumer.lag()


async def test_what_was_given_away_is_not_committed(open_bus):
    bus = open_bus(limits=HURRIED)
    await bus.publish([event("a")])
    async with joined(bus, "reader") as slow:
        [batch] = await slow.poll(10, 10)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while slow.holds(batch):
                await asyncio.sleep(0.05)
        await slow.commit(batch)
        async with joined(bus, "reader") as other:
            assert len(await read_all(other)) == 1


class Service:
    """A consumer with a database, whose handler can be held up, as by a peer that does not answer."""

    def __init__(self, bus, database, *, up: bool) -> None:
        self.up = up
        self.tried: list[int] = []
        self.applied: list[int] = []
        self._inbox = Inbox("reader", database, bus, Subscriptions(frozenset({"cases"}), {TYPE: self.handle}))
        self.running = asyncio.create_task(self._inbox.run())

    async def handle(self, event: Event) -> None:
        self.tried.append(event.aggregate_version)
        if not self.up:
            raise ServiceUnavailableError("the peer does not answer")
        self.applied.append(event.aggregate_version)

    async def close(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


@pytest.fixture
async def start(open_bus, database):
    services = []

    def start(*, up: bool) -> Service:
        services.append(Service(open_bus(limits=HURRIED), database, up=up))
        return services[-1]

    yield start
    for service in services:
        await service.close()


async def test_an_inbox_that_is_stuck_gives_its_work_away(open_bus, start):
    stuck = start(up=False)
    sent = [event("a", version) for version in range(20)]
    await open_bus().publish(sent)
    await until(lambda: stuck.tried)
    helper = start(up=True)
    await until(lambda: len(helper.applied) == 20)
    assert (helper.applied, stuck.applied) == (list(range(20)), [])


async def test_an_inbox_that_took_too_long_takes_part_again(open_bus, start):
    slow = start(up=False)
    bus = open_bus()
    await bus.publish([event("a", 1)])
    await until(lambda: slow.tried)
    await asyncio.sleep(2 * HURRIED.step)  # what passes here is the very time that it must not take
    slow.up = True
    await until(lambda: slow.applied == [1])
    await bus.publish([event("a", 2)])
    await until(lambda: slow.applied == [1, 2])


async def test_an_inbox_outlives_the_death_of_the_broker(open_bus, start, kafka):
    service = start(up=True)
    bus = open_bus(limits=KafkaLimits(patience=2))
    await bus.publish([event("a", 1)])
    await until(lambda: service.applied == [1])
    await asyncio.to_thread(kafka.kill)
    await asyncio.to_thread(kafka.start_again)
    await insistently_publish(bus, [event("a", 2)])
    await until(lambda: service.applied == [1, 2])


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.05)


@pytest.fixture
async def drop(kafka, kafka_address):
    """Let the topic drop what it has, as its retention does."""

    async def drop() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        await admin.start()
        topic = f"{kafka_address.prefix}aktenfluss.cases.v1"
        everything = {TopicPartition(topic, number): RecordsToDelete(-1) for number in range(12)}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await deleted(admin, everything):
                await asyncio.sleep(0.1)
        await admin.close()

    return drop


async def deleted(admin: AIOKafkaAdminClient, records: dict[TopicPartition, RecordsToDelete]) -> bool:
    """Delete the records, or return False where the topic is so new that a partition has no leader yet."""
    try:
        await admin.delete_records(records)
    except NotLeaderForPartitionError:
        return False
    return True


@pytest.mark.parametrize("behind", [[], [event("a", 4)]])
async def test_events_that_expired_unread_are_told_and_counted(open_bus, kafka_address, drop, behind):
    registry = CollectorRegistry()
    bus = open_bus(registry=registry)
    topic = {"topic": f"{kafka_address.prefix}aktenfluss.cases.v1"}
    await bus.publish([event("a", 1)])
    async with joined(bus, "reader") as consumer:
        assert len(await read_all(consumer)) == 1
    assert registry.get_sample_value("expired_events_total", topic) == 0
    await bus.publish([event("a", 2), event("a", 3)])
    await drop()
    await bus.publish(behind)
    with capture_logs() as logs:
        async with joined(bus, "reader") as consumer:
            assert await read_all(consumer) == behind
            await consumer.lag()
    assert [line["count"] for line in logs if line["event"] == "events expired unread"] == [2]
    assert registry.get_sample_value("expired_events_total", topic) == 2


async def test_a_group_that_is_new_has_missed_nothing(open_bus, drop):
    registry = CollectorRegistry()
    bus = open_bus(registry=registry)
    await bus.publish([event("a", 1)])
    await drop()
    with capture_logs() as logs:
        async with joined(bus, "reader") as consumer:
            assert await read_all(consumer) == []
    assert [line for line in logs if line["event"] == "events expired unread"] == []
