"""The product as a cluster: real servers, one OS process per service, HAProxy in front."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx

from aktenfluss.kernel import Role, SystemClock
from aktenfluss.servicekit import EmbeddedIssuer
from aktenfluss.testkit import PATIENCE_SECONDS

from .haproxy import PublicDoor
from .process import Process
from .servers import Servers

PEERS = ("documents", "cases", "scans", "audit")
"""The services with a database; the gateway has none."""
FIRST = ("documents-api", "documents-worker", "cases", "scans", "audit", "gateway")
SECOND = ("documents-api-2", "cases-2", "scans-2", "audit-2")
UNHURRIED = "1000000"
"""Requests of a person in five seconds: tests ask as fast as they can."""


@dataclass(slots=True)
class Cluster:
    """A running installation; the processes and servers may be killed and started again.

    `settings` is the environment that all processes of the product share, `folder` their DATA_FOLDER (its `keys/`).
    """

    folder: Path
    servers: Servers
    settings: Mapping[str, str]
    processes: Mapping[str, Process]
    door: PublicDoor
    seconds: float

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        paired: bool = False,
        program: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Start everything on empty servers and wait until it is ready.

        Where they are `paired`, each service with a database has a second server, and `scans` asks the others at the door,
        which knows both. `program` are modules that run those of the product.
        """
        begun = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        servers = Servers.start(folder)
        settings = {**servers.settings, "DATA_FOLDER": str(folder), "LOG_LEVEL": "info", **(environment or {})}
        migrate(settings)
        processes = service_processes(folder, settings, SECOND if paired else (), program)
        key = EmbeddedIssuer.open(folder / "keys", SystemClock()).public_pem
        door = PublicDoor.to(folder, key, door_addresses(processes), DOOR_PERSON_REQUESTS=UNHURRIED)
        for name in ("scans", "scans-2") if paired else ():
            processes[name].settings["PEER_URLS"] = json.dumps(dict.fromkeys(PEERS, door.url))
        cluster = cls(folder, servers, settings, processes, door, 0)
        cluster.launch()
        cluster.seconds = time.monotonic() - begun
        return cluster

    @property
    def base_url(self) -> str:
        return self.door.url

    @property
    def data(self) -> Path:
        """The folder that the processes share, as the one-process shape names it."""
        return self.folder

    @property
    def pid(self) -> int:
        """The process that takes contents."""
        return self.processes["documents-api"].pid

    def launch(self) -> None:
        """Start the processes of the product at once and wait until all are ready."""
        everything = [*self.processes.values(), self.door]
        for process in everything:
            process.launch()
        for process in everything:
            process.wait_until_serving()

    def ready(self) -> bool:
        """Tell whether the door has a server of every service."""
        return self.door.ready()

    def stop(self) -> list[int]:
        """Ask every process of the product to end, stop the servers, and return the exit codes."""
        running = [process for process in self.processes.values() if process.alive]
        with ThreadPoolExecutor(len(self.processes)) as pool:
            codes = list(pool.map(Process.terminate, running))
        self.door.stop()
        self.servers.stop()
        return codes

    def token(self, role: Role, tenant: str = "offenbach") -> str:
        issuer = EmbeddedIssuer.open(self.folder / "keys", SystemClock())
        return issuer.mint(f"test:{role}", tenant, [role])

    def client(self, role: Role | str = "", tenant: str = "offenbach") -> httpx.Client:
        """Return a client with a token of one role, or without any."""
        headers = {"Authorization": f"Bearer {self.token(Role(role), tenant)}"} if role else {}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=PATIENCE_SECONDS)


def migrate(settings: Mapping[str, str]) -> None:
    """Bring schemas, topics and bucket to this release, as an operator does."""
    command = [sys.executable, "-m", "aktenfluss.standalone", "migrate"]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def service_processes(
    folder: Path, settings: Mapping[str, str], second: Sequence[str], program: Sequence[str]
) -> dict[str, Process]:
    """Return one process per service, `documents` with its work apart, and the `second` ones, not yet started."""
    processes = {name: Process(folder, name, command_of(name, program)) for name in (*FIRST, *second)}
    first = {name.removesuffix("-api"): f"http://{process.address}" for name, process in processes.items()}
    peers = json.dumps({name: first[name] for name in PEERS})
    for name, process in processes.items():
        own = {"HOST": "127.0.0.1", "PORT": str(process.port), "INSTANCE": name}
        process.settings = {**settings, **own, "PEER_URLS": peers}
    return processes


def command_of(name: str, program: Sequence[str]) -> list[str]:
    """Return how to start `documents-api-2`, `cases` and their like."""
    service, *kind = name.removesuffix("-2").split("-")
    role = kind[0] if kind else "all"
    return [sys.executable, "-m", *program, f"aktenfluss.{service}", "serve", "--role", role]


def door_addresses(processes: Mapping[str, Process]) -> dict[str, str]:
    """Return where the door finds the servers of each service; a worker answers nobody."""
    return {name.replace("-api", ""): process.address for name, process in processes.items() if "worker" not in name}
