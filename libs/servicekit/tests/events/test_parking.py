"""A bad event stops only its key, and an operator's retry applies what was parked once and in order."""

import asyncio
import json
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from aktenfluss.kernel import Event, Principal, new_id
from aktenfluss.servicekit import Batch, Parking, ServiceUnavailableError
from aktenfluss.servicekit.events import parking
from aktenfluss.servicekit.events.cloud_events import NotAnEventError, event_of, headers_of
from aktenfluss.servicekit.events.pulse import LIVE_SECONDS, Pulse
from aktenfluss.servicekit.http.logging import AllowedFields, tell_failure
from aktenfluss.testkit import PATIENCE_SECONDS
from aktenfluss.testkit.event_bus_contract import event, joined

OFFENBACH = Principal("test:clerk", "offenbach")
HANAU = Principal("test:clerk", "hanau")


@pytest.fixture
def park(add, relay, inbox, applied):
    """Give a function that lets the first `count` events of a key be parked, and then removes the cause."""

    async def park_key(key: str, count: int) -> None:
        applied.bad_keys[key] = ValueError()
        for number in range(count):
            await add(OFFENBACH, number, key=key)
        await relay.drain()
        await inbox.drain()
        del applied.bad_keys[key]

    return park_key


class Hesitant:
    """A handler that waits, once it has its first event, until it may go on."""

    def __init__(self, handle) -> None:
        self.has_begun, self.may_go_on = asyncio.Event(), asyncio.Event()
        self._handle = handle

    async def handle(self, event: Event) -> None:
        self.has_begun.set()
        await self.may_go_on.wait()
        await self._handle(event)


class Busy:
    """A bus that always has something to read, of which nothing concerns the service."""

    async def consumer(self, group, services):
        return self

    async def poll(self, limit, wait_seconds):
        await asyncio.sleep(0)
        return [Batch("aktenfluss.scratch.v1", 0, [], 0)]

    def holds(self, batch) -> bool:
        return True

    async def commit(self, *batches) -> None: ...

    async def lag(self):
        return {}

    async def close(self) -> None: ...


async def test_a_poison_event_parks_its_key_and_nothing_else(add, database, relay, inbox, applied, numbers):
    applied.bad_keys["bad"] = ValueError("Öztürk")
    for number in range(3):
        await add(OFFENBACH, number, key="bad")
        await add(OFFENBACH, number, key="good")
    await relay.drain()
    await inbox.drain()
    assert [number for number in await numbers(OFFENBACH) if number >= 1000] == [1000, 1001, 1002]
    parked = await Parking(database).list()
    assert [(event.key, event.problem) for event in parked] == [
        ("bad", "ValueError"),
        ("bad", "waits-behind-its-key"),
        ("bad", "waits-behind-its-key"),
    ]


async def test_the_log_tells_which_event_is_parked_why_and_where(database, park):
    with capture_logs(processors=[tell_failure, AllowedFields(CollectorRegistry())]) as logs:
        await park("bad", 1)
    [line] = [line for line in logs if line["event"] == "event parked"]
    [event] = await Parking(database).list()
    assert (line["event_id"], line["event_type"], line["problem"]) == (str(event.id), event.type, event.problem)
    assert (line["error"], line["place"].startswith("servicekit/events/inbox.py:")) == ("ValueError", True)


async def test_a_retry_applies_the_key_in_its_order(database, park, inbox, applied):
    await park("bad", 3)
    assert await Parking(database).retry() == 3
    await inbox.drain()
    assert applied.of("bad") == [0, 1, 2]
    assert await Parking(database).list() == []


async def test_an_authority_does_not_wait_for_another_with_the_same_key(add, database, relay, inbox, applied):
    applied.bad_tenants = {"offenbach"}
    for number, principal in enumerate([OFFENBACH, HANAU, OFFENBACH]):
        await add(principal, number, key="audit-log")
    await relay.drain()
    await inbox.drain()
    assert applied.of("audit-log") == [1]
    assert [event.tenant_id for event in await Parking(database).list()] == ["offenbach", "offenbach"]


async def test_a_retry_that_fails_holds_up_its_own_authority_alone(add, database, relay, inbox, applied):
    applied.bad_tenants = {"offenbach", "hanau"}
    for number, principal in enumerate([OFFENBACH, HANAU]):
        await add(principal, number, key="audit-log")
    await relay.drain()
    await inbox.drain()
    applied.bad_tenants = {"offenbach"}
    [first, second] = await Parking(database).list()
    assert [await Parking(database).retry(event.id) for event in (first, second)] == [1, 1]
    await inbox.drain()
    assert [(event.id, event.attempts) for event in await Parking(database).list()] == [(first.id, 2)]
    assert applied.of("audit-log") == [1]


async def test_nothing_is_tried_again_that_nobody_asked_for(database, park, inbox, applied):
    await park("bad", 2)
    await inbox.drain()
    assert (applied.seen, len(await Parking(database).list())) == ([], 2)


