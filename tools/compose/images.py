"""What compose is given in the place of images that no registry can be asked for: the product's own, and stand-ins."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tools.images import base
from tools.images.engine import Docker
from tools.images.product import Built
from tools.servers import Kafka, Minio
from tools.servers.cache import cached, run
from tools.servers.kafka.broker import version

from .keycloak import distribution

SOURCES = Path(__file__).with_name("stand_ins")
STAND_INS = {"door": "haproxy", "kafka": "kafka", "keycloak": "keycloak", "minio": "minio", "postgres": "postgres"}
"""The stage of the Dockerfile that stands for the image of a service."""
NAME = "localhost/aktenfluss-stand-in-{stage}"


def load(engine: Docker, built: Iterable[Built]) -> dict[str, str]:
    """Return the names of the product's images by those that compose has for them; the engine has them then."""
    for image in built:
        engine("load", "--quiet", "--input", image.path)
    return {f"aktenfluss-{image.service}": image.name for image in built}


def make_stand_ins(engine: Docker) -> dict[str, str]:
    """Return the names of the stand-ins by service; those that the engine does not have are built."""
    programs = {"kafka": kafka(), "keycloak": distribution(), "minio": Minio.build()}
    key = key_of([base.base_images(), *programs.values()])
    named = {service: f"{NAME.format(stage=stage)}:{key}" for service, stage in STAND_INS.items()}
    missing = [service for service, name in named.items() if engine.attempt("image", "inspect", name).returncode]
    if missing:
        engine("load", "--quiet", "--input", base.base_images() / "build.tar")
        with tempfile.TemporaryDirectory() as context:
            collect(programs, Path(context))
            for service in missing:
                build(engine, STAND_INS[service], named[service], Path(context))
        forget_older(engine, key)
    return named


def key_of(programs: Iterable[Path]) -> str:
    """Return what tells one build of the stand-ins from another."""
    digest = hashlib.sha256("\n".join(map(str, programs)).encode())
    for source in sorted(SOURCES.iterdir()):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def collect(programs: dict[str, Path], context: Path) -> None:
    for source in [*SOURCES.iterdir(), *programs.values()]:
        name = next((name for name, program in programs.items() if program == source), source.name)
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, context / name)


def build(engine: Docker, stage: str, name: str, context: Path) -> None:
    told = ["--build-arg", f"BASE={base.image_name('build')}", "--target", stage, "--tag", name]
    engine("build", "--quiet", "--network=host", *told, context)


def forget_older(engine: Docker, key: str) -> None:
    listed = engine(
        "image", "list", "--format={{.Repository}}:{{.Tag}}", f"--filter=reference={NAME.format(stage='*')}"
    )
    for name in listed.split():
        if not name.endswith(key):
            engine("image", "rm", name)


def kafka() -> Path:
    """Return Kafka's libraries, with its tools, which the server does without."""

    def fetch(folder: Path) -> None:
        shutil.copytree(Kafka.build(), folder, dirs_exist_ok=True)
        artefact = f"org.apache.kafka:kafka-tools:{version()}"
        run("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artefact}", f"-DoutputDirectory={folder}")

    return cached(f"kafka-with-tools-{version()}", fetch)
