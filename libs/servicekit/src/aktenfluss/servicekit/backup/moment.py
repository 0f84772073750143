"""One moment of several databases: snapshots between which no event is on its way unseen."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
import structlog

from ..errors import ServiceUnavailableError

TRIES = 10
CONNECT_SECONDS = 10
LOCK = "SET lock_timeout = '2s'; BEGIN; LOCK TABLE inbox, outbox IN SHARE MODE"
"""Who tells or applies an event waits; everybody else goes on, readers among them.

In this order, because who applies an event notes it first and tells of what it did last: in the other one they would
wait for each other.
"""
UNLOCK = "ROLLBACK"
EXPORT = """
SET idle_in_transaction_session_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot(), now()
"""
"""A server may end who does nothing in a transaction; a snapshot is there as long as who took it, until the last is dumped."""
NO_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
DENIED = "Way out: let the role of DATABASE_BACKUP_URL be a member of the owner, with BYPASSRLS (docs/operations/backup-kubernetes.md)"

log = structlog.get_logger("backup")
type Connection = psycopg.AsyncConnection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Moment:
    """A snapshot of each database, as PostgreSQL names it; for `held_seconds` writers waited until all were taken."""

    at: datetime
    snapshots: Mapping[str, str]
    held_seconds: float


@asynccontextmanager
async def one_moment(dsns: Mapping[str, str]) -> AsyncIterator[Moment]:
    """Take a snapshot of every database while nobody tells or applies an event; they stay as long as the body.

    So whatever one database has applied, another one has told: none knows of something that its teller does not know.
    Raises ServiceUnavailableError where a database does not answer, or its writers give no way.
    """
    async with AsyncExitStack() as connections:
        try:
            exporters = {name: await connected(dsn, connections) for name, dsn in dsns.items()}
            lockers = [await connected(dsn, connections) for dsn in dsns.values()]
            moment = await taken(exporters, lockers)
        except psycopg.errors.InsufficientPrivilege as exc:
            raise ServiceUnavailableError(f"no moment of the databases: {line_of(exc)}. {DENIED}") from exc
        except psycopg.OperationalError as exc:
            raise ServiceUnavailableError(f"no moment of the databases: {line_of(exc)}") from exc
        yield moment


async def connected(dsn: str, connections: AsyncExitStack) -> Connection:
    connecting = psycopg.AsyncConnection.connect(dsn, autocommit=True, connect_timeout=CONNECT_SECONDS)
    return await connections.enter_async_context(await connecting)


async def taken(exporters: Mapping[str, Connection], lockers: Sequence[Connection]) -> Moment:
    """Lock, export, unlock; where a writer does not end, all locks are let go before the next try."""
    for attempt in range(1, TRIES + 1):
        begun = time.monotonic()
        if await locked(lockers):
            exports = {name: await exported(exporter) for name, exporter in exporters.items()}
            await asyncio.gather(*(locker.execute(UNLOCK) for locker in lockers))
            seconds = time.monotonic() - begun
            return Moment(max(at for _, at in exports.values()), {n: s for n, (s, _) in exports.items()}, seconds)
        log.warning("writers give no way yet", attempt=attempt)
        await asyncio.sleep(attempt / 2)
    raise ServiceUnavailableError(f"no moment of the databases: writers did not end in {TRIES} tries")


async def locked(lockers: Sequence[Connection]) -> bool:
    """Lock all databases, or none of them."""
    results = await asyncio.gather(*(locker.execute(LOCK) for locker in lockers), return_exceptions=True)
    errors = [result for result in results if isinstance(result, BaseException)]
    if not errors:
        return True
    await asyncio.gather(*(locker.execute(UNLOCK) for locker in lockers))
    if others := [error for error in errors if not isinstance(error, NO_WAY)]:
        raise others[0]
    return False


def line_of(exc: psycopg.Error) -> str:
    """Return what the server says; the lines after it may show what is in a row."""
    return str(exc).partition("\n")[0]


async def exported(exporter: Connection) -> tuple[str, datetime]:
    cursor = await exporter.execute(EXPORT)
    while cursor.nextset():
        pass
    row = await cursor.fetchone()
    assert row is not None
    snapshot, at = row
    assert isinstance(at, datetime)
    return str(snapshot), at
