"""The Docker engine that builds: the one that DOCKER_HOST names, else one of our own that touches no network of the machine."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from tools.servers.process import Server, ServerError

from .store import ImagesError, UnavailableError

PACKAGES = {"dockerd": "docker.io", "debootstrap": "debootstrap"}
"""Programs, and the packages of Debian that they come in."""


class Engine(Server):
    """A Docker engine with its own data, socket and containerd; it has no bridge and writes no firewall rule."""

    name = "dockerd"

    @property
    def socket(self) -> Path:
        return self.folder / "docker.sock"

    def command(self) -> list[str]:
        configuration = self.folder / "daemon.json"  # that of the machine is not ours
        configuration.write_text("{}\n")
        folders = [f"--data-root={self.folder / 'data'}", f"--exec-root={self.folder / 'run'}"]
        network = ["--bridge=none", "--iptables=false", "--ip6tables=false", f"--host=unix://{self.socket}"]
        files = [f"--config-file={configuration}", f"--pidfile={self.folder / 'docker.pid'}"]
        return ["dockerd", *files, *folders, *network]

    def launch(self) -> None:
        """Start the engine; the numbers that a killed one left are forgotten, for by now they may be those of others."""
        for noted in (self.folder / "docker.pid", self.folder / "run" / "containerd" / "containerd.pid"):
            if noted.exists() and not is_of(noted.read_text(), self.folder):
                noted.unlink()
        super().launch()

    def is_serving(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.socket))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b"200" in connection.recv(64)

    def stop(self) -> None:
        """End the engine, and undo the mounts that it leaves."""
        super().stop()
        for mounted in (self.folder / "run/netns/default", self.folder / "data"):
            subprocess.run(["umount", "--lazy", "--quiet", mounted], capture_output=True, check=False)


def is_of(number: str, folder: Path) -> bool:
    """Tell whether the process of a number runs with files of a folder."""
    try:
        return any(str(folder) in part for part in psutil.Process(int(number)).cmdline())
    except (ValueError, psutil.Error):
        return False


class Docker:
    """The command line of an engine."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._environment = {**os.environ, "DOCKER_HOST": host, "DOCKER_BUILDKIT": "1"}
        # Debian's fits its engine; another one on the path may miss the part that builds.
        self._program = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"

    def __call__(self, *arguments: str | Path) -> str:
        """Run a command and return what it wrote; raise ImagesError where it fails."""
        done = self.attempt(*arguments)
        if done.returncode:
            what = " ".join(map(str, arguments[:2]))
            raise ImagesError(f"docker {what} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def attempt(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command that may fail."""
        command = [self._program, *map(str, arguments)]
        try:
            return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        except FileNotFoundError as exc:
            raise UnavailableError("the command `docker` is not installed") from exc


@contextmanager
def docker(folder: Path) -> Iterator[Docker]:
    """Give the engine that DOCKER_HOST names, or start one in `folder` that stops with the block."""
    require_engine()
    if host := os.environ.get("DOCKER_HOST"):
        yield Docker(host)
        return
    engine = Engine(folder)
    try:
        engine.start_again()
    except ServerError as exc:
        raise UnavailableError(f"no Docker engine can be started here: {exc}") from exc
    with engine:
        yield Docker(f"unix://{engine.socket}")


def require_engine() -> None:
    """Raise UnavailableError where no engine answers and none can be started; install what that takes from Debian's packages."""
    if host := os.environ.get("DOCKER_HOST"):
        if Docker(host).attempt("version").returncode:
            raise UnavailableError(f"no Docker engine answers at {host}")
        return
    if os.geteuid() != 0:
        raise UnavailableError("only root can start a Docker engine; name one that runs in DOCKER_HOST")
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if missing and not (shutil.which("apt-get") and installs(missing)):
        raise UnavailableError(f"{' and '.join(missing)} cannot be installed; name a Docker engine in DOCKER_HOST")


def installs(packages: list[str]) -> bool:
    """Install packages of Debian, and say whether they are there now; another apt-get that is at work is waited for."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--quiet", "--option=DPkg::Lock::Timeout=300", *packages]
    for command in (install, ["apt-get", "update", "--quiet"], install):
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if command is install and done.returncode == 0:
            return True
    return False
