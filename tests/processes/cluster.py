"""Services as processes of their own, on a PostgreSQL that is not theirs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
import psycopg
from tools.servers import free_port

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer, EmbeddedPostgres
from aktenfluss.testkit import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
SERVICES = ("audit", "cases", "documents", "scans")


@dataclass
class Process:
    """A running service."""

    popen: subprocess.Popen[bytes]
    base_url: str
    log: Path

    def client(self, token: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=PATIENCE_SECONDS)

    def ready(self) -> bool:
        """Return whether the process says that it is ready."""
        try:
            # Asked many times a second: to load the authorities that nobody needs here would cost 15 ms each time.
            return httpx.get(f"{self.base_url}/ready", timeout=10, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def end(self) -> tuple[int, float]:
        """Ask the process to end; return its exit code and how many seconds it took."""
        begin = time.monotonic()
        self.popen.terminate()
        return self.popen.wait(PATIENCE_SECONDS), time.monotonic() - begin


@dataclass
class Cluster:
    """An external database server and what else processes share."""

    folder: Path
    environment: dict[str, str]
    postgres: EmbeddedPostgres | None = None

    @classmethod
    def on(cls, folder: Path) -> "Cluster":
        """Start the server and make an empty database with its two roles for each service."""
        postgres = EmbeddedPostgres.start(folder / "postgres")
        for name in (*SERVICES, "bus"):
            postgres.ensure_database(name)
        app, owner = (postgres.dsn("{service}", f"{{service}}_{role}") for role in ("app", "owner"))
        cluster = cls.at(folder, app, owner)
        cluster.postgres = postgres
        return cluster

    @classmethod
    def at(cls, folder: Path, app_url: str, owner_url: str) -> "Cluster":
        """Share `folder` and the databases behind the URLs."""
        environment = {
            "DATA_FOLDER": str(folder / "shared"),
            "DATABASE_URL": app_url,
            "DATABASE_OWNER_URL": owner_url,
            "PATH": os.environ["PATH"],
        }
        return cls(folder, environment)

    def query(self, database: str, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a statement, as the superuser sees them."""
        with psycopg.connect(self.postgres.dsn(database)) as connection:
            return connection.execute(statement, values).fetchall()

    @property
    def postmaster(self) -> psutil.Process:
        """The first process of the database server."""
        return psutil.Process(int((self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]))

    def kill_postgres(self) -> None:
        """End every process of the server as a power cut would."""
        first = self.postmaster
        for process in [first, *first.children()]:
            with suppress(psutil.NoSuchProcess):  # one that waits for nobody may have ended meanwhile
                process.send_signal(signal.SIGKILL)
        first.wait(10) if first.ppid() == os.getpid() else psutil.wait_procs([first], 10)

    @contextmanager
    def stopped_postgres(self) -> Iterator[None]:
        """Let no process of the server run; its connections stay, and nobody answers."""
        everyone = [self.postmaster, *self.postmaster.children()]
        for process in everyone:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        try:
            yield
        finally:
            for process in reversed(everyone):
                with suppress(psutil.NoSuchProcess):  # one that waits for nobody may have ended meanwhile
                    process.resume()

    def token(self, role: Role) -> str:
        issuer = EmbeddedIssuer.open(self.folder / "shared" / "keys", SystemClock())
        return issuer.mint("test", "offenbach", [role], timedelta(hours=1))

    def run(self, module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", f"aktenfluss.{module}", *arguments]
        return subprocess.run(
            command,
            check=False,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            cwd=ROOT,
        )

    @contextmanager
    def process(self, module: str, *arguments: str, **environment: str) -> Iterator[Process]:
        """Run a service until the body ends; it begins once the service is ready."""
        port = free_port()
        log = self.folder / f"{module}-{port}.log"
        command = [sys.executable, "-m", f"aktenfluss.{module}", *arguments]
        settings = self.environment | {"PORT": str(port)} | environment
        with log.open("wb") as output, subprocess.Popen(command, env=settings, stderr=output, cwd=ROOT) as popen:
            process = Process(popen, f"http://127.0.0.1:{port}", log)
            try:
                wait_until(process.ready, popen, log)
                yield process
            finally:
                popen.kill()


def wait_until(condition, popen: subprocess.Popen[bytes] | None = None, log: Path | None = None) -> None:
    """Return when `condition` holds; fail where it does not in time, or where the process has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        assert popen is None or popen.poll() is None, log.read_text()
        time.sleep(0.05)


def waiting(process) -> float:
    """Return how many committed events are not on the bus yet."""
    lines = httpx.get(f"{process.base_url}/metrics", timeout=PATIENCE_SECONDS).text.splitlines()
    return float(next(line for line in lines if line.startswith("outbox_waiting_events{")).split()[-1])
