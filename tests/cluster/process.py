"""One OS process that serves HTTP on a port of its own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

START_SECONDS = 60
STOP_SECONDS = 20


class Process:
    """A program that a test may kill and start again; it keeps its port, its environment and its log."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], port: int, log: Path) -> None:
        self.command, self.environment, self.port, self.log = list(command), dict(environment), port, log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the program and do not wait for it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, env=os.environ | self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def start_again(self) -> None:
        """Start the program and wait until it is ready."""
        self.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            assert self.runs, f"{' '.join(self.command)} ended:\n{self.log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, (
                f"{' '.join(self.command)} is not ready:\n{self.log.read_text()[-3000:]}"
            )
            time.sleep(0.05)

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://{self.address}/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End the program as a power cut would."""
        self.send(signal.SIGKILL)
        self.wait()

    def terminate(self) -> int:
        """Ask the program to end and return its exit code."""
        self.send(signal.SIGTERM)
        return self.wait()

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """Return the exit code; a program that does not end in time is killed, and fails the caller."""
        assert self._process is not None
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
