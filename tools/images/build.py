"""Builds the images of the product with an engine, unless they lie in the cache."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tools.servers.cache import make
from tools.servers.process import locked

from . import archive, base
from .engine import Docker, docker, require_engine
from .product import SERVICES, Built, Release, forget_older, forget_stale, key_of, left_out_of, member_of, place_of
from .store import ROOT, folder

AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")


def images(release: Release, *, fresh: bool = False) -> list[Built]:
    """Return the images of a release; those that are not in the cache are built, one after the other.

    Raises UnavailableError where there is no Docker engine and none can be started, ImagesError where a build fails.
    """
    with locked(folder() / ".lock"):
        if fresh or not base.place().exists():
            require_engine()  # before the base is made for nothing
        bases = base.base_images(fresh=fresh)
        key = key_of(release, bases)
        missing = [service for service in SERVICES if not Built.find(service, key)]
        if missing:
            build(missing, key, release, bases)
    return [found for service in SERVICES if (found := Built.find(service, key))]


def build(services: list[str], key: str, release: Release, bases: Path) -> None:
    with docker(folder() / "engine") as engine:
        load_bases(engine, bases)
        for service in services:
            place = place_of(service, key)
            place.parent.mkdir(exist_ok=True)
            make(place, partial(build_one, engine, service, release))
            forget_older(service)
        forget_stale(keep=bases)
        engine("image", "prune", "--force")
        engine("builder", "prune", "--force", "--keep-storage", "5GB")


def load_bases(engine: Docker, bases: Path) -> None:
    """Let the names of the bases mean these: an engine may have those of another tree under them."""
    for kind in ("build", "run"):
        engine("load", "--quiet", "--input", bases / f"{kind}.tar")


def build_one(engine: Docker, service: str, release: Release, made: Path, *, anew: bool = False) -> None:
    """Build an image and save it into a folder, as it would be built at any other time; `anew` takes nothing over."""
    name = release.name(service)
    cache = made if anew else folder() / "layers"
    cache.mkdir(exist_ok=True)
    with secrets() as given:
        engine("build", *options(service, release), *given, *(["--no-cache"] if anew else []), "--tag", name, ROOT)
    with tempfile.TemporaryDirectory(dir=made.parent) as work:
        saved = Path(work) / "saved.tar"
        engine("save", "--output", saved, name)
        image = archive.read(saved, cache)
    digest = archive.write(image, name, release.epoch, made / "image.tar")
    path = place_of(service, made.name) / "image.tar"
    packed = sum(layer.packed_bytes for layer in image.layers)
    unpacked = sum(layer.unpacked_bytes for layer in image.layers)
    Built(service, name, digest, packed, unpacked, str(path)).save(made)


def options(service: str, release: Release) -> list[str]:
    """Return what a build is told."""
    arguments = {
        "BASE": base.image_name("run"),
        "BUILD_BASE": base.image_name("build"),
        "SERVICE": service,
        "MEMBER": member_of(service),
        "WITHOUT": left_out_of(service),
        "VERSION": release.version,
        "REVISION": release.revision,
    }
    told = [part for name, value in arguments.items() for part in ("--build-arg", f"{name}={value}")]
    return ["--quiet", "--network=host", "--file", str(ROOT / "docker/Dockerfile"), *told]


@contextmanager
def secrets() -> Iterator[list[str]]:
    """Tell a build what this machine knows of its package registry, without leaving it in an image."""
    files = {"authorities": Path(os.environ.get("SSL_CERT_FILE", AUTHORITIES)), "pip": Path("/etc/pip.conf")}
    with tempfile.TemporaryDirectory() as made:
        if index := next((os.environ[name] for name in INDEX_VARIABLES if name in os.environ), None):
            files |= {"pip": Path(made) / "pip.conf", "uv": Path(made) / "uv.toml"}
            files["pip"].write_text(f"[global]\nindex-url = {index}\n")
            files["uv"].write_text(f'[[index]]\nurl = "{index}"\ndefault = true\n')
        yield [f"--secret=id={name},src={file}" for name, file in files.items() if file.exists()]
