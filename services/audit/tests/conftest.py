"""A small audit log on a real database, and an intruder who may do everything there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count

import asyncpg
import pytest

from aktenfluss.audit.adapters.checkpoint_archive import ObjectCheckpointArchive
from aktenfluss.audit.adapters.inventory import SqlAuditInventory
from aktenfluss.audit.adapters.signer import KeySigner, new_private_key
from aktenfluss.audit.adapters.unit_of_work import SqlAuditUnitOfWork
from aktenfluss.audit.domain.finding import Report
from aktenfluss.audit.use_cases.append_record import AppendRecord
from aktenfluss.audit.use_cases.seal_records import SealRecords
from aktenfluss.audit.use_cases.verify_log import VerifyLog
from aktenfluss.kernel import Event, new_id
from aktenfluss.servicekit import Database, FileStore, KeyBundle
from aktenfluss.testkit import FixedClock, PreparedServer

MIGRATIONS = "aktenfluss.audit.adapters.migrations"


@dataclass
class Log:
    """The use cases of the service on one database and one store."""

    database: Database
    store: FileStore
    clock: FixedClock
    signer: KeySigner
    limit: int = 10_000

    def __post_init__(self) -> None:
        self.units = SqlAuditUnitOfWork(self.database)
        self.inventory = SqlAuditInventory(self.database)
        self.archive = ObjectCheckpointArchive(self.store)
        self.append = AppendRecord(self.units)
        self.versions = count(1)

    @property
    def seal(self) -> SealRecords:
        return SealRecords(self.units, self.inventory, self.archive, self.signer, self.clock, self.limit)

    async def verify(self, tenant_id: str | None = None, batch: int = 500) -> Report:
        return await VerifyLog(self.inventory, self.archive, self.signer, batch)(tenant_id)

    def event(self, key: str = "file-1", tenant_id: str = "offenbach") -> Event:
        version = next(self.versions)
        self.clock.advance(0.25)
        return Event(
            id=new_id(),
            type="de.aktenfluss.cases.case-file-read.v1",
            tenant_id=tenant_id,
            key=key,
            subject=key,
            aggregate_version=version,
            actor="user-7",
            correlation_id=f"request-{version}",
            occurred_at=self.clock.now(),
            data={"case_file_id": key, "version": version},
        )

    async def record(self, *keys: str, tenant_id: str = "offenbach") -> None:
        for key in keys:
            await self.append(self.event(key, tenant_id))

    async def fill(self, checkpoints: int, records: int, *, tenant_id: str = "offenbach") -> None:
        """Write as many records between checkpoints, in three chains."""
        for _ in range(checkpoints):
            await self.record(*(f"file-{number % 3}" for number in range(records)), tenant_id=tenant_id)
            await self.seal()


@pytest.fixture(scope="session")
def signer() -> KeySigner:
    return KeySigner(KeyBundle.of_pem(new_private_key(), "audit.pem"))


@pytest.fixture
async def log(postgres: PreparedServer, store: FileStore, clock: FixedClock, signer: KeySigner) -> AsyncIterator[Log]:
    address = await postgres.empty_database("audit", MIGRATIONS)
    database = await Database.connect(address.app_dsn, clock=clock)
    yield Log(database, store, clock, signer)
    await database.close()


@pytest.fixture
async def intruder(postgres: PreparedServer, log: Log) -> AsyncIterator[asyncpg.Connection]:
    """Connect as superuser, past row-level security and grants."""
    connection = await asyncpg.connect(postgres.superuser_dsn("audit"), server_settings={"synchronous_commit": "off"})
    yield connection
    await connection.close()


@pytest.fixture
def intrude(postgres: PreparedServer) -> Callable[[str], Awaitable[None]]:
    """Give a way to run a statement as superuser in the database of a started service."""

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(postgres.superuser_dsn("audit"))
        await connection.execute(statement)
        await connection.close()

    return run
