"""The cluster shape: one process per service behind HAProxy, on real servers."""

import os
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.installation import Cluster
from tests.cluster.process import Process
from tools.servers.process import Server

from aktenfluss.kernel import Role

from .failpoints import Failpoint
from .shape import Target

PROGRAM = ("tests.faults.process",)
PROCESSES = ("documents-api", "documents-worker", "cases", "scans", "audit")
ROOT = Path(__file__).parents[2]


class ServiceProcess:
    """A process of the product; implements `Target`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def alive(self) -> bool:
        return self._process.alive

    @property
    def exit_code(self) -> int | None:
        return self._process.exit_code

    def kill(self) -> None:
        self._process.kill()

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        self._process.launch(environment)


class RealServer:
    """PostgreSQL, Kafka or the store; implements `Target`."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def alive(self) -> bool:
        """It is started again in the same breath."""
        return True

    @property
    def exit_code(self) -> None:
        return None

    def kill(self) -> None:
        self._server.kill()

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        self._server.start_again()


class ClusterShape:
    """Implements `Shape`."""

    name, alone, servers, processes = "cluster", False, ("postgres", "kafka", "store"), PROCESSES

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.notes = folder
        self._folder = folder / "cluster"
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._environment = {**environment, "PYTHONPATH": path}

    def start(self) -> None:
        self.cluster = Cluster.start(self._folder, program=PROGRAM, environment=self._environment)
        servers = self.cluster.servers
        real = {"postgres": servers.postgres, "kafka": servers.kafka, "store": servers.store}
        self.targets: dict[str, Target] = {
            **{name: ServiceProcess(self.cluster.processes[name]) for name in PROCESSES},
            **{name: RealServer(server) for name, server in real.items()},
        }

    @property
    def base_url(self) -> str:
        return self.cluster.base_url

    def homes(self, point: Failpoint) -> list[str]:
        return list(point.processes)

    def database_url(self, service: str) -> str:
        return self.cluster.servers.postgres.superuser_url(service)

    def token(self, role: Role) -> str:
        return self.cluster.token(role)

    def is_ready(self) -> bool:
        return self.cluster.ready() and all(self.cluster.processes[name].ready() for name in PROCESSES)

    def log(self) -> str:
        logs = [self.cluster.processes[name].log for name in PROCESSES]
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in logs)

    def stop(self) -> None:
        if hasattr(self, "cluster"):
            self.cluster.stop()
