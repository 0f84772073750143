"""The postgres bus keeps the contract of every event bus."""

import asyncpg
import pytest

from aktenfluss.servicekit import PostgresEventBus
from aktenfluss.servicekit.database.purge import BATCH
from aktenfluss.testkit import EventBusContract
from aktenfluss.testkit.event_bus_contract import Disturb, event, joined, read_all

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'bus'"


class TestPostgresEventBus(EventBusContract):
    """Runs on the `bus` fixture of the test kit."""

    @pytest.fixture
    def disturb(self, postgres) -> Disturb:
        async def cut() -> None:
            killer = await asyncpg.connect(postgres.superuser_dsn("postgres"))
            for _ in range(20):
                await killer.execute(CUT)
            await killer.close()

        return cut

    async def test_what_every_group_applied_expires(self, bus: PostgresEventBus) -> None:
        async with joined(bus, "fast") as fast, joined(bus, "slow") as slow:
            await bus.publish([event("a")])
            await read_all(fast)
            await bus.expire(0)
            assert len(await read_all(slow)) == 1
            await bus.expire(1)
            async with joined(bus, "late") as late:
                assert len(await read_all(late)) == 1
            await bus.expire(0)
        async with joined(bus, "later") as later:
            assert await later.poll(100, 0.1) == []

    async def test_all_that_is_applied_expires_however_much_there_is(self, bus: PostgresEventBus) -> None:
        async with joined(bus, "fast") as fast:
            for _ in range(3):
                await bus.publish([event("a", number) for number in range(BATCH // 2)])
            await read_all(fast, limit=BATCH)
            await bus.expire(0)
        async with joined(bus, "late") as late:
            assert await late.poll(100, 0.1) == []
