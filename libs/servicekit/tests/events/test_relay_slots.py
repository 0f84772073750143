"""Relays share an outbox fairly, and never hold the same key twice."""

from contextlib import AsyncExitStack

import asyncpg
import pytest

from aktenfluss.servicekit.events.relay_slots import hashes_of, join_relays, take_slots


@pytest.fixture
async def sessions(address):
    """Return how to open the session of another relay, and to end one."""
    async with AsyncExitStack() as closing:

        async def open_session() -> asyncpg.Connection:
            connection = await asyncpg.connect(address.app_dsn)
            closing.push_async_callback(connection.close)
            await join_relays(connection)
            return connection

        yield open_session


async def test_a_relay_alone_holds_every_slot(sessions):
    assert await take_slots(await sessions(), 4, []) == [0, 1, 2, 3]


async def test_a_relay_that_comes_gets_its_share_and_leaves_it_behind_when_it_goes(sessions):
    first = await sessions()
    held = await take_slots(first, 4, [])
    second = await sessions()
    assert await take_slots(second, 4, []) == []
    held = await take_slots(first, 4, held)
    assert (held, await take_slots(second, 4, [])) == ([0, 1], [2, 3])
    await second.close()
    assert await take_slots(first, 4, held) == [0, 1, 2, 3]


async def test_relays_beyond_the_slots_stand_by(sessions):
    relays = [await sessions() for _ in range(3)]
    assert [await take_slots(relay, 2, []) for relay in relays] == [[0], [1], []]
    await relays[0].close()
    assert [await take_slots(relay, 2, held) for relay, held in zip(relays[1:], ([1], []), strict=True)] == [[1], [0]]


@pytest.mark.parametrize(("before", "after"), [(4, 2), (2, 4), (4, 3), (1, 64)])
async def test_relays_with_another_number_of_slots_hold_no_key_twice(sessions, before, after):
    old, new = await sessions(), await sessions()
    held_before = await take_slots(old, before, [])
    held_after = await take_slots(new, after, [])
    assert held_before
    assert not hashes(held_before, before) & hashes(held_after, after)


def hashes(held: list[int], slots: int) -> set[int]:
    return {number for slot in held for number in hashes_of(slot, slots)}
