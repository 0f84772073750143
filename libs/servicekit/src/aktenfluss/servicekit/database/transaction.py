"""One database transaction of one principal: statements, facts for the outbox, jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from aktenfluss.kernel import Clock, Event, EventData, Principal

from ..tracing import trace_header
from .connection import Connection
from .outbox import fact
from .statements import Statement

DEFER_JOB = """
SELECT procrastinate_defer_jobs_v1(ARRAY[
    ROW($1, $2, $3, $4, NULL, $5::jsonb, NULL)::procrastinate_job_to_defer_v1
])
"""


@dataclass(slots=True)
class Session:
    """What the principals of one transaction share: the connection, the tenant it shows now, the facts to publish."""

    connection: Connection
    clock: Clock
    tenant_id: str
    facts: list[Event] = field(default_factory=list)


class SqlTransaction:
    """Runs statements in an open transaction; implements `kernel.Transaction`."""

    def __init__(self, session: Session, principal: Principal) -> None:
        self.session = session
        self._connection = session.connection
        self._principal = principal

    @property
    def principal(self) -> Principal:
        return self._principal

    @property
    def connection(self) -> Connection:
        """The connection on which the transaction is open, for the technique itself."""
        return self._connection

    async def fetch_one(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        return await self._connection.fetchrow(statement.sql, *statement.arguments(values))

    async def fetch_all(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._connection.fetch(statement.sql, *statement.arguments(values))
        return rows

    async def fetch_value(self, statement: Statement, **values: Any) -> Any:
        """Return the first column of the first row, or None."""
        return await self._connection.fetchval(statement.sql, *statement.arguments(values))

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a change and return the number of rows it touched."""
        status: str = await self._connection.execute(statement.sql, *statement.arguments(values))
        return int(status.rpartition(" ")[2])

    async def execute_many(self, statement: Statement, rows: Iterable[Mapping[str, Any]]) -> None:
        await self._connection.executemany(statement.sql, [statement.arguments(row) for row in rows])

    def publish(self, data: EventData, *, key: object, subject: object, version: int) -> None:
        self.session.facts.append(
            fact(self._principal, self.session.clock, data, key=key, subject=subject, version=version)
        )

    async def defer(
        self,
        task: str,
        arguments: Mapping[str, Any],
        *,
        queue: str = "default",
        lock: str | None = None,
        priority: int = 0,
    ) -> None:
        """Queue a procrastinate job that exists if, and only if, the transaction commits."""
        await self._connection.execute(DEFER_JOB, queue, task, priority, lock, {**arguments, **trace_header()})
