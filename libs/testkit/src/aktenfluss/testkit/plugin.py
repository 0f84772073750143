"""The fixtures of the test kit, known to pytest by its entry point."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aktenfluss.servicekit import EmbeddedPostgres, FileStore, PostgresEventBus

from .clock import FixedClock
from .house import House
from .postgres import PreparedServer
from .trace_collector import TraceCollector

MEMORY = Path("/dev/shm")
PLENTY = 4 << 30


@contextmanager
def fresh_folder(below: Path | None = None) -> Iterator[Path]:
    """Make a folder for an embedded server.

    Not below pytest's own: that is closed to the user as which the server runs where tests run as root.
    """
    with tempfile.TemporaryDirectory(prefix="aktenfluss-test-", dir=below) as folder:
        yield Path(folder)


def roomy_memory() -> Path | None:
    """Return a folder in memory where there is plenty, so that thousands of tests do not wait for a disk."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > PLENTY else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PreparedServer]:
    """Run a real PostgreSQL server of this test process; its databases are made once and emptied for each test."""
    with fresh_folder(roomy_memory()) as folder:
        server = EmbeddedPostgres.start(folder / "data")
        yield PreparedServer(server)
        server.stop()


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """Give an empty folder for an installation with an embedded server."""
    with fresh_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def shared_data_folder() -> Iterator[Path]:
    """Give the same for an installation that all tests of the process share."""
    with fresh_folder() as folder:
        yield folder


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
    address = await postgres.empty_database("bus", "aktenfluss.servicekit.events.bus_migrations")
    bus = await PostgresEventBus.connect(address.app_dsn)
    yield bus
    await bus.close()


@pytest.fixture
def collector() -> Iterator[TraceCollector]:
    """Give a collector of traces that has nothing yet."""
    collector = TraceCollector()
    yield collector
    collector.close()


@pytest.fixture
async def house(
    postgres: PreparedServer, bus: PostgresEventBus, store: FileStore, clock: FixedClock, tmp_path: Path
) -> AsyncIterator[House]:
    """Give a house in which services are started: `await house.start("cases")`."""
    house = House(postgres, bus, store, clock, tmp_path / "installation")
    yield house
    await house.close()
