"""The smallest server there is: it listens, and does nothing else."""

import socket
import sys
from pathlib import Path

from tools.servers.process import Server

LISTEN = """
import signal, socket, subprocess, sys
print("begins", flush=True)
child = subprocess.Popen(["sleep", "600"])
signal.signal(signal.SIGTERM, lambda *_: child.kill() or sys.exit(0))
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    signal.pause()
"""


class Listener(Server):
    name = "listener"

    def __init__(self, folder: Path, program: str = LISTEN):
        super().__init__(folder)
        self._program = program

    @classmethod
    def start(cls, folder: Path):
        server = cls(folder)
        server.start_again()
        return server

    def command(self):
        return [sys.executable, "-c", self._program, str(self.port)]

    def is_serving(self):
        socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        return True
