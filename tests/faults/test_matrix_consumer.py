"""F8: events three times each, shuffled across keys, with gaps between those of a key: as if each had come once, in order."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aktenfluss.kernel import Event, new_id
from aktenfluss.servicekit import Batch, Database, Inbox, Limits, Subscriptions
from aktenfluss.testkit import PreparedServer

pytestmark = pytest.mark.faults
TYPE = "de.aktenfluss.cases.case-file-changed.v1"
AT = datetime(2026, 3, 2, tzinfo=UTC)
MIGRATIONS = "aktenfluss.cases.adapters.migrations"
TIMES = 3


def event(key: str, version: int) -> Event:
    return Event(
        id=new_id(),
        type=TYPE,
        tenant_id="offenbach",
        key=key,
        subject=key,
        aggregate_version=version,
        actor="test:somebody",
        correlation_id="",
        occurred_at=AT,
        data={},
    )


def shuffled(by_key: dict[str, list[Event]], seed: int) -> list[Event]:
    """Mix the keys, each in its order; then send stretches of what was sent again, as relays and groups do."""
    dice = random.Random(seed)
    waiting = {key: list(events) for key, events in by_key.items() if events}
    sent: list[Event] = []
    while waiting:
        key = dice.choice(sorted(waiting))
        sent.append(waiting[key].pop(0))
        if not waiting[key]:
            del waiting[key]
    again: list[Event] = []
    for end in range(1, len(sent) + 1, 7):
        again += sent[max(0, end - 7) : end] * (TIMES - 1)
        again += sent[:end][-dice.randint(1, 20) :]
    return [*sent[: len(sent) // 2], *again, *sent]


@dataclass
class Script:
    """A bus that hands out what it was told, in batches; implements `EventBus` and `Consumer` as far as they are asked."""

    events: Sequence[Event]
    size: int
    position: int = 0
    losses: set[int] = field(default_factory=set)

    async def consumer(self, *_: object) -> "Script":
        return self

    async def poll(self, limit: int, wait_seconds: float) -> list[Batch]:
        part = self.events[self.position : self.position + self.size]
        self.position += len(part)
        return [Batch("cases", 0, part, self.position)] if part else []

    def holds(self, batch: Batch) -> bool:
        return True

    async def commit(self, *batches: Batch) -> None: ...

    async def close(self) -> None: ...


class Projection:
    """What a consumer makes of the events: for each key their versions, as they came."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = defaultdict(list)

    async def apply(self, event: Event) -> None:
        self.seen[event.key].append(event.aggregate_version)


@pytest.fixture
async def database(postgres: PreparedServer):
    address = await postgres.empty_database("cases", MIGRATIONS)
    database = await Database.connect(address.app_dsn, Limits(pool_size=2))
    yield database
    await database.close()


async def project(database: Database, events: Sequence[Event], size: int) -> dict[str, list[int]]:
    async with database.session() as connection:
        await connection.execute("DELETE FROM inbox")
    projection = Projection()
    subscriptions = Subscriptions(frozenset({"cases"}), {TYPE: projection.apply})
    await Inbox("cases", database, Script(events, size), subscriptions).drain()
    return projection.seen


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(st.integers(0, 8), min_size=1, max_size=8), seed=st.integers(0, 1000), size=st.integers(1, 60))
async def test_f8_a_consumer_sees_each_event_once_and_each_key_in_order(database, counts, seed, size) -> None:
    # Versions with gaps: not every step of an aggregate is told to everybody.
    by_key = {
        f"key-{number}": [event(f"key-{number}", 2 * version) for version in range(count)]
        for number, count in enumerate(counts)
    }
    expected = {key: [event.aggregate_version for event in events] for key, events in by_key.items() if events}
    assert await project(database, shuffled(by_key, seed), size) == expected


async def test_f8_ten_thousand_deliveries(database: Database) -> None:
    by_key = {f"key-{number}": [event(f"key-{number}", version) for version in range(1, 26)] for number in range(100)}
    deliveries = shuffled(by_key, seed=8)
    assert len(deliveries) > 10_000
    assert await project(database, deliveries, 50) == {key: list(range(1, 26)) for key in by_key}
