"""A real Kafka for the tests of this folder, and a part of it that no other test uses."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from tools.servers import Kafka

from aktenfluss.servicekit.events.kafka_bus import KafkaEventBus
from aktenfluss.servicekit.events.kafka_url import KafkaAddress

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

    await connect().prepare()
    yield connect
    for bus in buses:
        await bus.close()
