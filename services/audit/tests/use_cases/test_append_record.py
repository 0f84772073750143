"""Appending: gapless positions, chains per key, each event once."""

import asyncio

import asyncpg
import pytest

from aktenfluss.audit.domain.record import NO_HASH


async def records(log, tenant_id="offenbach"):
    return [linked.record for linked in await log.inventory.records(tenant_id, None, 1000)]


async def test_records_stand_in_the_order_of_arrival(log):
    await log.record("file-1", "file-2", "file-1")
    found = await records(log)
    assert [(r.position, r.chain_key, r.chain_seq) for r in found] == [
        (1, "file-1", 1),
        (2, "file-2", 1),
        (3, "file-1", 2),
    ]


async def test_each_record_of_a_chain_carries_the_hash_of_the_one_before(log):
    await log.record("file-1", "file-2", "file-1")
    first, other, second = await records(log)
    assert (first.previous_hash, other.previous_hash) == (NO_HASH, NO_HASH)
    assert second.previous_hash == first.hash == first.computed_hash()


async def test_a_record_keeps_what_the_event_said(log):
    event = log.event()
    await log.append(event)
    (record,) = await records(log)
    assert (record.event_id, record.type, record.actor) == (event.id, event.type, event.actor)
    assert record.payload == '{"case_file_id":"file-1","version":1}'


async def test_an_event_that_comes_twice_is_one_record(log):
    event = log.event()
    await log.append(event)
    await log.append(event)
    assert len(await records(log)) == 1


async def test_each_tenant_has_its_own_positions(log):
    await log.record("file-1", "file-1")
    await log.record("file-1", tenant_id="hanau")
    assert [r.position for r in await records(log, "hanau")] == [1]


async def test_writers_at_the_same_time_leave_no_gap(log):
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(log.append(log.event(f"file-{number % 4}")))
    assert [r.position for r in await records(log)] == list(range(1, 41))
    assert (await log.verify()).ok


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_record SET actor = 'nobody'", "DELETE FROM audit_record", "TRUNCATE audit_record"]
)
async def test_the_service_itself_may_only_add(log, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with log.database.session() as connection:
            await connection.execute(statement)
