"""The images of the product: what goes into them, under which names, and where they lie once they are built."""

import hashlib
import json
import shutil
import time
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from tools.servers.cache import run

from .store import ROOT, folder

SERVICES = ("audit", "cases", "delivery", "documents", "documents-ocr", "gateway", "scans", "standalone")
"""Every member that runs: the services, the command line of a contractor, and all services in one process.

`documents-ocr` is `documents` with what recognises text.
"""
RECOGNISES = "-ocr"
"""The end of the name of an image that is its member with the extra `ocr` and a model."""
SOURCES = (
    "docker/Dockerfile",
    "docker/Dockerfile.dockerignore",
    "tools/images/finish.py",
    "libs",
    "pyproject.toml",
    "services",
    "uv.lock",
)
"""What an image is made of."""
KEPT = 3
"""How many builds of an image stay: the newest ones, for an upgrade and the way back."""

STALE_SECONDS = 30 * 24 * 3600


def member_of(service: str) -> str:
    """Return the member that runs in an image."""
    return service.removesuffix(RECOGNISES)


def left_out_of(service: str) -> str:
    """Return the extra that an image does without, or nothing."""
    return "ocr" if f"{service}{RECOGNISES}" in SERVICES else ""


@dataclass(frozen=True)
class Release:
    """What images are called and say of themselves."""

    registry: str
    version: str
    revision: str
    epoch: int

    @classmethod
    def of_tree(cls, registry: str, version: str | None) -> Self:
        """Return that of the tree; its moment and revision are those of the last commit that changed an image."""
        revision, epoch = run("git", "-C", ROOT, "log", "-1", "--format=%H %ct", "--", *SOURCES).split()
        changed = run("git", "-C", ROOT, "status", "--porcelain", "--", *SOURCES)
        version = version or tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
        return cls(registry, version, revision + ("-changed" if changed else ""), int(epoch))

    def name(self, service: str) -> str:
        """Return the name of an image, as the chart asks for it."""
        return f"{self.registry}/aktenfluss-{service}:{self.version}"


@dataclass(frozen=True)
class Built:
    """An image that lies in the cache."""

    service: str
    name: str
    digest: str
    packed_bytes: int
    unpacked_bytes: int
    path: str

    @classmethod
    def find(cls, service: str, key: str) -> Self | None:
        """Return the image that was built of `key`."""
        described = place_of(service, key) / "image.json"
        return cls(**json.loads(described.read_text())) if described.exists() else None

    def save(self, folder: Path) -> None:
        (folder / "image.json").write_text(json.dumps(asdict(self), indent=2))

    def __str__(self) -> str:
        packed, unpacked = self.packed_bytes / 1e6, self.unpacked_bytes / 1e6
        return f"{self.name}  {unpacked:.0f} MB, packed {packed:.0f} MB\n    {self.digest}\n    {self.path}"


def place_of(service: str, key: str) -> Path:
    return folder() / service / key


def key_of(release: Release, base: Path) -> str:
    """Return what tells one build from another: the release, the base, and every file that goes in."""
    digest = hashlib.sha256(json.dumps([asdict(release), base.name, (base / "packages").read_text()]).encode())
    for file in source_files():
        digest.update(f"{file.relative_to(ROOT)}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def source_files() -> Iterable[Path]:
    """Give the files of the sources that git knows or would: no tests, nothing that was made."""
    listed = run("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "--", *SOURCES)
    paths = (ROOT / line for line in sorted(set(listed.splitlines())))
    return [path for path in paths if path.exists() and "tests" not in path.parts]


def forget_stale(keep: Path) -> None:
    """Remove layers and bases that were made long ago, but not the base that is in use."""
    oldest = time.time() - STALE_SECONDS
    stale = (
        path for path in [*folder().glob("layers/*.json"), *folder().glob("base-*")] if path.stat().st_mtime < oldest
    )
    for path in stale:
        if path.suffix == ".json":
            path.unlink()
            path.with_suffix(".tar.gz").unlink(missing_ok=True)
        elif path != keep:
            shutil.rmtree(path)


def forget_older(service: str) -> None:
    """Remove all but the newest builds of an image."""
    builds = sorted((folder() / service).glob("*/image.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for described in builds[KEPT:]:
        shutil.rmtree(described.parent)
