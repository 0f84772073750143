"""The database server of a test process: each service's database made once, emptied before each use."""

from pathlib import Path

import asyncpg

from aktenfluss.servicekit import DatabaseAddress, EmbeddedPostgres
from aktenfluss.servicekit.migrations import migrate

TABLES = """
SELECT string_agg(format('%I', relname), ', ') FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""


class PreparedServer:
    """Hands out databases of one embedded server."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self._addresses: dict[str, DatabaseAddress] = {}

    def superuser_dsn(self, database: str) -> str:
        """Return how to enter `database` past every right, as an intruder with root would."""
        return self.server.dsn(database)

    async def empty_database(self, name: str, migrations: str | Path) -> DatabaseAddress:
        """Return the database `name` with its newest schema and not a single row."""
        if name not in self._addresses:
            address = self.server.ensure_database(name)
            migrate(migrations, address.owner_dsn, address.app_role)
            self._addresses[name] = address
        await self._empty(name)
        return self._addresses[name]

    async def _empty(self, name: str) -> None:
        connection = await asyncpg.connect(self.superuser_dsn(name))
        try:
            if tables := await connection.fetchval(TABLES):
                await connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        finally:
            await connection.close()
