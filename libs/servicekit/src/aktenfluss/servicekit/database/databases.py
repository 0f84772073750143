"""Where each service's database is, and whether its schema fits this release."""

import asyncio
from urllib.parse import urlsplit

from .. import migrations
from ..settings import ServiceSettings
from .address import DatabaseAddress
from .embedded_postgres import EmbeddedPostgres

WATCH_SECONDS = 1.0


class OutdatedSchemaError(RuntimeError):
    """A database is older or newer than this release; `aktenfluss migrate` brings it up to date."""


class Databases:
    """Finds the databases behind `DATABASE_URL`."""

    def __init__(self, settings: ServiceSettings, server: EmbeddedPostgres | None) -> None:
        self._settings = settings
        self._server = server

    def address(self, name: str) -> DatabaseAddress:
        """Return the database of `name`; the embedded server makes it where it is missing."""
        if self._server is not None:
            return self._server.ensure_database(name)
        app_dsn = plain(self._settings.database_url.get_secret_value())
        owner_url = self._settings.database_owner_url
        return DatabaseAddress(
            owner_dsn=plain(owner_url.get_secret_value()) if owner_url else app_dsn,
            app_dsn=app_dsn,
            app_role=urlsplit(app_dsn).username or name,
        )

    async def watch(self) -> None:
        """Keep the embedded server running until cancelled; an external one is looked after by others."""
        while self._server is not None:
            await asyncio.sleep(WATCH_SECONDS)
            await asyncio.to_thread(self._server.keep_running)

    def migrate(self, name: str, package: str) -> None:
        """Bring the schema of a service to the newest version."""
        address = self.address(name)
        migrations.migrate(package, address.owner_dsn, address.app_role)

    def require_current(self, name: str, package: str) -> None:
        """Raise OutdatedSchemaError unless the schema is the one of this release."""
        if not migrations.is_current(package, self.address(name).app_dsn):
            raise OutdatedSchemaError(f"the database of {name} has another schema: run `aktenfluss migrate`")


def plain(url: str) -> str:
    """Return the URL without the driver that SQLAlchemy's spelling names."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)
