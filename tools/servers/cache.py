"""Where built servers are kept: outside the tree, one folder for each version, made whole or not at all."""

import lzma
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from .process import ServerError, locked

ROOT = Path(__file__).resolve().parents[2]
patiently = Retrying(
    stop=stop_after_attempt(3),
    wait=wait_random_exponential(max=10),
    retry=retry_if_exception_type(ServerError),
    reraise=True,
)
"""Calls what fetches from a network, and calls it again where that fails: a registry may be busy for a moment."""


def cached(key: str, build: Callable[[Path], None]) -> Path:
    """Return the folder of `key`, a name and a version; where it is missing, `build` fills an empty one.

    Of several processes one builds and the others wait; a build that fails is tried twice more, and leaves nothing under
    the key, nor does one that is killed.
    """
    folder = cache_folder() / key
    if folder.exists():
        return folder
    with locked(folder.with_name(f".{key}.lock")):
        if not folder.exists():
            patiently(make, folder, build)
    return folder


def make(folder: Path, build: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as unfinished:
        made = Path(unfinished) / folder.name
        made.mkdir()
        build(made)
        made.rename(folder)


def cache_folder() -> Path:
    """Return the folder of all versions: AKTENFLUSS_SERVERS_CACHE, else one of the user's."""
    given = os.environ.get("AKTENFLUSS_SERVERS_CACHE")
    return Path(given).resolve() if given else Path.home() / ".cache" / "aktenfluss" / "servers"


def ready_built(name: str) -> Path | None:
    """Return the packed program that somebody built before, from AKTENFLUSS_SERVERS_READY or beside the repository."""
    folder = Path(os.environ.get("AKTENFLUSS_SERVERS_READY") or ROOT.parent / "shared" / "servers")
    packed = folder / f"{name}.xz"
    return packed if packed.exists() else None


def unpack(packed: Path, program: Path) -> None:
    """Unpack an .xz file to a program that can be run."""
    with lzma.open(packed) as source, program.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    program.chmod(0o755)


def run(*command: str | Path, environment: Mapping[str, str] | None = None, user: int | None = None) -> str:
    """Run a program to its end and return what it wrote; raise ServerError where it is missing or fails."""
    variables = {**os.environ, **(environment or {})}
    try:
        finished = subprocess.run(command, env=variables, user=user, capture_output=True, text=True, check=False)
    except FileNotFoundError as exc:
        raise ServerError(f"{command[0]} is not installed\n\nWay out: install it and run `make servers` again") from exc
    if finished.returncode:
        raise ServerError(f"{command[0]} ended with {finished.returncode}:\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def go_program(name: str, module: str, version: str) -> Path:
    """Return a program written in Go: unpacked where somebody built it before, else built from its published source."""

    def build(folder: Path) -> None:
        program = folder / name
        if packed := ready_built(name):
            unpack(packed, program)
        else:
            run("go", "install", f"{module}@{version}", environment={"GOBIN": str(folder), "CGO_ENABLED": "0"})
        run(program, "--version")

    return cached(f"{name}-{version}", build) / name
