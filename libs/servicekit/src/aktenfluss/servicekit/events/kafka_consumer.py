"""Reads events from Kafka as a member of a consumer group."""

import asyncio
from collections import Counter as Counts
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Self

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import ConsumerRecord

from aktenfluss.kernel import Event

from ..errors import ServiceUnavailableError
from .cloud_events import NotAnEventError, event_of
from .event_bus import Batch
from .kafka_errors import telling_absence
from .kafka_expiry import ExpiryWatch
from .kafka_limits import KafkaLimits
from .kafka_losses import KafkaLosses
from .kafka_url import KafkaAddress

FETCH_WAIT_MS = 100
"""How long the broker holds a request for which it has nothing. The client has one under way at a time: partitions that were
not asked for in it wait so long, which a longer time shows in the lag (p95 at 200 events/s: 93-247 ms with 250, 64-98 with 100).
"""

log = structlog.get_logger("kafka")


class KafkaConsumer:
    """Implements `Consumer`; what it handed out last is in hand until it is committed or more is asked for."""

    def __init__(self, client: AIOKafkaConsumer, limits: KafkaLimits, losses: KafkaLosses) -> None:
        self._client = client
        self._limits = limits
        self._unreadable = losses.unreadable
        self._expiry = ExpiryWatch(client, losses.expired)
        self._in_hand: dict[TopicPartition, Batch] = {}
        self._hands_empty = asyncio.Event()
        self._hands_empty.set()
        self._silent_since: float | None = None

    @classmethod
    async def join(
        cls,
        address: KafkaAddress,
        group: str,
        topics: Collection[str],
        *,
        member: str,
        losses: KafkaLosses,
        limits: KafkaLimits,
    ) -> Self:
        """Join `group` and return once partitions are assigned; raises ServiceUnavailableError where that takes too long."""
        session = limits.session + (limits.named_extra if member else 0)
        client = AIOKafkaConsumer(
            group_id=group,
            group_instance_id=f"{group}.{member}" if member else None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(session * 1000),
            heartbeat_interval_ms=int(limits.session * 1000) // 4,
            rebalance_timeout_ms=int(limits.rebalance * 1000),
            max_poll_interval_ms=int(limits.step * 1000),
            request_timeout_ms=int((limits.rebalance + limits.request) * 1000),
            fetch_max_wait_ms=FETCH_WAIT_MS,
            **address.client_options(),
        )
        consumer = cls(client, limits, losses)
        client.subscribe(topics=sorted(topics), listener=consumer)
        started = False
        try:
            with telling_absence():
                async with asyncio.timeout(limits.rebalance + limits.request):
                    await client.start()
            started = True
        finally:
            if not started:
                await consumer.close()
        return consumer

    async def poll(self, limit: int, wait_seconds: float) -> list[Batch]:
        self._put_down()
        with telling_absence():
            records = await self._fetch(limit, wait_seconds)
            async with asyncio.timeout(self._limits.request):
                await self._expiry.take(records)
        self._in_hand = {partition: self._batch(partition, found) for partition, found in records.items()}
        if self._in_hand:
            self._silent_since = None
            self._hands_empty.clear()
        return list(self._in_hand.values())

    def holds(self, batch: Batch, /) -> bool:
        return self._in_hand.get(TopicPartition(batch.topic, batch.partition)) is batch

    async def commit(self, *batches: Batch) -> None:
        held = [batch for batch in batches if self.holds(batch)]
        positions = {TopicPartition(batch.topic, batch.partition): batch.next_position for batch in held}
        try:
            with telling_absence():
                await self._commit(positions)
        finally:
            for partition in positions:
                self._in_hand.pop(partition, None)
            if not self._in_hand:
                self._hands_empty.set()

    async def lag(self) -> Mapping[str, int]:
        with telling_absence():
            async with asyncio.timeout(self._limits.request):
                lag = await self._lag()
                await self._expiry.look(self._client.assignment())
        self._notice_silence(any(lag.values()))
        return lag

    async def close(self) -> None:
        self._put_down()
        closing = asyncio.create_task(self._client.stop())
        await asyncio.wait([closing], timeout=self._limits.request)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Wait until the work in hand is committed; what takes too long is not ours any more."""
        try:
            async with asyncio.timeout(self._limits.hand_over):
                await self._hands_empty.wait()
        except TimeoutError:
            log.warning("partitions are given away with work in hand", partitions=len(self._in_hand))
        self._put_down()
        self._expiry.forget(revoked)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Tell of it; reading goes on where the group committed."""
        log.info("partitions assigned", partitions=len(assigned))

    def _notice_silence(self, events_wait: bool) -> None:
        """Raise ServiceUnavailableError where the client has handed out nothing for too long.

        Clients are known to fall silent for days, without an error (aiokafka issues 712, 718, 1037).
        """
        now = asyncio.get_running_loop().time()
        if not events_wait or self._in_hand:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        elif now - self._silent_since > self._limits.stall:
            raise ServiceUnavailableError("the consumer hands out nothing although events wait")

    def _put_down(self) -> None:
        self._in_hand = {}
        self._hands_empty.set()

    async def _fetch(self, limit: int, wait_seconds: float) -> Mapping[TopicPartition, Sequence[ConsumerRecord]]:
        """Return records, none where the group shares its partitions anew: that takes as long as others take."""
        try:
            async with asyncio.timeout(wait_seconds + self._limits.request):
                records: Mapping[TopicPartition, Sequence[ConsumerRecord]] = await self._client.getmany(
                    timeout_ms=int(wait_seconds * 1000), max_records=limit
                )
        except TimeoutError:
            return {}
        return records

    async def _commit(self, positions: Mapping[TopicPartition, int]) -> None:
        if not positions:
            return
        try:
            async with asyncio.timeout(self._limits.request):
                await self._client.commit(positions)
        except (CommitFailedError, IllegalStateError) as exc:
            # The group has given the partitions to another member; it applies these events again, which changes nothing.
            log.info("commit came too late", error=type(exc).__name__)

    async def _lag(self) -> dict[str, int]:
        partitions = self._client.assignment()
        ends = await self._client.end_offsets(partitions) if partitions else {}
        lag = Counts(dict.fromkeys(self._client.subscription(), 0))
        for partition, end in ends.items():
            if partition in self._client.assignment():
                lag[partition.topic] += end - await self._client.position(partition)
        return dict(lag)

    def _batch(self, partition: TopicPartition, records: Sequence[ConsumerRecord]) -> Batch:
        return Batch(
            topic=partition.topic,
            partition=partition.partition,
            events=list(self._events(records)),
            next_position=records[-1].offset + 1,
        )

    def _events(self, records: Iterable[ConsumerRecord]) -> Iterable[Event]:
        """Pass over records that are no events, loudly.

        Such a record has no key and no tenant by which it could be parked, and to wait for it would stop a twelfth of all
        case files. Only relays may write to the topics (ADR 0023), and Kafka keeps the record for an operator to look at.
        """
        for record in records:
            try:
                yield event_of(record.headers, record.value)
            except NotAnEventError as exc:
                self._report(record, str(exc))

    def _report(self, record: ConsumerRecord, error: str) -> None:
        self._unreadable.labels(record.topic).inc()
        log.error(
            "record is no event", error=error, topic=record.topic, partition=record.partition, offset=record.offset
        )


# By registration, not inheritance: to the type checker the client's classes are unknown.
ConsumerRebalanceListener.register(KafkaConsumer)
