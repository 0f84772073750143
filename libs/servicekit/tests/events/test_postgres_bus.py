"""The postgres bus keeps the contract of every event bus."""

import asyncpg
import pytest

from aktenfluss.testkit import EventBusContract
from aktenfluss.testkit.event_bus_contract import Disturb

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
