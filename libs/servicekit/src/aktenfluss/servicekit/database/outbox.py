"""The outbox: facts that were committed with the change they tell and are not published yet."""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from aktenfluss.kernel import Clock, Event, EventData, Principal, new_id

from ..tracing import current_traceparent
from .connection import Connection

SLOT_COUNT = 64
"""Into how many slots keys are hashed; relays share them by `slot % relay slots`."""

INSERT = """
INSERT INTO outbox (topic, slot, id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload,
                    traceparent)
SELECT * FROM unnest($1::text[], $2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[],
                     $9::text[], $10::text[], $11::timestamptz[], $12::jsonb[], $13::text[])
"""
PENDING = """
SELECT seq, id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload, traceparent
FROM outbox WHERE published_at IS NULL AND slot % $1 = ANY($2::integer[]) AND seq <> ALL($4::bigint[])
ORDER BY seq LIMIT $3
"""
MARK = "UPDATE outbox SET published_at = now() WHERE seq = ANY($1::bigint[])"
# By place: joined by key, a batch may read the whole table.
PURGE = """
DELETE FROM outbox WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM outbox WHERE published_at < now() - make_interval(days => $1) ORDER BY published_at LIMIT $2))
"""
# No further than that: while a bus is away this grows, and every process asks again and again.
WAITING = """
SELECT (SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL LIMIT 10000) AS waiting),
       coalesce(extract(epoch FROM now() - (
           SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT 1)), 0)
"""


def slot_of(key: str) -> int:
    """Return the slot of `key`; the same in every process and release, unlike `hash`."""
    return zlib.crc32(key.encode()) % SLOT_COUNT


def fact(principal: Principal, clock: Clock, data: EventData, *, key: object, subject: object, version: int) -> Event:
    """Return the event that tells `data`, which `principal` brought about now."""
    return Event(
        id=new_id(),
        type=data.type,
        tenant_id=principal.tenant_id,
        key=str(key),
        subject=str(subject),
        aggregate_version=version,
        actor=principal.subject,
        correlation_id=principal.correlation_id,
        occurred_at=clock.now(),
        data=data.model_dump(mode="json"),
        traceparent=current_traceparent(),
    )


async def append(connection: Connection, events: Sequence[Event]) -> None:
    """Write `events` in their order, in the transaction that is open on `connection`."""
    topics, slots = [event.topic for event in events], [slot_of(event.key) for event in events]
    await connection.execute(INSERT, topics, slots, *columns_of(events))


def columns_of(events: Sequence[Event]) -> tuple[list[Any], ...]:
    """Return the attributes of events as columns, as `unnest` takes them.

    So many rows travel in one statement.
    """
    rows = [
        (
            e.id,
            e.key,
            e.type,
            e.tenant_id,
            e.subject,
            e.aggregate_version,
            e.actor,
            e.correlation_id,
            e.occurred_at,
            e.data,
            e.traceparent or None,
        )
        for e in events
    ]
    return tuple(list(column) for column in zip(*rows, strict=True))


@dataclass(frozen=True, slots=True)
class Pending:
    """An event of the outbox with its place there."""

    seq: int
    event: Event


async def pending(
    connection: Connection, slots: int, held: Collection[int], limit: int, besides: Sequence[Pending] = ()
) -> list[Pending]:
    """Return the oldest unpublished events whose slot, modulo `slots`, is one of `held`, besides those in hand."""
    rows = await connection.fetch(PENDING, slots, list(held), limit, [entry.seq for entry in besides])
    return [Pending(row["seq"], event_of(row)) for row in rows]


async def mark(connection: Connection, events: Sequence[Pending], published: Collection[UUID]) -> None:
    """Note the events that are durable on the bus."""
    if published:
        await connection.execute(MARK, [entry.seq for entry in events if entry.event.id in published])


def event_of(row: asyncpg.Record) -> Event:
    """Return the event that a row of the outbox, or of a table with the same columns, holds."""
    return Event(
        id=row["id"],
        type=row["type"],
        tenant_id=row["tenant"],
        key=row["key"],
        subject=row["subject"],
        aggregate_version=row["aggregate_version"],
        actor=row["actor"],
        correlation_id=row["correlation_id"],
        occurred_at=row["occurred_at"],
        data=row["payload"],
        traceparent=row["traceparent"] or "",
    )
