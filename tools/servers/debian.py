"""Packages of Debian, unpacked into a folder: neither the system's packages nor its lists of packages change."""

import shutil
import tempfile
from itertools import chain
from pathlib import Path

from .cache import run
from .process import ServerError

ARCHIVES = "cache/archives"
"""Where the packages lie that were fetched, below the folder that was given."""


def fetch(folder: Path, package: str) -> None:
    """Unpack a package, and what it needs and this system lacks; any user may. Raises ServerError."""
    if not shutil.which("apt-get"):
        raise ServerError(f"there is no apt-get to fetch {package} with")
    with tempfile.TemporaryDirectory() as state:
        apt = apt_get(Path(state))
        run(*apt, "update")
        run(*apt, "install", "--download-only", "--reinstall", "--yes", "--no-install-recommends", package)
        for archive in sorted((Path(state) / ARCHIVES).glob("*.deb")):
            run("dpkg-deb", "-x", archive, folder)


def apt_get(state: Path) -> list[str]:
    """Return apt-get with its own lists and archives below `state`, as any user may run it."""
    for kept in (state / ARCHIVES / "partial", state / "lists/partial"):
        kept.mkdir(parents=True)
    options = [f"Dir::State::lists={state}/lists", f"Dir::Cache={state}/cache", "Debug::NoLocking=1"]
    sandbox = "APT::Sandbox::User="  # its own user could not write below `state`
    return ["apt-get", "-q", *chain.from_iterable(("-o", option) for option in (*options, sandbox))]
