"""A real Kafka for the tests of this folder, and a part of it that no other test uses."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from tools.servers import Kafka

from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.servicekit.events.kafka_bus import KafkaEventBus
from aktenfluss.servicekit.events.kafka_url import KafkaAddress
from aktenfluss.testkit import PATIENCE_SECONDS

type OpenBus = Callable[..., KafkaEventBus]


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with Kafka.start(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture
def kafka_address(kafka: Kafka) -> KafkaAddress:
    """Give the address of an installation of its own: nobody has published there."""
    return KafkaAddress.parse(f"{kafka.url}&prefix=test-{secrets.token_hex(4)}.")


@pytest.fixture
async def open_bus(kafka_address: KafkaAddress) -> AsyncIterator[OpenBus]:
    """Give a function that connects another process to the cluster; its topics are there."""
    buses: list[KafkaEventBus] = []

    def connect(**options: object) -> KafkaEventBus:
        buses.append(KafkaEventBus(kafka_address, **options))
        return buses[-1]

    await prepare(connect())
    yield connect
    for bus in buses:
        await bus.close()


async def prepare(bus: KafkaEventBus) -> None:
    """Make the topics, as soon as the cluster has taken back a broker that a test before paused."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await bus.prepare()
            except ServiceUnavailableError:
                await asyncio.sleep(0.2)
