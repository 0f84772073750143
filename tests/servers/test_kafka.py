"""Kafka keeps what was acknowledged over a kill, and lets in whom its security lets in."""

import ssl

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tools.servers import Kafka

pytestmark = pytest.mark.servers
TOPIC = "things"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    with Kafka.start(tmp_path_factory.mktemp("kafka")) as server:
        yield server


async def make_topic(**client):
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()


async def send(value, **client):
    async with AIOKafkaProducer(acks="all", **client) as producer:
        await producer.send_and_wait(TOPIC, value)


async def receive(**client):
    async with AIOKafkaConsumer(TOPIC, group_id="g", auto_offset_reset="earliest", **client) as consumer:
        return (await consumer.getone()).value


async def test_a_killed_server_comes_back_with_its_data(kafka):
    await make_topic(bootstrap_servers=kafka.bootstrap)
    await send(b"one", bootstrap_servers=kafka.bootstrap)

    kafka.kill()
    kafka.start_again()

    assert await receive(bootstrap_servers=kafka.bootstrap) == b"one"


@pytest.mark.parametrize("security", ["sasl_plaintext", "sasl_tls"])
async def test_a_user_with_the_password_is_let_in(tmp_path, security):
    with Kafka.start(tmp_path, security=security) as kafka:
        client = {
            "bootstrap_servers": kafka.bootstrap,
            "security_protocol": kafka.security.protocol,
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": "aktenfluss",
            "sasl_plain_password": kafka.password,
            "ssl_context": ssl.create_default_context(cafile=kafka.certificate),
        }
        await make_topic(**client)
        await send(b"two", **client)

        assert await receive(**client) == b"two"
