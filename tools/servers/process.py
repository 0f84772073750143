"""A server as a process of this machine: started, waited for, killed, paused, stopped, with its log and its port."""

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

START_SECONDS = 180
"""On an idle machine Kafka takes three; on one whose cores have ten others to serve, a minute."""
STOP_SECONDS = 30
LOOPBACK = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below the ports that the kernel gives to clients: one that knocks at a killed server could be given the very port
that it knocks at, and would then be connected to itself."""
GIVEN: set[int] = set()
"""Ports that this process was given and that are perhaps not listened on yet, or not at the moment: of a dozen two would be
equal once in two hundred times. Other processes of the user see them by their locks."""
LEASH = 'read -r _; kill -s KILL -- "-$1"'


class ServerError(RuntimeError):
    """A server that does not start or does not stop; the message ends with the last lines of its log."""


class Server(ABC):
    """One server with its folder, on the loopback unless told otherwise; a start returns once it serves.

    It ends with the process that started it, however that one ends, unless it was told to `outlive` it.
    """

    name: str
    stop_signal = signal.SIGTERM
    stop_seconds = STOP_SECONDS

    def __init__(self, folder: Path, port: int | None = None, host: str = LOOPBACK) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.host = host
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Return the program and its arguments."""

    @abstractmethod
    def is_serving(self) -> bool:
        """Say whether a client would be served now; an OSError means no."""

    def environment(self) -> Mapping[str, str]:
        """Return the variables that the server gets on top of those of this process."""
        return {}

    def user(self) -> int | None:
        """Return the user as whom the server runs, None for that of this process."""
        return None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerError(f"{self.name} was not started")
        return self._process

    def start_again(self) -> None:
        """Start a server that ended, on the same port with the same data; return once it serves."""
        self.launch()
        self.wait_until_serving()

    def launch(self) -> None:
        """Start the server and return at once."""
        self._forget_ended()
        user = self.user()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.environment()},
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                start_new_session=True,
            )
        self._leash = leash(self.pid)

    def _forget_ended(self) -> None:
        """Let the kernel forget a process that ended, however it did: a server asks whether its number lives."""
        if self._process is None:
            return
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as exc:
            raise self._error("still runs") from exc
        self._let_go()

    def wait_until_serving(self) -> None:
        """Raise ServerError where the server ends, or does not serve in START_SECONDS."""
        if not holds_within(START_SECONDS, self._serves):
            self.kill()
            raise self._error(f"does not serve after {START_SECONDS} s")

    def _serves(self) -> bool:
        if self._running.poll() is not None:
            self._let_go()
            raise self._error(f"ended with {self._running.returncode}")
        try:
            return self.is_serving()
        except OSError:
            return False

    def _error(self, what: str) -> ServerError:
        last = self.log.read_text(errors="replace").splitlines()[-20:]
        return ServerError("\n".join([f"{self.name} {what}; {self.log} ends:", *last]))

    def kill(self) -> None:
        """Kill the server with all its processes; return once they are gone."""
        self._running.send_signal(signal.SIGSTOP)  # so that it starts no more of them
        processes = self._tree()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._running.wait()
        self._let_go()
        if not holds_within(STOP_SECONDS, lambda: all(map(is_gone, processes))):
            raise self._error("does not die")

    def pause(self) -> None:
        """Let none of the server's processes do anything until `resume`: connections stay, answers do not come."""
        processes = self._tree()
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        holds_within(STOP_SECONDS, lambda: all(map(is_halted, processes)))

    def resume(self) -> None:
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):  # it may end while the others are asked
                process.resume()

    def stop(self) -> None:
        """End the server in order; one that was killed is left alone, one that does not end is killed."""
        if self._process is None:
            return
        self.resume()
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._let_go()

    def outlive(self) -> None:
        """Let the server run on when this process ends."""
        self._let_go()

    def _let_go(self) -> None:
        if self._leash is not None:
            self._leash.kill()
            self._leash.communicate()
            self._leash = None

    def _tree(self) -> list[psutil.Process]:
        """Return the process of the server and all below it, the parents first; none where it ended."""
        if self._running.poll() is not None:
            return []
        try:
            first = psutil.Process(self.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def leash(group: int) -> subprocess.Popen[bytes]:
    """Start a process that kills the process group once this process ends: the kernel closes the pipe between them."""
    return subprocess.Popen(["sh", "-c", LEASH, "leash", str(group)], stdin=subprocess.PIPE, start_new_session=True)


def is_gone(process: psutil.Process) -> bool:
    """Say whether the process holds nothing any more; that nobody asked how it ended does not matter."""
    return bool(status(process) == psutil.STATUS_ZOMBIE)


def is_halted(process: psutil.Process) -> bool:
    return status(process) in {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}


def status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return str(psutil.STATUS_ZOMBIE)


def holds_within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Ask until the condition holds; say whether it did before the time was over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True


def free_port() -> int:
    """Return a port of the loopback on which nobody listens, and which no process that still runs was given."""
    while True:
        port = secrets.choice([port for port in PORTS if port not in GIVEN])
        with socket.socket() as probe, suppress(OSError):
            keep(port)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return port


def keep(port: int) -> None:
    """Let no other process of this user be given the port while this one runs; raise OSError where another has it."""
    GIVEN.add(port)
    fcntl.lockf(port_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)


@cache
def port_locks() -> int:
    """Return the open file in which each byte is the lock of a port; the kernel gives them free however a process ends."""
    return os.open(Path(tempfile.gettempdir()) / f"aktenfluss-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only process that holds the lock file; the kernel gives it free however a holder ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
