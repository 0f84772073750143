"""Notices events that a topic dropped before their consumer group had read them."""

from collections.abc import Collection, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord
from prometheus_client import Counter

log = structlog.get_logger("kafka")


class ExpiryWatch:
    """Compares where the log of a partition begins with how far the group had read it.

    The client says nothing of it: where it does not find the next record any more it goes on with the oldest there is.
    """

    def __init__(self, client: AIOKafkaConsumer, expired: Counter) -> None:
        self._client = client
        self._expired = expired
        self._read_until: dict[TopicPartition, int] = {}

    async def take(self, records: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        """Look at what was handed out, before any of it is committed."""
        await self.look([part for part, found in records.items() if self._read_until.get(part) != found[0].offset])
        self._read_until |= {part: found[-1].offset + 1 for part, found in records.items()}

    async def look(self, partitions: Collection[TopicPartition]) -> None:
        """Report what is missing in `partitions`, once."""
        beginnings = await self._client.beginning_offsets(partitions) if partitions else {}
        for partition, beginning in beginnings.items():
            until = self._read_until.get(partition)
            if until is None:
                until = await self._client.committed(partition)
            if until is not None and until < beginning:
                self._report(partition, beginning - until)
            self._read_until[partition] = max(beginning, until or 0)

    def forget(self, partitions: Collection[TopicPartition]) -> None:
        """Leave partitions to another member of the group."""
        for partition in partitions:
            self._read_until.pop(partition, None)

    def _report(self, partition: TopicPartition, count: int) -> None:
        self._expired.labels(partition.topic).inc(count)
        log.error("events expired unread", topic=partition.topic, count=count)
