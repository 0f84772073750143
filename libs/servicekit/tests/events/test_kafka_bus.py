"""The Kafka bus keeps the contract of every event bus, also while the broker is killed."""

import asyncio

import pytest

from aktenfluss.servicekit.events.kafka_limits import KafkaLimits
from aktenfluss.testkit import EventBusContract
from aktenfluss.testkit.event_bus_contract import Disturb

pytestmark = pytest.mark.servers


class TestKafkaEventBus(EventBusContract):
    """Runs on one broker, each test with topics of its own."""

    @pytest.fixture
    def bus(self, open_bus):
        return open_bus(limits=KafkaLimits(patience=3))

    @pytest.fixture
    def disturb(self, kafka) -> Disturb:
        async def kill() -> None:
            await asyncio.to_thread(kafka.kill)
            await asyncio.to_thread(kafka.start_again)

        return kill