async def test_a_retry_that_fails_leaves_the_key_parked_and_counts(database, park, inbox, applied):
    await park("bad", 2)
    event, behind = await Parking(database).list()
    assert await Parking(database).retry(behind.id) == 2
    applied.bad_keys["bad"] = ValueError()
    await inbox.drain()
    del applied.bad_keys["bad"]
    await inbox.drain()
    assert [(e.id, e.attempts) for e in await Parking(database).list()] == [(event.id, 2), (behind.id, 1)]
    assert applied.seen == []


async def test_a_retry_that_fails_for_the_moment_holds_up_no_other_and_is_tried_again(database, park, inbox, applied):
    for key in ("first", "second", "third"):
        await park(key, 1)
    await Parking(database).retry()
    applied.bad_keys["second"] = ServiceUnavailableError("down")
    await inbox.drain()
    assert {key for key, _ in applied.seen} == {"first", "third"}
    applied.bad_keys.clear()
    await inbox.drain()
    assert (applied.of("second"), await Parking(database).list()) == ([0], [])


async def test_two_workers_apply_a_retried_key_once_and_in_order(
    database, postgres, park, listening, inbox, applied, numbers
):
    await park("bad", 3)
    await Parking(database).retry()
    hesitant = Hesitant(applied.handle)
    working = [asyncio.create_task(listening(hesitant.handle).drain())]
    await hesitant.has_begun.wait()
    working.append(asyncio.create_task(inbox.drain()))
    await until_locked(postgres)
    hesitant.may_go_on.set()
    await asyncio.gather(*working)
    assert applied.of("bad") == [0, 1, 2]
    assert [number for number in await numbers(OFFENBACH) if number >= 1000] == [1000, 1001, 1002]


async def until_locked(postgres) -> None:
    """Return when a session waits for a lock of another one."""
    observer = await asyncpg.connect(postgres.superuser_dsn("postgres"))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await observer.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            await asyncio.sleep(0.01)
    await observer.close()


async def test_what_arrives_during_a_retry_follows_it(add, bus, database, park, relay, listening, inbox, applied):
    await park("bad", 1)
    await Parking(database).retry()
    hesitant = Hesitant(applied.handle)
    retrying = asyncio.create_task(listening(hesitant.handle).drain())
    await hesitant.has_begun.wait()
    await add(OFFENBACH, 1, key="bad")
    await relay.drain()
    async with joined(bus, "consumer", {"scratch"}) as consumer:
        await inbox._take_all(consumer, await consumer.poll(10, 0))
    hesitant.may_go_on.set()
    await retrying
    assert (applied.of("bad"), await Parking(database).list()) == ([0, 1], [])


async def test_a_busy_worker_takes_up_a_retry(database, park, listening, applied):
    await park("bad", 3)
    await Parking(database).retry()
    running = asyncio.create_task(listening(applied.handle, bus=Busy()).run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await Parking(database).list():
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert applied.of("bad") == [0, 1, 2]


async def test_a_long_retry_gives_way_to_new_events(database, park, inbox, applied):
    await park("bad", 3)
    await Parking(database).retry()
    await inbox._retry_parked(until=0)
    assert applied.of("bad") == [0]


async def test_each_retry_is_a_sign_of_life(database, park, listening):
    await park("bad", 3)
    await Parking(database).retry()
    pulse, alive = Pulse(), []

    async def take_long(_: Event) -> None:
        alive.append(pulse.is_alive)
        pulse._beat_at -= 2 * LIVE_SECONDS

    await listening(take_long, pulse=pulse).drain()
    assert alive == [True, True, True]


ATTRIBUTE = st.text(st.characters(codec="utf-8"), max_size=20).map(str.encode) | st.integers(0, 4000).map(
    lambda n: b"k" * n
)
LEAVES = st.none() | st.integers() | st.floats() | st.text()
OBJECTS = st.dictionaries(
    st.text(), st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
)
RECORDS = st.fixed_dictionaries(
    {
        "ce_time": st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat().encode()),
        "ce_aggregateversion": st.integers(-(2**33), 2**33).map(lambda number: str(number).encode()),
    }
    | {f"ce_{name}": ATTRIBUTE for name in ("subject", "partitionkey", "tenant", "actor", "correlationid")}
)
DATA = OBJECTS.map(lambda data: json.dumps(data).encode()) | st.integers(1, 1000).map(
    lambda depth: b'{"deep": ' + b"[" * depth + b"]" * depth + b"}"
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], print_blob=True)
@given(attributes=RECORDS, value=DATA)
async def test_whatever_is_taken_for_an_event_can_be_parked(attributes, value, database):
    """Else a foreign record would end every reader, again and again: what cannot be parked cannot be passed over."""
    headers = dict(headers_of(event("a"))) | attributes | {"ce_id": str(new_id()).encode()}
    try:
        foreign = event_of(headers.items(), value)
    except NotAnEventError:
        return
    async with database.session() as connection:
        await parking.park(connection, foreign, "ValueError")


async def test_retrying_an_unknown_event_does_nothing(database):
    assert await Parking(database).retry(uuid4()) == 0
