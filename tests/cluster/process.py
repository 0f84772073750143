"""One OS process that serves HTTP: a service of the product, or the door in front of them."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
from tools.servers.process import Server


class Process(Server):
    """A program that a test may kill and start again; it keeps its port, its environment and its log."""

    def __init__(self, folder: Path, name: str, command: Sequence[str]) -> None:
        super().__init__(folder)
        self.name = name
        self.settings: dict[str, str] = {}
        self._command = list(command)
        self._for_this_run: dict[str, str] = {}

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    def command(self) -> list[str]:
        return self._command

    def environment(self) -> Mapping[str, str]:
        return self.settings | self._for_this_run

    def launch(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the program and return at once; `environment` holds for this run alone."""
        self._for_this_run = dict(environment or {})
        super().launch()

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the program and wait until it is ready."""
        self.launch(environment)
        self.wait_until_serving()

    def is_serving(self) -> bool:
        try:
            # Asked many times a second: to load the authorities that nobody needs here would cost 15 ms each time.
            return httpx.get(f"http://{self.address}/ready", timeout=5, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    ready = is_serving

    def terminate(self) -> int:
        """Ask the program to end and return its exit code."""
        self.stop()
        return self._running.returncode

    def wait(self, seconds: float = 30) -> int:
        """Wait for a program that ends by itself and return its exit code; raises TimeoutExpired."""
        process: subprocess.Popen[bytes] = self._running
        return process.wait(seconds)
