"""Clients come in encrypted and by password, and nobody else does."""

import pytest
from tools.servers import Kafka

from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.servicekit.events.kafka_bus import KafkaEventBus
from aktenfluss.servicekit.events.kafka_limits import KafkaLimits
from aktenfluss.servicekit.events.kafka_url import KafkaAddress
from aktenfluss.testkit.event_bus_contract import event, joined, read_all

pytestmark = pytest.mark.servers


async def carry_one(url: str) -> int:
    """Prepare the topics, publish an event and read it; return how many were read."""
    bus = KafkaEventBus(KafkaAddress.parse(url), limits=KafkaLimits(patience=5))
    try:
        await bus.prepare()
        await bus.publish([event("a")])
        async with joined(bus, "reader") as consumer:
            return len(await read_all(consumer))
    finally:
        await bus.close()


async def test_tls_with_the_right_authority_alone(tmp_path):
    with Kafka.start(tmp_path, security="tls") as server:
        assert await carry_one(server.url) == 1
        for wrong in (server.url.partition("&ca=")[0], server.url.replace("security=tls", "security=plaintext")):
            with pytest.raises(ServiceUnavailableError):
                await carry_one(wrong)


@pytest.mark.parametrize("security", ["sasl_tls", "sasl_plaintext"])
async def test_scram_with_the_right_password_alone(tmp_path, security):
    with Kafka.start(tmp_path, security=security) as server:
        assert await carry_one(server.url) == 1
        with pytest.raises(ServiceUnavailableError) as refused:
            await carry_one(server.url.replace(server.password, "wrong"))
        assert server.password not in str(refused.value)
