"""The one-process shape: the product and the database server that it starts itself."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import psutil
from tests.acceptance.door import Door

from aktenfluss.kernel import Role

from .failpoints import Failpoint

PROGRAM = ("tests.faults.process", "aktenfluss.standalone")


def socket_url(data: Path, database: str) -> str:
    """Return how to enter a database of the embedded server as its superuser."""
    socket_folder = (data / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    return f"postgresql://postgres@/{database}?host={socket_folder}"


class Product:
    """The process with all services; implements `Target`."""

    def __init__(self, door: Door, environment: Mapping[str, str]) -> None:
        self._door = door
        self._environment = environment

    @property
    def alive(self) -> bool:
        return self._door.runs

    @property
    def exit_code(self) -> int | None:
        return self._door.exit_code

    def kill(self) -> None:
        self._door.end(signal.SIGKILL)

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        self._door.launch({**self._environment, **(environment or {})})


class Postmaster:
    """The embedded database server; the product starts it again by itself. Implements `Target`."""

    def __init__(self, data: Path) -> None:
        self._pid_file = data / "postgres" / "postmaster.pid"

    @property
    def alive(self) -> bool:
        return True

    @property
    def exit_code(self) -> None:
        return None

    def kill(self) -> None:
        pid = int(self._pid_file.read_text().split()[0])
        if psutil.pid_exists(pid) and psutil.Process(pid).name() == "postgres":
            os.kill(pid, signal.SIGKILL)

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        """Leave it to the product."""


class Both:
    """The product and its database at the same moment, as a power cut ends them; implements `Target`."""

    def __init__(self, product: Product, postmaster: Postmaster) -> None:
        self._product, self._postmaster = product, postmaster

    @property
    def alive(self) -> bool:
        return self._product.alive

    @property
    def exit_code(self) -> int | None:
        return self._product.exit_code

    def kill(self) -> None:
        self._postmaster.kill()
        self._product.kill()

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        self._product.start_again(environment)


class OneProcess:
    """Implements `Shape`."""

    name, alone, servers, processes = "one", True, ("postgres",), ("product",)

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.notes = folder
        data = folder / "data"
        data.mkdir(parents=True)
        self.door = Door(data, program=PROGRAM)
        self.base_url = self.door.base_url
        product, postmaster = Product(self.door, environment), Postmaster(data)
        self.targets = {"product": product, "postgres": postmaster, "both": Both(product, postmaster)}

    def start(self) -> None:
        self.targets["product"].start_again()
        self.door.wait_until_ready()

    def homes(self, point: Failpoint) -> list[str]:
        return ["product"] if point.alone else []

    def database_url(self, service: str) -> str:
        return socket_url(self.door.data, service)

    def token(self, role: Role) -> str:
        return self.door.token(role)

    def is_ready(self) -> bool:
        return self.door.is_ready()

    def log(self) -> str:
        return (self.door.data / "serve.log").read_text()[-4000:]

    def stop(self) -> None:
        if self.door.runs:
            self.door.end()
