"""Where each service's database is, and whether its schema fits this release."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import structlog
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from ..errors import NotPreparedError, ServiceUnavailableError, SettingsError
from ..settings import ServiceSettings
from .address import DatabaseAddress
from .embedded_postgres import EmbeddedPostgres
from .revision import is_behind, revision_of

WATCH_SECONDS = 1.0
DOES_NOT_START = (subprocess.SubprocessError, psycopg.OperationalError, TimeoutError)
"""How an embedded server tells that it does not start, on a full disk for example."""
log = structlog.get_logger("database")
SERVICE = "{service}"
"""What stands for a service's name in the URL of its database."""


class OutdatedSchemaError(NotPreparedError):
    """The schema of a database is older than this release."""


class Databases:
    """Finds the databases behind `DATABASE_URL`; the embedded server starts when the first one is asked for."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._server: EmbeddedPostgres | None = None
        self._named: set[str] = set()

    @property
    def are_embedded(self) -> bool:
        """Whether they lie in the data folder."""
        return is_embedded(self._settings)

    def close(self) -> None:
        """Stop the embedded server, unless another process uses it."""
        if self._server is not None:
            self._server.stop()

    def address(self, name: str) -> DatabaseAddress:
        """Return the database of `name`; the embedded server makes it where it is missing.

        Raises SettingsError where the URL names one database for several services, ServiceUnavailableError where the
        embedded server does not start.
        """
        if self.are_embedded:
            with telling_absence(name):
                return self._embedded().ensure_database(name)
        self._named.add(name)
        app_dsn = self._dsn("DATABASE_URL", self._settings.database_url, name)
        owner_url = self._settings.database_owner_url
        return DatabaseAddress(
            owner_dsn=self._dsn("DATABASE_OWNER_URL", owner_url, name) if owner_url else app_dsn,
            app_dsn=app_dsn,
            app_role=urlsplit(app_dsn).username or name,
        )

    def backup_dsn(self, name: str) -> str:
        """Return how to enter the database of `name` as a role that reads the rows of every authority.

        Raises SettingsError where none is set for a server of somebody else.
        """
        if self.are_embedded:
            return self._embedded().dsn(name)
        if self._settings.database_backup_url is None:
            raise SettingsError("DATABASE_BACKUP_URL is missing: name a role that reads the rows of every authority")
        self._named.add(name)
        return self._dsn("DATABASE_BACKUP_URL", self._settings.database_backup_url, name)

    async def watch(self) -> None:
        """Keep the embedded server running until cancelled; an external one is looked after by others.

        Where it does not start, on a full disk for example, it is tried again: then nobody needs to restart the process.
        """
        while self._server is not None:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await asyncio.to_thread(self._server.keep_running)
            except DOES_NOT_START as exc:
                log.warning("database server does not start", error=type(exc).__name__)

    def migrate(self, name: str, package: str) -> None:
        """Bring the schema of a service to the newest version."""
        from ..migrations import migrate  # noqa: PLC0415 - ten megabytes less for who only serves

        address = self.address(name)
        with telling_absence(name):
            migrate(package, address.owner_dsn, address.app_role)

    def require_current(self, name: str, package: str) -> None:
        """Raise OutdatedSchemaError where the schema is older than this release; a newer one only has more (ADR 0033)."""
        address = self.address(name)
        with telling_absence(name):
            found = revision_of(address.app_dsn)
        if is_behind(found, package):
            raise OutdatedSchemaError(f"the database of {name} is behind this release: run `aktenfluss migrate`")

    def _embedded(self) -> EmbeddedPostgres:
        if self._server is None:
            folder = self._settings.data_folder.absolute() / "postgres"
            try:
                self._server = EmbeddedPostgres.start(folder)
            except DOES_NOT_START as exc:
                raise ServiceUnavailableError(f"the database server does not start, see {folder / 'log'}") from exc
        return self._server

    def _dsn(self, setting: str, url: SecretStr, name: str) -> str:
        text = url.get_secret_value()
        if SERVICE not in text and len(self._named) > 1:
            names = ", ".join(sorted(self._named))
            raise SettingsError(f"{setting} names one database for {names}: write {SERVICE} where their names differ")
        return plain(text.replace(SERVICE, name))


def is_embedded(settings: ServiceSettings) -> bool:
    """Return whether the databases lie in the data folder."""
    return settings.database_url.get_secret_value() == "embedded:"


@contextmanager
def telling_absence(name: str) -> Iterator[None]:
    """Raise ServiceUnavailableError with the server's reason where the database of `name` cannot be entered."""
    try:
        yield
    except (OperationalError, psycopg.OperationalError) as exc:
        reason = str(getattr(exc, "orig", exc)).strip().splitlines()[-1]
        raise ServiceUnavailableError(f"the database of {name} does not answer: {reason}") from exc


def plain(url: str) -> str:
    """Return the URL without the driver that SQLAlchemy's spelling names."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)
