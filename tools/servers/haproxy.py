"""HAProxy: the one that is installed, else Debian's packages, unpacked without installing them."""

import os
import shutil
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from platform import freedesktop_os_release, machine
from typing import Self

import psutil

from . import debian
from .cache import cached, run
from .process import START_SECONDS, Server, ServerError, holds_within

SYSTEM_PROGRAMS = "/usr/local/sbin:/usr/sbin"
WAY_OUT = "\n\nWay out: install HAProxy 2.6 or later, so that `haproxy` is on PATH"


class HAProxy(Server):
    """HAProxy with a configuration of the caller, as a master with one worker."""

    name = "haproxy"

    def __init__(self, folder: Path, config: Path, environment: Mapping[str, str], port: int) -> None:
        super().__init__(folder, port)
        self.config = config.resolve()
        self._variables = environment

    @classmethod
    def start(cls, folder: Path, config: Path, environment: Mapping[str, str], port: int) -> Self:
        """Start it with what `config` reads from the environment; it must listen on `port` then.

        Raises ServerError with HAProxy's own words where the configuration is wrong.
        """
        server = cls(folder, config, environment, port)
        server.start_again()
        return server

    @staticmethod
    def build() -> Path:
        """Return the program; the first call may fetch it."""
        return program()

    def command(self) -> list[str]:
        return [str(program()), "-W", "-db", "-f", str(self.config)]

    def environment(self) -> Mapping[str, str]:
        return {**libraries(), **self._variables}

    def is_serving(self) -> bool:
        socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        return True

    def reload(self) -> None:
        """Read the configuration again; return once a new worker serves. The old one finishes what it has begun.

        Raises ServerError where the configuration is wrong; the old worker goes on then.
        """
        run(program(), "-c", "-f", self.config, environment=self.environment())
        before = self.workers()
        os.kill(self.pid, signal.SIGUSR2)
        if not holds_within(START_SECONDS, lambda: self._is_taken_from(before)):
            raise self._error("starts no new worker")
        self.wait_until_serving()

    def _is_taken_from(self, before: set[int]) -> bool:
        return bool(self.workers() - before) and not any(map(listens, before))

    def workers(self) -> set[int]:
        return {process.pid for process in psutil.Process(self.pid).children()}


def listens(pid: int) -> bool:
    """Say whether the process takes new connections."""
    try:
        return any(found.status == psutil.CONN_LISTEN for found in psutil.Process(pid).net_connections("tcp"))
    except psutil.NoSuchProcess:
        return False


def program() -> Path:
    """Return the installed program, else the unpacked one."""
    return installed() or unpacked() / "usr/sbin/haproxy"


def libraries() -> Mapping[str, str]:
    """Return the variable that lets an unpacked program find what was unpacked with it."""
    return {} if installed() else {"LD_LIBRARY_PATH": str(unpacked() / "usr/lib" / f"{machine()}-linux-gnu")}


def installed() -> Path | None:
    found = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_PROGRAMS}")
    return Path(found) if found else None


def unpacked() -> Path:
    """Return the folder of Debian's packages; they are fetched once for each release of Debian."""
    system = freedesktop_os_release()
    return cached(f"haproxy-{system['ID']}{system.get('VERSION_ID', '')}", fetch)


def fetch(folder: Path) -> None:
    """Fetch HAProxy and what it lacks here."""
    try:
        debian.fetch(folder, "haproxy")
    except ServerError as exc:
        raise ServerError(f"{exc}{WAY_OUT}") from exc
