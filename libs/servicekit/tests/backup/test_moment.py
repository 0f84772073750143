"""A moment of two databases: nothing is known in one that its teller does not know in the other."""

import asyncio
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from aktenfluss.servicekit import ServiceUnavailableError
from aktenfluss.servicekit.backup import moment
from aktenfluss.servicekit.backup.moment import one_moment

SCRATCH = Path(__file__).parents[1] / "scratch_migrations"
TELL = """
INSERT INTO outbox (topic, slot, id, key, type, tenant, subject, aggregate_version, actor, correlation_id, occurred_at, payload)
VALUES ('t', 0, %s, 'k', 't', 'offenbach', 'k', 1, 'a', '', now(), '{}')
"""
APPLY = "INSERT INTO inbox (id) VALUES (%s)"


@pytest.fixture
async def dsns(postgres):
    """Give two databases, of one that tells and one that applies."""
    for name in ("scratch", "other"):
        await postgres.empty_database(name, SCRATCH)
    return {name: postgres.superuser_dsn(name) for name in ("scratch", "other")}


async def execute(dsn: str, statement: str, *values: object) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement, values or None)


async def ids_in(dsn: str, snapshot: str, table: str) -> set[object]:
    """Return what a dump out of the snapshot would hold."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        return {row[0] for row in await (await connection.execute(f"SELECT id FROM {table}")).fetchall()}


async def snapshot_ids(dsns: dict[str, str]) -> set[object]:
    """Return which events a moment of all databases knows as applied in the other one."""
    async with one_moment(dsns) as taken:
        return await ids_in(dsns["other"], taken.snapshots["other"], "inbox")


async def test_whatever_was_applied_was_told(dsns):
    """Somebody tells and applies without a pause; no moment catches the one without the other."""
    stopped = asyncio.Event()

    async def tell_and_apply() -> None:
        while not stopped.is_set():
            event = uuid4()
            await execute(dsns["scratch"], TELL, event)
            await execute(dsns["other"], APPLY, event)

    busy = [asyncio.create_task(tell_and_apply()) for _ in range(3)]
    for _ in range(5):
        await asyncio.sleep(0.05)
        # The one that applies first: without the lock it would be the older of the two, and nothing would show.
        async with one_moment(dict(reversed(dsns.items()))) as taken:
            told = await ids_in(dsns["scratch"], taken.snapshots["scratch"], "outbox")
            applied = await ids_in(dsns["other"], taken.snapshots["other"], "inbox")
        assert applied <= told
        assert len(told - applied) <= 3
    stopped.set()
    await asyncio.gather(*busy)


async def test_writers_go_on_while_the_snapshots_are_there(dsns):
    late = uuid4()
    async with one_moment(dsns) as taken:
        await asyncio.wait_for(execute(dsns["scratch"], TELL, late), 5)
        assert late not in await ids_in(dsns["scratch"], taken.snapshots["scratch"], "outbox")
    assert taken.held_seconds < 5


async def test_snapshots_outlast_what_the_server_allows_to_who_does_nothing(dsns):
    hasty = {name: f"{dsn}&options=-cidle_in_transaction_session_timeout%3D50" for name, dsn in dsns.items()}
    async with one_moment(hasty) as taken:
        await asyncio.sleep(0.3)
        assert await ids_in(dsns["other"], taken.snapshots["other"], "inbox") == set()


async def test_a_writer_that_ends_late_is_waited_for(dsns):
    slow = uuid4()
    async with await psycopg.AsyncConnection.connect(dsns["other"]) as writer:
        await writer.execute(APPLY, [slow])
        asyncio.get_running_loop().call_later(2.5, lambda: asyncio.ensure_future(writer.commit()))
        async with one_moment(dsns) as taken:
            assert slow in await ids_in(dsns["other"], taken.snapshots["other"], "inbox")


async def waits_for_lock(dsn: str) -> None:
    """Return when somebody waits for a lock in the database."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while not await (await connection.execute(waiting)).fetchone():
            await asyncio.sleep(0.01)


async def test_one_that_applies_and_then_tells_does_not_wait_for_the_moment(dsns, monkeypatch):
    """So every handler works that tells of what it did; neither of the two is thrown out of the database."""
    monkeypatch.setattr(moment, "TRIES", 1)
    event = uuid4()
    async with await psycopg.AsyncConnection.connect(dsns["other"]) as writer, asyncio.TaskGroup() as group:
        await writer.execute(APPLY, [event])
        moment_of = group.create_task(snapshot_ids(dsns))
        await waits_for_lock(dsns["other"])
        await writer.execute(TELL, [event])
        await writer.commit()
    assert event in moment_of.result()


async def test_one_that_tells_and_then_applies_is_tried_again(dsns):
    """Nobody of the house does; an operator's statement may, and PostgreSQL throws one of the two out."""
    event = uuid4()
    async with await psycopg.AsyncConnection.connect(dsns["other"]) as writer, asyncio.TaskGroup() as group:
        await writer.execute("SET deadlock_timeout = '1min'")
        await writer.execute(TELL, [event])
        moment_of = group.create_task(snapshot_ids(dsns))
        await waits_for_lock(dsns["other"])
        await writer.execute(APPLY, [event])
        await writer.commit()
    assert event in moment_of.result()


async def test_one_that_never_ends_is_told_and_leaves_no_lock(dsns, monkeypatch):
    monkeypatch.setattr(moment, "TRIES", 1)
    async with await psycopg.AsyncConnection.connect(dsns["other"]) as writer:
        await writer.execute("LOCK TABLE inbox IN ROW EXCLUSIVE MODE")
        with pytest.raises(ServiceUnavailableError, match="writers did not end"):
            async with one_moment(dsns):
                pass
        await asyncio.wait_for(execute(dsns["scratch"], "DELETE FROM outbox"), 5)


async def test_a_role_that_may_not_lock_is_told_what_it_needs(dsns, postgres):
    address = postgres.server.ensure_database("scratch")
    await execute(dsns["scratch"], "REVOKE INSERT, UPDATE, DELETE ON outbox FROM scratch_app")
    try:
        with pytest.raises(ServiceUnavailableError, match="member of the owner, with BYPASSRLS"):
            async with one_moment({"scratch": address.app_dsn}):
                pass
    finally:
        await execute(dsns["scratch"], "GRANT INSERT, UPDATE, DELETE ON outbox TO scratch_app")


async def test_a_database_that_is_away_is_told():
    with pytest.raises(ServiceUnavailableError, match="no moment of the databases"):
        async with one_moment({"scratch": "postgresql://nobody@127.0.0.1:1/scratch"}):
            pass
