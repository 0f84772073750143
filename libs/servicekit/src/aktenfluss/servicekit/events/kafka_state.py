"""Asks a Kafka cluster how it stands: where the copies of each partition are, and what its brokers are set to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from aktenfluss.contracts.topics import TOPICS

from .kafka_topics import administering, found_topics, name_of
from .kafka_url import KafkaAddress

POSITIONS = "__consumer_offsets"
"""Kafka's own topic of how far each group has read; made when the first one reads."""
LEAST_IN_SYNC = "min.insync.replicas"
UNCLEAN = "unclean.leader.election.enable"
COPIES_OF_POSITIONS = "offsets.topic.replication.factor"
BROKER_SETTINGS = (LEAST_IN_SYNC, UNCLEAN, COPIES_OF_POSITIONS)


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of a topic: on how many brokers it lies, and on how many of them all that was acknowledged.

    With fewer than `least` in sync it takes no event.
    """

    name: str
    has_leader: bool
    copies: int
    in_sync: int
    least: int


@dataclass(frozen=True, slots=True)
class KafkaState:
    """The partitions of our topics and of the positions, and the settings of each broker that shows them."""

    partitions: Sequence[Partition]
    brokers: Mapping[int, Mapping[str, str]]

    @property
    def copies_of_positions(self) -> int | None:
        """On how many brokers the positions lie, or will; None where nobody tells."""
        there = [partition.copies for partition in self.partitions if partition.name.startswith(f"{POSITIONS}-")]
        told = [int(broker[COPIES_OF_POSITIONS]) for broker in self.brokers.values() if COPIES_OF_POSITIONS in broker]
        return min(there or told, default=None)


async def state_of(address: KafkaAddress) -> KafkaState:
    """Return how the cluster stands; raises ServiceUnavailableError where it does not answer."""
    async with administering(address) as admin:
        found = await found_topics(admin, [*(name_of(address, topic) for topic in TOPICS), POSITIONS])
        least = {name: int(topic.settings.get(LEAST_IN_SYNC) or 1) for name, topic in found.items()}
        described = await admin.describe_topics(sorted(found)) if found else []
        return KafkaState(list(partitions_of(described, least)), await broker_settings(admin))


def partitions_of(described: Iterable[Mapping[str, Any]], least: Mapping[str, int]) -> Iterable[Partition]:
    """Yield the partitions of topics as the cluster describes them; no leader is told as -1."""
    for topic in described:
        name = topic["topic"]
        for one in topic["partitions"]:
            numbered = f"{name}-{one['partition']}"
            yield Partition(numbered, one["leader"] >= 0, len(one["replicas"]), len(one["isr"]), least[name])


async def broker_settings(admin: AIOKafkaAdminClient) -> dict[int, dict[str, str]]:
    """Return the settings of each broker that runs; none of one that does not show them to our user."""
    cluster = await admin.describe_cluster()
    wanted = dict.fromkeys(BROKER_SETTINGS)
    brokers = [ConfigResource(ConfigResourceType.BROKER, str(one["node_id"]), wanted) for one in cluster["brokers"]]
    return {
        int(name): {entry[0]: entry[1] for entry in entries if entry[1]}
        for answer in await admin.describe_configs(brokers)
        for _, _, _, name, entries in answer.resources
    }
