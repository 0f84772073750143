"""Topics as the contracts declare them: made by `aktenfluss migrate`, required by everybody else."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from aktenfluss.contracts.topics import DAY_MS, MAX_EVENT_BYTES, TOPICS, Topic

from ..errors import NotPreparedError
from .kafka_errors import telling_absence
from .kafka_url import KafkaAddress

REQUEST_MS = 10_000
VISIBLE_SECONDS = 15
"""How long brokers may take to tell each other of a topic that was made."""
OWN_SETTING = 1
"""Kafka's number for a setting that was made for the topic itself (DYNAMIC_TOPIC_CONFIG)."""
NUMBERS = frozenset({"retention.ms", "retention.bytes", "min.insync.replicas", "max.message.bytes"})
"""Settings of which more is better; -1 is without end."""
SEGMENT = "segment.ms"
"""A setting of which less is better."""
SEGMENT_MS = DAY_MS
"""How much longer than the retention an event can be read: Kafka drops it with the segment that it began."""


class TopicsError(NotPreparedError):
    """Topics are missing or weaker than the contracts declare."""

    def __init__(self, faults: Sequence[str], way_out: str) -> None:
        super().__init__(f"Kafka: {'; '.join(faults)}. {way_out}")


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as it is; `own` are the settings that were made for it, among all that hold for it."""

    partitions: int
    replication: int
    settings: Mapping[str, str]
    own: Mapping[str, str]


async def require_topics(address: KafkaAddress, topics: Sequence[Topic] = TOPICS) -> None:
    """Raise TopicsError unless each topic is there and at least as strong as declared."""
    async with administering(address) as admin:
        found = await found_topics(admin, [name_of(address, topic) for topic in topics])
    if faults := [fault for topic in topics for fault in faults_of(address, topic, found)]:
        raise TopicsError(faults, "Run `aktenfluss migrate`.")


async def ensure_topics(address: KafkaAddress, topics: Sequence[Topic] = TOPICS) -> None:
    """Make what is missing and strengthen settings; a topic that is stronger than declared stays as it is.

    Raises TopicsError where an existing topic has too few partitions or copies: more partitions would send later events
    of a key past earlier ones, and copies are moved by the operator's tools.
    """
    async with administering(address) as admin:
        found = await found_topics(admin, [name_of(address, topic) for topic in topics])
        if faults := [fault for topic in topics for fault in lasting_faults(address, topic, found)]:
            raise TopicsError(
                faults,
                "Too few partitions: when `event_lag` is 0 for all, stop the services, delete the topic, migrate again. "
                "Too few copies: kafka-reassign-partitions.sh, or another `replication` in EVENT_BUS_URL.",
            )
        await create(admin, address, [topic for topic in topics if name_of(address, topic) not in found])
        for topic in topics:
            await strengthen(admin, address, topic, found)
        await until_visible(address, topics)


@asynccontextmanager
async def administering(address: KafkaAddress) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(request_timeout_ms=REQUEST_MS, **address.client_options())
    with telling_absence():
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()


def name_of(address: KafkaAddress, topic: Topic) -> str:
    return address.prefix + topic.name


def wanted_settings(address: KafkaAddress, topic: Topic) -> dict[str, str]:
    """Return the settings of a topic: an event that was taken survives the loss of a broker, and 14 days, but few more."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(topic.retention_ms),
        SEGMENT: str(SEGMENT_MS),
        "retention.bytes": "-1",
        "min.insync.replicas": str(max(1, address.replication - 1)),
        "unclean.leader.election.enable": "false",
        "max.message.bytes": str(MAX_EVENT_BYTES),
    }


def weaker_settings(address: KafkaAddress, topic: Topic, settings: Mapping[str, str]) -> dict[str, str]:
    """Return what of the settings must change, with the value that is wanted."""
    wanted = wanted_settings(address, topic)
    return {name: value for name, value in wanted.items() if is_weaker(name, settings.get(name, ""), value)}


def is_weaker(name: str, value: str, wanted: str) -> bool:
    if name not in NUMBERS | {SEGMENT} or value in {"", wanted}:
        return value != wanted
    if name == SEGMENT:
        return int(value) > int(wanted)
    return int(value) != -1 and (wanted == "-1" or int(value) < int(wanted))


def faults_of(address: KafkaAddress, topic: Topic, found: Mapping[str, Found]) -> list[str]:
    name = name_of(address, topic)
    if name not in found:
        return [f"the topic {name} is missing"]
    weaker = weaker_settings(address, topic, found[name].settings)
    return lasting_faults(address, topic, found) + [
        f"{name} has {setting}={found[name].settings.get(setting)}, declared is {value}"
        for setting, value in weaker.items()
    ]


def lasting_faults(address: KafkaAddress, topic: Topic, found: Mapping[str, Found]) -> list[str]:
    """Return what cannot be changed while events of the topic are under way."""
    there = found.get(name_of(address, topic))
    if there is None:
        return []
    numbers = (("partitions", there.partitions, topic.partitions), ("copies", there.replication, address.replication))
    return [
        f"{name_of(address, topic)} has {has} {what}, declared are {wants}"
        for what, has, wants in numbers
        if has < wants
    ]


async def found_topics(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, Found]:
    """Return those of the topics that exist; only these are asked for, as brokers may make what they are asked for."""
    existing = sorted(set(names) & set(await admin.list_topics()))
    if not existing:
        return {}
    described = await admin.describe_topics(existing)
    settings = await described_settings(admin, existing)
    return {
        topic["topic"]: Found(
            partitions=len(topic["partitions"]),
            replication=min((len(partition["replicas"]) for partition in topic["partitions"]), default=0),
            settings={name: value for name, value, _ in settings.get(topic["topic"], [])},
            own={name: value for name, value, source in settings.get(topic["topic"], []) if source == OWN_SETTING},
        )
        for topic in described
    }


async def described_settings(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, list[tuple[str, str, int]]]:
    """Return name, value and source of every setting of topics."""
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    return {
        name: [(entry[0], entry[1] or "", entry[3]) for entry in entries]
        for code, _, _, name, entries in answer.resources
        if code == 0
    }


async def create(admin: AIOKafkaAdminClient, address: KafkaAddress, topics: Sequence[Topic]) -> None:
    """Make topics; one that somebody else makes at the same moment is as good."""
    if not topics:
        return
    answer = await admin.create_topics(
        [
            NewTopic(
                name_of(address, topic),
                topic.partitions,
                address.replication,
                topic_configs=wanted_settings(address, topic),
            )
            for topic in topics
        ]
    )
    refused = [entry for entry in answer.topic_errors if entry[1] and for_code(entry[1]) is not TopicAlreadyExistsError]
    if refused:
        faults = [f"{name} is not made: {message or for_code(code).__name__}" for name, code, message in refused]
        raise TopicsError(faults, "A cluster of one broker needs `replication=1` in EVENT_BUS_URL.")


async def strengthen(
    admin: AIOKafkaAdminClient, address: KafkaAddress, topic: Topic, found: Mapping[str, Found]
) -> None:
    """Bring the settings of a topic up to the declared; the request replaces all, so the operator's own are sent too."""
    name = name_of(address, topic)
    if name not in found or not (weaker := weaker_settings(address, topic, found[name].settings)):
        return
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {**found[name].own, **weaker})])


async def until_visible(address: KafkaAddress, topics: Sequence[Topic]) -> None:
    """Return when the brokers show the topics as they are wanted; raises TopicsError where they do not in time."""
    deadline = asyncio.get_running_loop().time() + VISIBLE_SECONDS
    while True:
        try:
            return await require_topics(address, topics)
        except TopicsError:
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.1)
