"""docker/compose.yaml as a project of its own: with secrets of its own, brought up, and taken down with all that it made."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml
from tools.images.build import images
from tools.images.engine import Docker, docker
from tools.images.product import Release
from tools.images.store import ImagesError, UnavailableError
from tools.images.store import folder as kept
from tools.servers.cache import ROOT
from tools.servers.process import free_port

from .images import load, make_stand_ins
from .program import program

NAME = "aktenfluss-tried"
PROVIDER_PORT = 8443
START_SECONDS = 600
MEMORY = "1g"
"""The most that a container may take; without a limit, Java counts on the memory of the whole machine."""
UNHURRIED = "1000000"
"""Requests of a person in five seconds: tests ask as fast as they can."""


class Project:
    """The product as compose runs it, at a door on the loopback."""

    def __init__(self, folder: Path, engine: Docker, images: Mapping[str, str]) -> None:
        self._engine = engine
        self.folder = folder / "docker"
        self.port = free_port()
        shutil.copytree(ROOT / "docker", self.folder, ignore=shutil.ignore_patterns(".env", "secrets"))
        subprocess.run([self.folder / "prepare"], check=True)
        (self.folder / "override.yaml").write_text(yaml.safe_dump(override(self.services, images)))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def services(self) -> Mapping[str, Mapping[str, str]]:
        """What the file of compose says of each service."""
        found: Mapping[str, Mapping[str, str]] = yaml.safe_load((self.folder / "compose.yaml").read_text())["services"]
        return found

    @property
    def secrets(self) -> Mapping[str, str]:
        """What `docker/prepare` made up."""
        return dict(re.findall(r"^(\w+)=(.*)$", (self.folder / ".env").read_text(), re.MULTILINE))

    def __call__(self, *arguments: str) -> str:
        """Run a command of compose and return what it wrote; raise ImagesError where it fails."""
        files = ("--file", self.folder / "compose.yaml", "--file", self.folder / "override.yaml")
        command: list[str | Path] = [program(), "--project-name", NAME, "--progress=plain", *files, *arguments]
        environment = {**os.environ, "DOCKER_HOST": self._engine.host, "DOOR_PORT": f"127.0.0.1:{self.port}"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ImagesError(f"compose {arguments[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def up(self) -> None:
        """Start everything; return once all of it is ready. Raises ImagesError with the logs where it does not become so."""
        try:
            self("up", "--detach", "--no-build", "--pull=never", "--wait", f"--wait-timeout={START_SECONDS}")
        except ImagesError as exc:
            raise ImagesError(f"{exc}\n{self('ps', '--all')}\n{self('logs', '--no-color', '--tail=30')}") from exc

    def down(self) -> None:
        """Stop everything, and remove containers, networks and volumes."""
        self("down", "--volumes", "--remove-orphans", "--timeout=20")

    def left(self) -> list[str]:
        """Return what the engine still has of it."""
        ours = f"--filter=label=com.docker.compose.project={NAME}"
        kinds = (["container", "list", "--all"], ["network", "list"], ["volume", "list"])
        return [line for kind in kinds for line in self._engine(*kind, "--quiet", ours).splitlines()]


@contextmanager
def running(folder: Path) -> Iterator[Project]:
    """Give the product of this tree as compose runs it; nothing of it is left after the block.

    Raises UnavailableError where there is no Docker engine, ImagesError where it does not become ready.
    """
    built = images(Release.of_tree("localhost", None))
    with docker(kept() / "engine") as engine:
        project = Project(folder, engine, load(engine, built) | make_stand_ins(engine))
        project.down()  # what a run that was killed has left
        try:
            project.up()
            yield project
        finally:
            project.down()


def require_port(port: int = PROVIDER_PORT) -> None:
    """Raise UnavailableError where something listens already where the identity provider is to answer."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise UnavailableError(f"port {port}, at which Keycloak is to answer, is taken")


def override(services: Mapping[str, Mapping[str, str]], images: Mapping[str, str]) -> Mapping[str, object]:
    """Return what differs from the file of compose: where the images come from, and what suits a test."""
    given: dict[str, dict[str, object]] = {
        name: {"image": images.get(name) or images[service["image"]], "mem_limit": MEMORY}
        for name, service in services.items()
    }
    given["door"]["environment"] = {"DOOR_PERSON_REQUESTS": UNHURRIED}
    return {"services": given}
