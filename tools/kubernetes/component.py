"""A program of the cluster in the background, and how one asks whether it works."""

import signal
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path

from tools.servers.process import Server

from .machine import search_path

TIMEOUT_SECONDS = 5


class Component(Server):
    """One program; `works` tells whether it does its work, and may raise OSError where it does not listen yet."""

    stop_signal = signal.SIGKILL
    """What it keeps goes with the cluster; in order, the API server would wait for its watchers to leave."""

    def __init__(
        self, folder: Path, name: str, command: Sequence[str], works: Callable[[], bool], port: int = 0
    ) -> None:
        super().__init__(folder, port or None)
        self.name = name
        self._command = list(command)
        self._works = works

    def command(self) -> list[str]:
        return self._command

    def environment(self) -> Mapping[str, str]:
        return {"PATH": search_path()}

    def is_serving(self) -> bool:
        try:
            return self._works()
        except HTTPException:
            return False


def is_healthy(host: str, port: int, path: str, authority: Path | None = None) -> bool:
    """Ask for a page of health, by HTTPS where there is an authority."""
    connection = (
        HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context(cafile=authority))
        if authority
        else HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    finally:
        connection.close()


def listens(file: Path) -> bool:
    """Tell whether somebody listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(file))
    return True
