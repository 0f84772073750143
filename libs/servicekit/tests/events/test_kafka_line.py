"""The line to Kafka is cut in the middle of a batch, or slow: nothing is lost, and each key keeps its order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from tools.servers import Kafka, free_port
from tools.servers.process import LOOPBACK

from aktenfluss.kernel import Event
from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.servicekit.events.kafka_bus import KafkaEventBus
from aktenfluss.servicekit.events.kafka_limits import KafkaLimits
from aktenfluss.servicekit.events.kafka_url import KafkaAddress
from aktenfluss.testkit import Direction, FaultProxy
from aktenfluss.testkit.event_bus_contract import KEYS, event, first_versions, insistently_publish, insistently_read

pytestmark = pytest.mark.servers
VERSIONS = 30
TEXT = "x" * 2000


@dataclass
class Line:
    """A bus, and what stands between it and its broker."""

    proxy: FaultProxy
    bus: KafkaEventBus


@pytest.fixture
async def line(tmp_path) -> AsyncIterator[Line]:
    port = free_port()
    async with FaultProxy.before(LOOPBACK, port) as proxy:
        with await asyncio.to_thread(Kafka.start, tmp_path, port=port, advertised=proxy.port) as kafka:
            bus = KafkaEventBus(KafkaAddress.parse(kafka.url), limits=KafkaLimits(patience=3))
            await bus.prepare()
            await bus.publish([event("first")])  # so that a producer is connected
            yield Line(proxy, bus)
            await bus.close()


@pytest.fixture
def sent() -> list[Event]:
    """Give a batch of half a megabyte."""
    return [replace(event(key, version), data={"text": TEXT}) for version in range(VERSIONS) for key in KEYS]


async def told_published(bus: KafkaEventBus, events: list[Event]) -> int:
    try:
        return len(await bus.publish(events))
    except ServiceUnavailableError:
        return 0


async def read_in_order(bus: KafkaEventBus, sent: list[Event]) -> bool:
    read = await insistently_read(bus, {event.id for event in sent})
    return all(first_versions(read, key) == list(range(VERSIONS)) for key in KEYS)


@pytest.mark.parametrize(
    ("size", "direction"),
    [(100_000, Direction.TO_SERVER), (10, Direction.TO_CLIENT)],
    ids=["in-the-batch", "in-its-confirmation"],
)
async def test_a_line_that_is_cut_in_the_middle_of_a_batch(line, sent, size, direction):
    line.proxy.cut_after(size, direction)
    assert await told_published(line.bus, sent) < len(sent)
    line.proxy.heal()
    await insistently_publish(line.bus, sent)
    assert await read_in_order(line.bus, sent)


async def test_a_slow_line(line, sent):
    line.proxy.delay(0.3)
    await insistently_publish(line.bus, sent)
    assert await read_in_order(line.bus, sent)
