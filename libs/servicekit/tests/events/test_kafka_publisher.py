"""What is published is published in order, and a broker that does not answer holds nobody up."""

import asyncio
import time
from dataclasses import replace

import pytest
from aiokafka import TopicPartition

from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.servicekit.events.kafka_limits import KafkaLimits
from aktenfluss.testkit.event_bus_contract import event, first_versions, insistently_publish, joined, read_until

pytestmark = pytest.mark.servers
KEY = "key"


@pytest.fixture
def bus(open_bus):
    return open_bus(limits=KafkaLimits(patience=2))


async def read(bus, wanted) -> list:
    events = []
    async with joined(bus, "reader") as consumer:
        await read_until(consumer, {e.id for e in wanted}, events)
    return events


class TestSilence:
    """The broker takes connections and says nothing, or is gone."""

    async def test_a_publisher_gives_up_in_time_and_order_survives_what_lands_late(self, bus, kafka):
        sent = [event(KEY, version) for version in range(200)]
        await bus.publish(sent[:100])
        kafka.pause()
        try:
            begin = time.monotonic()
            with pytest.raises(ServiceUnavailableError):
                await bus.publish(sent[100:150])
            assert time.monotonic() - begin < 2 + 5 + 2
        finally:
            kafka.resume()
        await insistently_publish(bus, sent[100:])
        assert first_versions(await read(bus, sent), KEY) == list(range(200))

    async def test_a_broker_that_is_gone_is_told_in_time(self, bus, kafka):
        await bus.publish([event(KEY)])
        await asyncio.to_thread(kafka.kill)
        begin = time.monotonic()
        with pytest.raises(ServiceUnavailableError):
            await bus.publish([event(KEY)])
        assert time.monotonic() - begin < 2 + 5 + 2
        await asyncio.to_thread(kafka.start_again)
        await insistently_publish(bus, [event(KEY)])

    async def test_a_bus_closes_in_time_while_the_broker_is_silent(self, bus, kafka):
        await bus.publish([event(KEY)])
        kafka.pause()
        try:
            publishing = asyncio.create_task(bus.publish([event(KEY)]))
            await asyncio.sleep(0.2)
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
            async with asyncio.timeout(8):
                await bus.close()
        finally:
            kafka.resume()


async def test_a_producer_that_fails_for_good_is_replaced(bus, kafka_address):
    first = [event(KEY, version) for version in range(3)]
    await bus.publish(first)
    producer = bus._publisher._producer
    for partition in range(12):  # the broker now sees a gap: OUT_OF_ORDER_SEQUENCE_NUMBER
        topic = TopicPartition(kafka_address.prefix + first[0].topic, partition)
        producer._txn_manager.increment_sequence_number(topic, 5)
    second = [event(KEY, version) for version in range(3, 6)]
    with pytest.raises(ServiceUnavailableError):
        await bus.publish(second)
    assert await bus.publish(second) == {e.id for e in second}
    assert bus._publisher._producer is not producer
    assert first_versions(await read(bus, [*first, *second]), KEY) == list(range(6))


async def test_an_event_that_is_too_large_stops_its_key_alone(bus):
    large = replace(event("large", 1), data={"text": "x" * 5_000_000})
    behind, other = event("large", 2), event("other")
    assert await bus.publish([large, behind, other]) == {other.id}
    assert await bus.publish([event("other", 2)])


async def test_publishers_of_several_services_share_a_producer(bus):
    sent = [[event(KEY, version, service) for version in range(50)] for service in ("cases", "scans", "audit")]
    published = await asyncio.gather(*(bus.publish(events) for events in sent))
    assert published == [{e.id for e in events} for events in sent]
