"""A transaction changes all or nothing, and only its tenant's records."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert
from sqlalchemy.dialects.postgresql import UUID

from aktenfluss.kernel import Principal, new_id
from aktenfluss.servicekit import Database, DatabaseAddress, ServiceUnavailableError, prepare
from aktenfluss.servicekit.database.database import NotCommittedError
from aktenfluss.testkit import PreparedServer

OFFENBACH = Principal("test:clerk", "offenbach", correlation_id="request-1")
HANAU = Principal("test:clerk", "hanau")
INSERT = prepare(
    insert(Table("thing", MetaData(), Column("tenant_id", Text), Column("id", UUID), Column("number", Integer)))
)


async def count(address: DatabaseAddress, table: str, postgres: PreparedServer) -> int:
    connection = await asyncpg.connect(postgres.superuser_dsn("scratch"))
    try:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")
    finally:
        await connection.close()


async def test_state_and_fact_commit_together(add, numbers, address, postgres):
    await add(OFFENBACH, 1)
    assert await numbers(OFFENBACH) == [1]
    assert await count(address, "outbox", postgres) == 1


async def test_an_exception_leaves_neither_state_nor_fact_nor_job(add, database, numbers, address, postgres):
    with pytest.raises(RuntimeError):
        async with database.transaction(OFFENBACH) as tx:
            await add(OFFENBACH, 1)
            await tx.defer("job", {"number": 1})
            raise RuntimeError
    assert await numbers(OFFENBACH) == []
    assert await count(address, "outbox", postgres) == 0
    assert await count(address, "procrastinate_jobs", postgres) == 0


async def test_a_transaction_that_goes_on_behind_a_failed_statement_does_not_pass_for_committed(database, numbers):
    with pytest.raises(NotCommittedError):
        async with database.transaction(OFFENBACH) as tx:
            await tx.execute(INSERT, tenant_id="offenbach", id=new_id(), number=1)
            with suppress(asyncpg.PostgresError):
                await tx.connection.execute("SELECT 1 / 0")
    assert await numbers(OFFENBACH) == []


async def test_a_cancelled_transaction_rolls_back_and_gives_its_connection_back(add, database, numbers):
    async def never_ends() -> None:
        async with database.transaction(OFFENBACH):
            await add(OFFENBACH, 1)
            await asyncio.Event().wait()

    for _ in range(10):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(never_ends(), 0.02)
    assert await numbers(OFFENBACH) == []


async def test_a_foreign_tenant_sees_nothing(add, numbers):
    await add(OFFENBACH, 1)
    assert await numbers(HANAU) == []


async def test_without_a_tenant_nothing_exists(add, database, numbers):
    await add(OFFENBACH, 1)
    assert await numbers(Principal("nobody", "")) == []
    async with database.session() as connection:
        assert await connection.fetch("SELECT * FROM thing") == []


async def test_a_row_of_a_foreign_tenant_cannot_be_written(database):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(OFFENBACH) as tx:
            await tx.execute(INSERT, tenant_id="hanau", id=new_id(), number=1)


async def test_the_tenant_ends_with_the_transaction(add, database, numbers):
    await add(OFFENBACH, 1)
    async with database.session() as connection:
        assert not await connection.fetchval("SELECT current_setting('app.tenant', true)")


@pytest.mark.parametrize("tenant", ["a'; DROP TABLE thing; --", "Ä", "a b", "x" * 41])
async def test_only_a_tenant_id_gets_into_the_transaction(database, tenant):
    with pytest.raises(ValueError, match="tenant"):
        async with database.transaction(Principal("x", tenant)):
            pass


async def test_an_inner_transaction_joins_and_changes_tenant(add, database, numbers):
    async with database.transaction(OFFENBACH):
        await add(HANAU, 2)
        await add(OFFENBACH, 1)
    assert (await numbers(OFFENBACH), await numbers(HANAU)) == ([1], [2])


async def test_reading_joins_what_is_not_committed_yet(add, database, numbers):
    async with database.transaction(OFFENBACH):
        await add(OFFENBACH, 1)
        assert await numbers(OFFENBACH) == [1]


async def test_reading_cannot_write(database):
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.reading(OFFENBACH) as tx:
            await tx.execute(INSERT, tenant_id="offenbach", id=new_id(), number=1)


async def test_maintenance_reads_over_all_tenants_and_writes_nothing(add, database):
    await add(OFFENBACH, 1)
    await add(HANAU, 2)
    async with database.maintenance() as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM thing") == 2
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.maintenance() as tx:
            await tx.connection.execute("DELETE FROM thing")


async def test_an_event_says_who_when_and_why(add, database, clock):
    await add(OFFENBACH, 7)
    async with database.session() as connection:
        row = await connection.fetchrow("SELECT * FROM outbox")
    assert (row["tenant"], row["actor"], row["correlation_id"]) == ("offenbach", "test:clerk", "request-1")
    assert (row["occurred_at"], row["payload"], row["aggregate_version"]) == (clock.now(), {"number": 7}, 7)


async def test_a_database_that_is_not_there_is_a_problem_that_passes():
    with pytest.raises(ServiceUnavailableError):
        await Database.connect("postgresql://nobody@/none?host=/nonexistent")


async def test_a_killed_connection_is_a_problem_that_passes(database, postgres, numbers):
    with pytest.raises(ServiceUnavailableError):
        async with database.transaction(OFFENBACH) as tx:
            pid = await tx.connection.fetchval("SELECT pg_backend_pid()")
            killer = await asyncpg.connect(postgres.superuser_dsn("scratch"))
            await killer.execute("SELECT pg_terminate_backend($1)", pid)
            await killer.close()
            await tx.connection.execute("SELECT 1")
    assert await numbers(OFFENBACH) == []
