"""The fixtures of the test kit, known to pytest by its entry point."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from aktenfluss.servicekit import EmbeddedPostgres, FileStore, PostgresEventBus

from .clock import FixedClock
from .house import House
from .postgres import PreparedServer


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PreparedServer]:
    """Run a real PostgreSQL server of this test process; its databases are made once and emptied for each test."""
    server = EmbeddedPostgres.start(tmp_path_factory.mktemp("postgres") / "data")
    yield PreparedServer(server)
    server.stop()


@pytest.fixture
def clock() -> FixedClock:
    """Give a clock that stands."""
    return FixedClock()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """Give an empty object store."""
    return FileStore(tmp_path / "objects")


@pytest.fixture
async def bus(postgres: PreparedServer) -> AsyncIterator[PostgresEventBus]:
    """Give an empty event bus."""
    address = await postgres.empty_database("bus", "aktenfluss.servicekit.bus_migrations")
    bus = await PostgresEventBus.connect(address.app_dsn)
    yield bus
    await bus.close()


@pytest.fixture
async def house(
    postgres: PreparedServer, bus: PostgresEventBus, store: FileStore, clock: FixedClock, tmp_path: Path
) -> AsyncIterator[House]:
    """Give a house in which services are started: `await house.start("cases")`."""
    house = House(postgres, bus, store, clock, tmp_path / "installation")
    yield house
    await house.close()
