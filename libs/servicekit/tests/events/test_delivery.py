"""From outbox to consumer: nothing lost, nothing twice, each key in order."""

import asyncio
from collections import defaultdict
from itertools import pairwise

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aktenfluss.kernel import Event, Principal
from aktenfluss.servicekit import Parking, Relay, ServiceUnavailableError
from aktenfluss.testkit import PATIENCE_SECONDS

OFFENBACH = Principal("test:clerk", "offenbach")


async def test_an_event_is_applied_once_and_its_effect_commits(add, relay, inbox, applied, numbers):
    await add(OFFENBACH, 1)
    assert (await relay.drain(), await inbox.drain()) == (1, 1)
    assert applied.seen == [("key", 1)]
    assert await numbers(OFFENBACH) == [1, 1001]


async def test_a_relay_that_dies_before_it_marks_repeats_and_the_inbox_drops_it(add, database, relay, inbox, applied):
    await add(OFFENBACH, 1)
    await relay.drain()
    async with database.session() as connection:
        await connection.execute("UPDATE outbox SET published_at = NULL")
    await relay.drain()
    await inbox.drain()
    assert applied.seen == [("key", 1)]


class Choosy:
    """A bus that takes what it is told to take, as one does that is going down."""

    def __init__(self, bus, takes) -> None:
        self._bus = bus
        self._takes = takes

    async def publish(self, events):
        taken = [event for event in events if self._takes(event)]
        if not taken:
            raise ServiceUnavailableError("down")
        return await self._bus.publish(taken)


async def test_what_the_bus_did_not_take_stays_and_comes_later(add, address, bus, database, relay, inbox, applied):
    for number in range(3):
        await add(OFFENBACH, number, key="late")
        await add(OFFENBACH, number, key="early")
    choosy = Relay(address.app_dsn, Choosy(bus, lambda event: event.key == "early"), database.committed_facts)
    with pytest.raises(ServiceUnavailableError):
        await choosy.drain()
    await inbox.drain()
    assert (applied.of("early"), applied.of("late")) == ([0, 1, 2], [])
    await relay.drain()
    await inbox.drain()
    assert (applied.of("early"), applied.of("late")) == ([0, 1, 2], [0, 1, 2])


async def test_a_relay_asks_less_and_less_often_while_the_bus_alone_is_away(add, address, bus, database):
    asked: list[float] = []

    def refuse(_: Event) -> bool:
        asked.append(asyncio.get_running_loop().time())
        return False

    await add(OFFENBACH, 1)
    running = [asyncio.create_task(Relay(address.app_dsn, Choosy(bus, refuse), database.committed_facts).run())]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(asked) < 5:
            await asyncio.sleep(0.02)
    await end(running)
    assert all(after - before > 0.1 * 2**n for n, (before, after) in enumerate(pairwise(asked)))


