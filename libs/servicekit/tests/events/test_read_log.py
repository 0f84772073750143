"""A read is told before its answer leaves, or the answer does not leave."""

import asyncio
from typing import ClassVar

import pytest

from aktenfluss.kernel import EventData, Principal
from aktenfluss.servicekit import ReadLog, ServiceUnavailableError
from aktenfluss.testkit import PATIENCE_SECONDS

OFFENBACH = Principal("test:clerk", "offenbach", correlation_id="request-1")


class ThingRead(EventData):
    """Somebody read a thing."""

    type: ClassVar[str] = "de.aktenfluss.scratch.thing-read.v1"
    number: int


async def test_a_read_is_in_the_outbox_when_the_call_returns(database, clock):
    await ReadLog(database, clock).record(OFFENBACH, ThingRead(number=3), key="k", subject="s", version=2)
    async with database.session() as connection:
        row = await connection.fetchrow("SELECT * FROM outbox")
    assert (row["type"], row["key"], row["subject"], row["aggregate_version"]) == (ThingRead.type, "k", "s", 2)
    assert (row["actor"], row["correlation_id"], row["payload"]) == ("test:clerk", "request-1", {"number": 3})
    assert database.committed_facts.is_set()


async def test_many_readers_share_few_commits(database, clock):
    log = ReadLog(database, clock)
    async with database.session() as connection:
        before = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
        reads = [log.record(OFFENBACH, ThingRead(number=n), key="k", subject="s", version=1) for n in range(200)]
        await asyncio.gather(*reads)
        after = await connection.fetchval("SELECT pg_current_xact_id()::text::bigint")
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 200
    assert after - before < 20


async def test_a_read_that_cannot_be_told_is_refused(database, clock):
    await database.close()
    with pytest.raises(ServiceUnavailableError):
        await ReadLog(database, clock).record(OFFENBACH, ThingRead(number=1), key="k", subject="s", version=1)


async def test_a_reader_who_leaves_disturbs_no_other(database, clock):
    log = ReadLog(database, clock)
    gone = asyncio.create_task(log.record(OFFENBACH, ThingRead(number=1), key="k", subject="s", version=1))
    await asyncio.sleep(0)
    gone.cancel()
    await log.record(OFFENBACH, ThingRead(number=2), key="k", subject="s", version=1)
    async with database.session() as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox WHERE payload = '{\"number\": 2}'") == 1


async def test_a_read_that_no_database_could_hold_is_refused_and_disturbs_none_behind_it(database, clock):
    log = ReadLog(database, clock)
    bad = asyncio.create_task(log.record(OFFENBACH, ThingRead(number=1), key="\0", subject="s", version=1))
    while log._writer is None or log._waiting:  # until it is being written
        await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await log.record(OFFENBACH, ThingRead(number=2), key="k", subject="s", version=1)
    with pytest.raises(ServiceUnavailableError):
        await bad
    async with database.session() as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 1
