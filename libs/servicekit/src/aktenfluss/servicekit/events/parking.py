"""Parked events: what a consumer could not apply, and all later events of its tenant with the same key behind it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aktenfluss.kernel import Event

from ..database.connection import Connection
from ..database.database import Database
from ..database.outbox import event_of

BEHIND = "waits-behind-its-key"
"""The problem of an event that is parked because one before it is."""

PARK = """
INSERT INTO parked_event (id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload,
                          problem, traceparent, parked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now()) ON CONFLICT (id) DO NOTHING
"""
PARKED_KEYS = """
SELECT DISTINCT tenant, key FROM parked_event WHERE (tenant, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""
COUNT = "SELECT count(*) FROM parked_event"
LIST = "SELECT seq, id, key, type, tenant, problem, attempts, parked_at FROM parked_event ORDER BY seq LIMIT $1"
REQUEST = """
UPDATE parked_event SET retry_requested = true
WHERE (tenant, key) IN (SELECT tenant, key FROM parked_event WHERE id = $1 OR $1 IS NULL)
"""
DUE = """
SELECT * FROM parked_event
WHERE seq IN (SELECT min(seq) FROM parked_event GROUP BY tenant, key)
  AND (retry_requested OR problem = $1) AND id <> ALL($2::uuid[])
ORDER BY random() LIMIT $3
"""
"""By chance: keys that cannot be applied for the moment do not stand before the others."""
FAILED = "UPDATE parked_event SET retry_requested = false WHERE tenant = $1 AND key = $2"
ATTEMPTED = "UPDATE parked_event SET attempts = attempts + 1, problem = $2 WHERE id = $1"
UNPARK = "DELETE FROM parked_event WHERE id = $1 RETURNING id"

type TenantKey = tuple[str, str]
"""What has an order: tenants share keys, for each has an audit log, and two may have the same content."""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that waits for an operator."""

    id: UUID
    key: str
    type: str
    tenant_id: str
    problem: str
    attempts: int
    parked_at: datetime


class Parking:
    """The operator's view: see what is parked, ask for another try."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self) -> int:
        async with self._database.session() as connection:
            count: int = await connection.fetchval(COUNT)
        return count

    async def list(self, limit: int = 200) -> list[ParkedEvent]:
        """Return the oldest."""
        async with self._database.session() as connection:
            rows = await connection.fetch(LIST, limit)
        return [
            ParkedEvent(r["id"], r["key"], r["type"], r["tenant"], r["problem"], r["attempts"], r["parked_at"])
            for r in rows
        ]

    async def retry(self, event_id: UUID | None = None) -> int:
        """Ask for another try of the event and all others of its key, of all events for None; return how many."""
        async with self._database.session() as connection:
            status: str = await connection.execute(REQUEST, event_id)
        return int(status.rpartition(" ")[2])


async def park(connection: Connection, event: Event, problem: str) -> None:
    """Set `event` aside; `problem` is a slug or an exception's type, never its text."""
    await connection.execute(
        PARK,
        event.id,
        event.key,
        event.type,
        event.tenant_id,
        event.subject,
        event.aggregate_version,
        event.actor,
        event.correlation_id,
        event.occurred_at,
        event.data,
        problem,
        event.traceparent or None,
    )


def key_of(event: Event) -> TenantKey:
    """Return behind which parked events the event waits."""
    return event.tenant_id, event.key


async def parked_keys(connection: Connection, events: Collection[Event]) -> set[TenantKey]:
    """Return those of the events' keys of which an event is parked."""
    tenants, keys = [event.tenant_id for event in events], [event.key for event in events]
    return {(row["tenant"], row["key"]) for row in await connection.fetch(PARKED_KEYS, tenants, keys)}


async def due(connection: Connection, limit: int, besides: Collection[UUID] = ()) -> list[Event]:
    """Return at most `limit` events to try, each the oldest of its key, besides those named.

    These are the ones for which an operator asked, and those that waited behind one that is applied by now.
    """
    return [event_of(row) for row in await connection.fetch(DUE, BEHIND, list(besides), limit)]


async def unpark(connection: Connection, event: Event) -> bool:
    """Take a parked event in hand, in the transaction that applies it; return whether it is there still.

    The lock of its row lets one worker have it: another one waits here, and is told no once it is applied.
    """
    return await connection.fetchval(UNPARK, event.id) is not None


async def note_failure(connection: Connection, event: Event, problem: str) -> None:
    """Note another failed try; the key waits for the operator again."""
    await connection.execute(ATTEMPTED, event.id, problem)
    await connection.execute(FAILED, *key_of(event))