async def test_two_relays_share_the_slots_and_keep_order(add, address, bus, database, inbox, applied):
    relays = [Relay(address.app_dsn, bus, database.committed_facts) for _ in range(2)]
    running = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        await asyncio.gather(*(write(add, f"key-{writer}", 25) for writer in range(8)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(applied.seen) < 200:
                await inbox.drain()
    finally:
        await end(running)
    for writer in range(8):
        assert applied.of(f"key-{writer}") == list(range(25))


async def write(add, key: str, count: int) -> None:
    for number in range(count):
        await add(OFFENBACH, number, key=key)


async def end(tasks: list[asyncio.Task]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_passes_by_itself_is_waited_for_and_never_parked(add, database, relay, inbox, applied):
    applied.bad_keys["key"] = ServiceUnavailableError("down")
    await add(OFFENBACH, 1)
    await relay.drain()
    draining = asyncio.create_task(inbox.drain())
    await asyncio.sleep(0.3)
    assert not draining.done()
    applied.bad_keys.clear()
    await asyncio.wait_for(draining, PATIENCE_SECONDS)
    assert (applied.seen, await Parking(database).list()) == ([("key", 1)], [])


async def test_a_consumer_and_a_relay_outlive_their_database_connections(add, numbers, postgres, relay, inbox):
    running = [asyncio.create_task(work.run()) for work in (relay, inbox)]
    try:
        for number in range(6):
            await insistently(add, OFFENBACH, number)
            await until(numbers, 1000 + number)
            await kill_connections(postgres)
    finally:
        await end(running)
    assert [number for number in await insistently(numbers, OFFENBACH) if number >= 1000] == list(range(1000, 1006))


async def insistently(call, *arguments):
    """Call again what failed because the pool still held killed connections, as a client does that gets a 503."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await call(*arguments)
            except ServiceUnavailableError:
                await asyncio.sleep(0.02)


async def until(numbers, wanted: int) -> None:
    """Return when the effect of an event is committed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while wanted not in await insistently(numbers, OFFENBACH):
            await asyncio.sleep(0.02)


async def kill_connections(postgres) -> None:
    killer = await asyncpg.connect(postgres.superuser_dsn("postgres"))
    await killer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('scratch', 'bus') AND pid <> pg_backend_pid()"
    )
    await killer.close()


FULL = """
CREATE SEQUENCE refused;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    PERFORM nextval('refused');
    RAISE 'no space left on device' USING ERRCODE = 'disk_full';
END $$;
"""
FREED = "DROP FUNCTION IF EXISTS refuse CASCADE; DROP SEQUENCE IF EXISTS refused"


@pytest.mark.parametrize(
    ("name", "change"),
    [("scratch", "UPDATE ON outbox"), ("bus", "INSERT ON event_log"), ("bus", "UPDATE ON consumer_offset")],
)
async def test_a_relay_and_a_consumer_outlive_a_full_disk(add, numbers, postgres, relay, inbox, name, change):
    """The server refuses a change as one does whose disk is full."""
    server = await asyncpg.connect(postgres.superuser_dsn(name))
    await server.execute(f"{FULL} CREATE TRIGGER full_disk BEFORE {change} FOR EACH ROW EXECUTE FUNCTION refuse()")
    running = [asyncio.create_task(work.run()) for work in (relay, inbox)]
    try:
        await add(OFFENBACH, 1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await server.fetchval("SELECT last_value FROM refused") < 3:  # waited for, and tried again
                assert not any(task.done() for task in running)
                await asyncio.sleep(0.02)
        await server.execute(FREED)
        await until(numbers, 1001)
    finally:
        await end(running)
        await server.execute(FREED)
        await server.close()


class GivenAway:
    """A bus whose consumer gives its batch away when it is told to, as one on Kafka does to another process."""

    def __init__(self, bus) -> None:
        self._bus = bus
        self.held = True

    async def consumer(self, group, services):
        self._consumer = await self._bus.consumer(group, services)
        self.poll, self.close = self._consumer.poll, self._consumer.close
        return self

    def holds(self, batch) -> bool:
        return self.held

    async def commit(self, *batches) -> None:
        if self.held:
            await self._consumer.commit(*batches)


async def test_what_is_given_away_is_left_to_its_next_owner(add, bus, relay, listening, inbox, applied):
    leaving = GivenAway(bus)

    async def fail(event: Event) -> None:
        leaving.held = False
        raise ServiceUnavailableError("down")

    await add(OFFENBACH, 1)
    await relay.drain()
    consumer = await leaving.consumer("consumer", {"scratch"})
    batches = await consumer.poll(10, 0)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await listening(fail, bus=leaving)._take_all(consumer, batches)
    await inbox.drain()
    assert applied.seen == [("key", 1)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(plan=st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=15))
async def test_duplicates_never_change_the_outcome(plan, add, database, relay, inbox, applied):
    """Whatever is sent again by a relay that died, each consumer sees each key once and in order."""
    applied.seen.clear()
    expected = defaultdict(list)
    for number, (key, again) in enumerate(plan):
        await add(OFFENBACH, number, key=key)
        expected[key].append(number)
        await relay.drain()
        if again:
            async with database.session() as connection:
                await connection.execute(
                    "UPDATE outbox SET published_at = NULL WHERE seq > (SELECT max(seq) - 5 FROM outbox)"
                )
            await relay.drain()
    await inbox.drain()
    assert {key: applied.of(key) for key in expected} == dict(expected)
