"""Events through Kafka: their lag at a steady rate, and how fast the relay empties an outbox beside a bare producer."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tools.servers import Kafka

from aktenfluss.contracts.topics import Topic
from aktenfluss.servicekit import Database, Relay, ServiceSettings, open_installation

from . import event_lag
from .figures import Figure

EVENTS, ROUNDS, PER_TRANSACTION = 10_000, 3, 100
OWN, BARE_TOPIC = Topic("cases"), "bench.bare"


class Record(NamedTuple):
    """A record as it lies in a topic."""

    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


class Rate(NamedTuple):
    """How fast events were published, and what they cost the publishing process."""

    per_second: float
    cpu_microseconds: float

    @classmethod
    def since(cls, wall: float, cpu: float) -> "Rate":
        return cls(EVENTS / (time.perf_counter() - wall), (time.process_time() - cpu) * 1e6 / EVENTS)


def measure(folder: Path) -> list[Figure]:
    """Start a Kafka for these figures alone: no service consumes beside them."""
    with Kafka.start(folder / "kafka") as kafka:
        bus = kafka.url
        return [
            lag(ServiceSettings(data_folder=folder / "lag", event_bus_url=bus)),
            throughput(ServiceSettings(data_folder=folder / "relay", event_bus_url=bus), kafka.bootstrap),
        ]


def lag(settings: ServiceSettings) -> Figure:
    lags = uvloop.run(event_lag.run(settings))
    p95 = statistics.quantiles(lags, n=20)[-1] * 1000
    control = f"median {statistics.median(lags) * 1000:.0f} ms, {len(lags)} of {len(lags)} arrived"
    return Figure(f"event lag through Kafka, p95 at {event_lag.RATE} events/s", p95, "ms", control, "<= 500", "<= 150")


def throughput(settings: ServiceSettings, bootstrap: str) -> Figure:
    """Measure in turn; the best of each counts, the machine is shared."""
    relayed, bare = zip(*uvloop.run(run(settings, bootstrap)), strict=True)
    own, control = max(relayed), max(bare)
    told = (
        f"{own.per_second:.0f} ÷ {control.per_second:.0f} events/s; "
        f"CPU {own.cpu_microseconds:.0f} ÷ {control.cpu_microseconds:.0f} µs/event"
    )
    return Figure("relay, outbox to Kafka", own.per_second / control.per_second, "times bare", told, ">= 0.4", ">= 0.7")


async def run(settings: ServiceSettings, bootstrap: str) -> list[tuple[Rate, Rate]]:
    async with open_installation(settings) as installation:
        await installation.prepare({"cases": "aktenfluss.cases.adapters.migrations"})
        resources = await installation.resources("cases")
        dsn = installation.databases.address("cases").app_dsn
        relay = Relay(dsn, await installation.open_bus(), resources.database.committed_facts)
        rounds = []
        for _ in range(ROUNDS):
            await fill_outbox(resources.database)
            relayed = await carry(relay)
            rounds.append((relayed, await produce(bootstrap, await read_back(bootstrap))))
        return rounds


async def fill_outbox(database: Database) -> None:
    for first in range(0, EVENTS, PER_TRANSACTION):
        async with database.transaction(event_lag.PUBLISHER) as tx:
            for number in range(first, first + PER_TRANSACTION):
                tx.publish(event_lag.Ticked(), key=f"key-{number % event_lag.KEYS}", subject=number, version=number)


async def carry(relay: Relay) -> Rate:
    wall, cpu = time.perf_counter(), time.process_time()
    if (carried := await relay.drain()) != EVENTS:
        raise RuntimeError(f"{EVENTS} events were in the outbox, {carried} were carried")
    return Rate.since(wall, cpu)


async def read_back(bootstrap: str) -> list[Record]:
    """Return the last records of the topic: the control sends the very same ones."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(OWN.name, number) for number in range(OWN.partitions)]
        consumer.assign(partitions)
        there = sum((await consumer.end_offsets(partitions)).values())
        records: list[Record] = []
        while len(records) < there:
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                records += [Record(record.key, record.value, record.headers) for record in batch]
    finally:
        await consumer.stop()
    return records[-EVENTS:]


async def produce(bootstrap: str, records: Sequence[Record]) -> Rate:
    """Send the records with the product's settings and nothing around it."""
    await make_topic(bootstrap)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5)
    await producer.start()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        sent = [await producer.send(BARE_TOPIC, r.value, key=r.key, headers=list(r.headers)) for r in records]
        await asyncio.gather(*sent)
        return Rate.since(wall, cpu)
    finally:
        await producer.stop()


async def make_topic(bootstrap: str) -> None:
    """Make the control's topic, with as many partitions as the product's."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if BARE_TOPIC not in await admin.list_topics():
            await admin.create_topics([NewTopic(BARE_TOPIC, OWN.partitions, 1)])
    finally:
        await admin.close()
