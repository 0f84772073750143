"""A shape of the product under fire: what can be killed in it, and where it is reached."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from aktenfluss.kernel import Role

from .failpoints import Failpoint


class Target(Protocol):
    """Something that is killed and started again: a process of the product, or a server that it needs."""

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as the kernel knows."""
        ...

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, and for servers."""
        ...

    def kill(self) -> None:
        """Kill it with SIGKILL; it is gone on return."""
        ...

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it and return at once, or once it serves; `environment` is for processes of the product alone."""
        ...


class Shape(Protocol):
    """A running installation. Every process of the product is started through `tests.faults.process`."""

    name: str
    alone: bool
    """Whether one process is all of the product."""
    servers: tuple[str, ...]
    """Which targets are no processes of the product."""
    processes: tuple[str, ...]
    """Which are, without the gateway, that has nothing to lose."""
    base_url: str
    notes: Path
    """A folder in which processes note where they died."""

    @property
    def targets(self) -> Mapping[str, Target]:
        """Everything that may be killed, by name."""
        ...

    def homes(self, point: Failpoint) -> list[str]:
        """Return the names of the targets that pass the failpoint; none where it belongs to another shape."""
        ...

    def database_url(self, service: str) -> str:
        """Return how to read the database of a service past its row-level security."""
        ...

    def token(self, role: Role) -> str: ...

    def start(self) -> None:
        """Start everything and wait until it is ready; processes keep the environment that the shape was made with."""
        ...

    def is_ready(self) -> bool: ...

    def log(self) -> str:
        """Return the last lines of what the processes logged."""
        ...

    def stop(self) -> None: ...
