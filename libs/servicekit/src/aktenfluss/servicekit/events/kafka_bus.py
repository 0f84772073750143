"""The event bus on Apache Kafka, for services in processes of their own (ADR 0023)."""

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

from prometheus_client import CollectorRegistry

from aktenfluss.kernel import Event, topic_of

from .kafka_consumer import KafkaConsumer
from .kafka_limits import KafkaLimits
from .kafka_losses import KafkaLosses
from .kafka_publisher import KafkaPublisher
from .kafka_topics import ensure_topics, require_topics
from .kafka_url import KafkaAddress


class KafkaEventBus:
    """Implements `EventBus`.

    Nothing is asked of the cluster before it is needed, so a service starts without it. Then the topics are looked at
    first: TopicsError, which is not waited out, tells that they are not as declared.
    """

    def __init__(
        self,
        address: KafkaAddress,
        *,
        member: str = "",
        registry: CollectorRegistry | None = None,
        limits: KafkaLimits | None = None,
    ) -> None:
        """Take the cluster, and the name of this process among those of its service, the same after a restart."""
        self._address = address
        self._member = member
        self._limits = limits or KafkaLimits()
        self._publisher = KafkaPublisher(address, self._limits.patience)
        self._looking = asyncio.Lock()
        self._seen = False
        self._losses = KafkaLosses(registry or CollectorRegistry())

    async def close(self) -> None:
        await self._publisher.close()

    async def expire(self, days: int) -> None:
        """Do nothing: the topics keep what their retention says."""

    async def publish(self, events: Sequence[Event]) -> set[UUID]:
        await self._look_at_topics()
        return await self._publisher.publish(events)

    async def consumer(self, group: str, services: Collection[str]) -> KafkaConsumer:
        await self._look_at_topics()
        topics = [self._address.prefix + topic_of(service) for service in services]
        self._losses.begin(topics)
        return await KafkaConsumer.join(
            self._address,
            self._address.prefix + group,
            topics,
            member=self._member,
            losses=self._losses,
            limits=self._limits,
        )

    async def prepare(self) -> None:
        """Make the topics that are missing; raises TopicsError where an existing one cannot be made as declared."""
        await ensure_topics(self._address)

    async def require(self) -> None:
        """Raise TopicsError unless the topics are as declared, ServiceUnavailableError where the cluster is silent."""
        await require_topics(self._address)

    async def _look_at_topics(self) -> None:
        async with self._looking:
            if not self._seen:
                await self.require()
                self._seen = True
