"""A service waits for its database only so long; what takes longer is answered as unavailable, and nothing is changed."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from aktenfluss.kernel import Principal
from aktenfluss.servicekit import Database, Limits, ServiceSettings, ServiceUnavailableError
from aktenfluss.servicekit.database.limits import PRESENCE
from aktenfluss.testkit import PATIENCE_SECONDS

CLERK = Principal("clerk", "offenbach")
SHORT_SECONDS = 1.5
"""Long enough for what must succeed beside it on a busy machine: connections are made within these limits too."""
LOCK = "SELECT pg_advisory_xact_lock(7)"


@asynccontextmanager
async def opened(address, **limits):
    database = await Database.connect(address.app_dsn, Limits(pool_size=2, **limits))
    try:
        yield database
    finally:
        await database.close()


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(address):
    async with opened(address, statement=SHORT_SECONDS) as database:
        with pytest.raises(ServiceUnavailableError) as raised:
            async with database.transaction(CLERK) as tx:
                await tx.connection.execute("SELECT pg_sleep(60)")
        assert type(raised.value.__cause__).__name__ == "QueryCanceledError"
        async with database.transaction(CLERK) as tx:
            assert await tx.connection.fetchval("SELECT 1") == 1


async def test_a_lock_is_not_waited_for_for_ever(address):
    async with opened(address, lock=SHORT_SECONDS) as database, database.transaction(CLERK) as holder:
        await holder.connection.execute(LOCK)
        with pytest.raises(ServiceUnavailableError):
            await asyncio.create_task(taking_the_lock(database))


async def taking_the_lock(database):
    async with database.session() as connection:
        await connection.execute(LOCK)


async def test_a_forgotten_transaction_is_rolled_back(address):
    async with opened(address, idle_transaction=SHORT_SECONDS) as database:
        with pytest.raises(ServiceUnavailableError):
            async with database.transaction(CLERK) as tx, asyncio.timeout(PATIENCE_SECONDS):
                while not tx.connection.is_closed():
                    await asyncio.sleep(0.01)
        async with database.transaction(CLERK) as tx:
            assert await tx.connection.fetchval("SELECT 1") == 1


async def test_a_free_connection_is_not_waited_for_for_ever(address):
    async with opened(address, connect=SHORT_SECONDS) as database, database.session(), database.session():
        with pytest.raises(ServiceUnavailableError):
            async with database.session():
                pass


def test_the_settings_name_the_limits():
    settings = ServiceSettings(
        database_pool_size=3,
        database_connect_seconds=1,
        database_statement_seconds=2,
        database_lock_seconds=0.5,
        database_idle_transaction_seconds=4,
    )
    limits = Limits.of(settings)
    assert limits == Limits(pool_size=3, connect=1, statement=2, lock=0.5, idle_transaction=4)
    assert limits.session == PRESENCE | {
        "statement_timeout": "2000ms",
        "lock_timeout": "500ms",
        "idle_in_transaction_session_timeout": "4000ms",
    }


def test_the_defaults_of_both_are_the_same():
    assert Limits.of(ServiceSettings(_env_file=None)) == Limits()
