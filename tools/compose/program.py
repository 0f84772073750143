"""Compose itself, from a package of Debian 13 that is unpacked without installing it: Debian 12 has only the first one."""

import os
import tempfile
from pathlib import Path

from tools.servers import ServerError
from tools.servers.cache import cached, run
from tools.servers.debian import ARCHIVES, apt_get

PACKAGE = "docker-compose"
SUITE = "trixie"
SOURCE = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} {suite} main\n"
MIRROR = "http://deb.debian.org/debian"
WAY_OUT = "\n\nWay out: where Debian's packages lie elsewhere, name their mirror in DEBIAN_MIRROR"


def program() -> Path:
    """Return the program; the first call fetches it. Neither the system's packages nor its lists of packages change."""

    def fetch(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as state:
            (package,) = download(Path(state), os.environ.get("DEBIAN_MIRROR", MIRROR))
            run("dpkg-deb", "-x", package, folder)

    return cached(f"{PACKAGE}-{SUITE}", fetch) / "usr/libexec/docker/cli-plugins/docker-compose"


def download(state: Path, mirror: str) -> list[Path]:
    """Fetch the package with lists of its own; raise ServerError where it cannot be had."""
    sources = state / "sources.list"
    sources.write_text(SOURCE.format(mirror=mirror, suite=SUITE))
    apt = [*apt_get(state), "-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=-"]
    try:
        run(*apt, "update", "--error-on=any")
        run("sh", "-c", 'cd "$0" && exec "$@"', state / ARCHIVES, *apt, "download", PACKAGE)
    except ServerError as exc:
        raise ServerError(f"{exc}{WAY_OUT}") from exc
    return list((state / ARCHIVES).glob(f"{PACKAGE}_*.deb"))
