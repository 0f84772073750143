"""Which servers run in the background: written down when they start, so that another command can end them."""

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import psutil

from .process import STOP_SECONDS, Server, holds_within, is_gone
from .secret import write_secret

CLOCK_SECONDS = 0.1
"""How far the start of one process may lie apart when it is read twice."""


@dataclass(frozen=True)
class Running:
    """A server that was started: its process, known again by the moment of its start, and how it likes to be ended."""

    name: str
    pid: int
    port: int
    started: float
    stop_signal: int

    @classmethod
    def of(cls, server: Server) -> Self:
        started = psutil.Process(server.pid).create_time()
        return cls(server.name, server.pid, server.port, started, int(server.stop_signal))

    def process(self) -> psutil.Process | None:
        """Return the process while it runs; another one that was given its number later is not it."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < CLOCK_SECONDS
        except psutil.NoSuchProcess:
            return None
        return found if same and not is_gone(found) else None

    def end(self) -> None:
        """End the server in order, by force where it does not; return once it is gone."""
        process = self.process()
        if process is None:
            return
        process.resume()
        process.send_signal(self.stop_signal)
        if not holds_within(STOP_SECONDS, lambda: is_gone(process)):
            process.kill()


@dataclass(frozen=True)
class State:
    """The servers of a folder, and the variables by which the product finds them."""

    servers: list[Running] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, servers: Iterable[Server], variables: Mapping[str, str]) -> Self:
        return cls([Running.of(server) for server in servers], dict(variables))

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read the file; without one nothing runs."""
        if not file.exists():
            return cls()
        found = json.loads(file.read_text())
        return cls([Running(**server) for server in found["servers"]], found["variables"])

    def save(self, file: Path) -> None:
        """Write the file for this user alone: the variables hold passwords."""
        write_secret(file, json.dumps(asdict(self), indent=2).encode())

    def is_running(self) -> bool:
        """Say whether there are servers and all of them run."""
        return bool(self.servers) and all(server.process() for server in self.servers)

    def end(self) -> None:
        """End all servers, the last started first."""
        for server in reversed(self.servers):
            server.end()

    def exports(self) -> str:
        """Return the variables as lines for a shell."""
        return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in self.variables.items())
