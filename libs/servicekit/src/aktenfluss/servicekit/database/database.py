"""A service's PostgreSQL database: transactions in which only one tenant's records exist."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Self

import asyncpg

from aktenfluss.kernel import Clock, Principal, SystemClock

from ..errors import ServiceUnavailableError, StorageFullError
from . import outbox
from .connection import UNAVAILABLE, Connection, set_codecs
from .limits import Limits
from .transaction import Session, SqlTransaction

CLEAN_UP_SECONDS = 2.0
CLOSE_SECONDS = 1.0
TENANT = re.compile(r"[a-z0-9-]{0,40}")
type Pool = asyncpg.Pool[asyncpg.Record]


class Database:
    """Opens transactions on a pool of connections.

    A transaction that is opened while another one of the same task is open joins it. So the inbox and the
    Idempotency-Key write their row in the transaction of the use case that they call (ADR 0016).
    """

    def __init__(self, pool: Pool, clock: Clock, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits
        self._clock = clock
        self._open: ContextVar[SqlTransaction | None] = ContextVar("open_transaction", default=None)
        self.committed_facts = asyncio.Event()

    @classmethod
    async def connect(cls, dsn: str, limits: Limits | None = None, *, clock: Clock | None = None) -> Self:
        """Open a pool of connections as the role named in `dsn`."""
        limits = limits or Limits()
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=limits.pool_size,
                init=set_codecs,
                reset=keep_session,
                timeout=limits.connect,
                command_timeout=limits.command,
                server_settings=limits.session,
            )
        except (*UNAVAILABLE, OSError) as exc:
            raise ServiceUnavailableError("the database does not answer") from exc
        return cls(pool, clock or SystemClock(), limits)

    async def close(self) -> None:
        """End the connections; those to a server that does not answer are cut."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()
        except (*UNAVAILABLE, TimeoutError):
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self, principal: Principal) -> AsyncIterator[SqlTransaction]:
        """Open, or join, a transaction in which only the records of the principal's tenant exist.

        Raises ServiceUnavailableError or StorageFullError; nothing is changed then.
        """
        joined = self._open.get()
        if joined is None:
            async with self._begin("BEGIN", principal) as tx:
                yield tx
            return
        await enter_tenant(joined.session, principal.tenant_id)
        joining = SqlTransaction(joined.session, principal)
        reset = self._open.set(joining)
        try:
            yield joining
        finally:
            self._open.reset(reset)

    @asynccontextmanager
    async def reading(self, principal: Principal) -> AsyncIterator[SqlTransaction]:
        """Open, or join, a transaction that only reads."""
        if self._open.get() is not None:
            async with self.transaction(principal) as tx:
                yield tx
            return
        async with self._begin("BEGIN READ ONLY", principal) as tx:
            yield tx

    @asynccontextmanager
    async def maintenance(self) -> AsyncIterator[SqlTransaction]:
        """Open a transaction that reads over all tenants, in tables with a maintenance policy."""
        everyone = Principal.service("maintenance", "")
        async with self._begin("BEGIN READ ONLY; SET LOCAL app.maintenance = 'on'", everyone) as tx:
            yield tx

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Connection]:
        """Lend a bare connection, for technical tables that belong to no tenant.

        Raises ServiceUnavailableError where the database does not answer.
        """
        try:
            connection: Connection = await self._pool.acquire(timeout=self._limits.connect)
        except (*UNAVAILABLE, OSError, TimeoutError) as exc:
            raise ServiceUnavailableError("the database does not answer") from exc
        try:
            yield connection
        except asyncpg.DiskFullError as exc:
            raise StorageFullError("the database has no room left") from exc
        except (*UNAVAILABLE, TimeoutError) as exc:
            raise ServiceUnavailableError("the database does not answer") from exc
        finally:
            await give_back(self._pool, connection)

    @asynccontextmanager
    async def _begin(self, begin: str, principal: Principal) -> AsyncIterator[SqlTransaction]:
        async with self.session() as connection:
            session = Session(connection, self._clock, principal.tenant_id)
            tx = SqlTransaction(session, principal)
            reset = self._open.set(tx)
            try:
                await connection.execute(f"{begin}; {set_tenant(principal.tenant_id)}")
                yield tx
                if session.facts:
                    await outbox.append(connection, session.facts)
                await commit(connection)
            except BaseException:
                await roll_back(connection)
                raise
            finally:
                self._open.reset(reset)
        if session.facts:
            self.committed_facts.set()


class NotCommittedError(RuntimeError):
    """A statement of the transaction failed and somebody went on all the same: nothing of it is kept."""


async def commit(connection: Connection) -> None:
    """Commit; PostgreSQL answers with another word, and no error, where it had to roll back. Raises NotCommittedError."""
    if await connection.execute("COMMIT") != "COMMIT":
        raise NotCommittedError


async def enter_tenant(session: Session, tenant_id: str) -> None:
    """Let only the records of `tenant_id` exist from here on; the inbox applies events of several in one transaction."""
    if session.tenant_id != tenant_id:
        await session.connection.execute(set_tenant(tenant_id))
        session.tenant_id = tenant_id


def set_tenant(tenant_id: str) -> str:
    """Return the SQL that puts the tenant into the transaction.

    Text, not a parameter: so it travels with BEGIN in one round trip. Raises ValueError for anything but a tenant id.
    """
    if not TENANT.fullmatch(tenant_id):
        raise ValueError("not a tenant id")
    return f"SET LOCAL app.tenant = '{tenant_id}'"


async def roll_back(connection: Connection) -> None:
    """End the transaction without effect; where that fails, the connection ends, which rolls back too."""
    try:
        async with asyncio.timeout(CLEAN_UP_SECONDS):
            await connection.execute("ROLLBACK")
    except (*UNAVAILABLE, TimeoutError):
        cut(connection)


async def give_back(pool: Pool, connection: Connection) -> None:
    """Return the connection to its pool, or end it where that fails.

    An error here would take the place of the one that is under way; where that is a cancellation, the task would live on.
    """
    try:
        await pool.release(connection, timeout=CLEAN_UP_SECONDS)
    except (*UNAVAILABLE, TimeoutError):
        cut(connection)


def cut(connection: Connection) -> None:
    """End the connection; where the pool has done so already, it refuses, and nothing is left to end."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def keep_session(_: Connection) -> None:
    """Spare the reset at each release: every setting of ours is LOCAL to its transaction."""
