"""The event bus in PostgreSQL: a durable log with consumer offsets, for the one-process shape."""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Self
from uuid import UUID

import asyncpg

from aktenfluss.kernel import Event, Principal, topic_of

from ..database.connection import Connection
from ..database.database import Database
from ..database.limits import Limits
from ..database.outbox import columns_of, event_of
from ..database.purge import purge
from .event_bus import Batch

PARTITIONS = 4
IDLE_POLL_SECONDS = (0.05, 1.0)
"""Between polls that find nothing: from the first to the second figure, doubling."""

TAKE_POSITIONS = """
INSERT INTO partition_head AS head (topic, partition, next_position) VALUES ($1, $2, $3)
ON CONFLICT (topic, partition) DO UPDATE SET next_position = head.next_position + $3
RETURNING next_position - $3
"""
APPEND = """
INSERT INTO event_log (topic, partition, position, id, key, type, tenant, subject, aggregate_version, actor,
                       correlation_id, occurred_at, payload, traceparent)
SELECT $1, $2, $3 + ordinality - 1, e.id, e.key, e.type, e.tenant, e.subject, e.version, e.actor, e.correlation_id,
       e.occurred_at, e.payload, e.traceparent
FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::text[], $11::text[],
            $12::timestamptz[], $13::jsonb[], $14::text[])
     WITH ORDINALITY AS e (id, key, type, tenant, subject, version, actor, correlation_id, occurred_at, payload, traceparent,
                             ordinality)
"""
JOIN_GROUP = """
INSERT INTO consumer_offset (consumer, topic, partition, next_position)
SELECT $1, topic, partition, 0 FROM unnest($2::text[]) topic, generate_series(0, $3::integer - 1) partition
ON CONFLICT DO NOTHING
"""
READ = """
SELECT e.* FROM consumer_offset o CROSS JOIN LATERAL (
    SELECT * FROM event_log l
    WHERE l.topic = o.topic AND l.partition = o.partition AND l.position >= o.next_position
    ORDER BY l.position LIMIT $2
) e
WHERE o.consumer = $1 AND o.topic = ANY($3::text[]) ORDER BY e.topic, e.partition, e.position
"""
COMMIT_OFFSETS = """
UPDATE consumer_offset o SET next_position = applied.next_position
FROM unnest($2::text[], $3::integer[], $4::bigint[]) applied (topic, partition, next_position)
WHERE o.consumer = $1 AND o.topic = applied.topic AND o.partition = applied.partition
  AND o.next_position < applied.next_position
"""
LAG = """
SELECT o.topic, sum(h.next_position - o.next_position)::bigint AS lag
FROM consumer_offset o JOIN partition_head h USING (topic, partition)
WHERE o.consumer = $1 AND o.topic = ANY($2::text[]) GROUP BY o.topic
"""
EXPIRE = """
DELETE FROM event_log WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM event_log l WHERE appended_at < now() - make_interval(days => $1) AND position < (
        SELECT min(next_position) FROM consumer_offset o WHERE o.topic = l.topic AND o.partition = l.partition)
    ORDER BY appended_at LIMIT $2))
"""


class PostgresEventBus:
    """Implements `EventBus`.

    The row of a partition's head is locked until the events that took its positions are committed, so positions
    become visible in order and without gaps: reading behind an offset loses nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._published = asyncio.Condition()

    @classmethod
    async def connect(cls, dsn: str, limits: Limits | None = None) -> Self:
        return cls(await Database.connect(dsn, limits))

    async def close(self) -> None:
        await self._database.close()

    async def publish(self, events: Sequence[Event]) -> set[UUID]:
        by_partition: dict[tuple[str, int], list[Event]] = defaultdict(list)
        for event in events:
            by_partition[event.topic, partition_of(event.key)].append(event)
        async with self._database.transaction(Principal.service("bus", "")) as tx:
            for (topic, partition), batch in sorted(by_partition.items()):  # sorted: two publishers never deadlock
                await append(tx.connection, topic, partition, batch)
        async with self._published:
            self._published.notify_all()
        return {event.id for event in events}

    async def consumer(self, group: str, services: Collection[str]) -> "PostgresConsumer":
        topics = sorted(topic_of(service) for service in services)
        async with self._database.session() as connection:
            await connection.execute(JOIN_GROUP, group, topics, PARTITIONS)
        return PostgresConsumer(self._database, self._published, group, topics)

    async def expire(self, days: int) -> None:
        await purge(self._database, EXPIRE, days)


class PostgresConsumer:
    """Implements `Consumer` with offsets in the same database."""

    def __init__(self, database: Database, published: asyncio.Condition, group: str, topics: list[str]) -> None:
        self._database = database
        self._published = published
        self._group = group
        self._topics = topics

    async def poll(self, limit: int, wait_seconds: float) -> list[Batch]:
        deadline = asyncio.get_running_loop().time() + wait_seconds
        pause, longest = IDLE_POLL_SECONDS
        while not (batches := await self._read(limit)):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return []
            await self._wait(min(pause, left))
            pause = min(2 * pause, longest)
        return batches

    def holds(self, _: Batch, /) -> bool:
        return True  # nothing is given away: several readers of a group read the same

    async def commit(self, *batches: Batch) -> None:
        columns = zip(*((batch.topic, batch.partition, batch.next_position) for batch in batches), strict=True)
        async with self._database.session() as connection:
            await connection.execute(COMMIT_OFFSETS, self._group, *columns)

    async def lag(self) -> Mapping[str, int]:
        async with self._database.session() as connection:
            rows = await connection.fetch(LAG, self._group, self._topics)
        return {row["topic"]: row["lag"] for row in rows}

    async def close(self) -> None:
        """Nothing is held between calls."""

    async def _read(self, limit: int) -> list[Batch]:
        async with self._database.session() as connection:
            rows = await connection.fetch(READ, self._group, limit, self._topics)
        return [batch_of(list(group)) for _, group in groupby(rows, key=lambda row: (row["topic"], row["partition"]))]

    async def _wait(self, seconds: float) -> None:
        """Wait for a publisher of this process, or for `seconds`: other processes are seen by polling."""
        try:
            async with asyncio.timeout(seconds), self._published:
                await self._published.wait()
        except TimeoutError:
            return


def partition_of(key: str) -> int:
    """Return the partition of `key`; the same in every process and release, unlike `hash`."""
    return zlib.crc32(key.encode()) % PARTITIONS


async def append(connection: Connection, topic: str, partition: int, events: Sequence[Event]) -> None:
    """Write `events` at the end of a partition, in the transaction that is open on `connection`."""
    first = await connection.fetchval(TAKE_POSITIONS, topic, partition, len(events))
    await connection.execute(APPEND, topic, partition, first, *columns_of(events))


def batch_of(rows: list[asyncpg.Record]) -> Batch:
    """Return the batch that rows of one partition make."""
    last = rows[-1]
    return Batch(last["topic"], last["partition"], [event_of(row) for row in rows], last["position"] + 1)
