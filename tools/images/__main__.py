"""The command line of the images: build them, tell where they lie."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from tools.servers import ServerError

from . import audit as audits
from . import sbom as parts
from .base import base_images, place
from .build import images
from .product import SERVICES, Built, Release, key_of
from .store import ROOT, ImagesError, UnavailableError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
UNAVAILABLE = 69
"""How the process ends where no Docker engine can be had (EX_UNAVAILABLE of sysexits)."""
Registry = Annotated[str, typer.Option(envvar="REGISTRY", help="What the names of the images begin with.")]
Version = Annotated[str | None, typer.Option(envvar="VERSION", help="Their tag; that of the product unless told.")]

Fresh = Annotated[bool, typer.Option("--fresh", envvar="FRESH", help="Take the newest packages of Debian.")]


@app.command()
def build(
    registry: Registry = "localhost",
    version: Version = None,
    fresh: Fresh = False,
) -> None:
    """Build the images that are not in the cache; exits 69 where no Docker engine can be had."""
    begin = time.monotonic()
    for found in images(Release.of_tree(registry, version), fresh=fresh):
        typer.echo(str(found))
    typer.echo(f"{time.monotonic() - begin:.1f} s", err=True)


@app.command(name="list")
def list_images(registry: Registry = "localhost", version: Version = None) -> None:
    """Print a line for each image of this tree: name, digest, archive; exits 1 where one is not built."""
    key = key_of(Release.of_tree(registry, version), base_images())
    found = [built for service in SERVICES if (built := Built.find(service, key))]
    for built in found:
        typer.echo(f"{built.name} {built.digest} {built.path}")
    raise typer.Exit(0 if len(found) == len(SERVICES) else 1)


@app.command()
def base(fresh: Fresh = False) -> None:
    """Make the base image where it is missing; print the folder with `build.tar` and `run.tar` for `docker load`."""
    typer.echo(base_images(fresh=fresh))


@app.command()
def sbom(
    folder: Annotated[Path, typer.Option(help="Where the lists go.")] = ROOT / "build" / "sbom",
    registry: Registry = "localhost",
    version: Version = None,
) -> None:
    """Write what is in each image as CycloneDX 1.6; with the packages of the base where it was made here."""
    packages = place() / "packages"
    base_packages = packages.read_text() if packages.exists() else ""
    for service in SERVICES:
        typer.echo(parts.write(service, Release.of_tree(registry, version), base_packages, folder))


@app.command()
def audit() -> None:
    """Fail where a locked package has a known vulnerability without a dated, reasoned exception."""
    try:
        report = audits.ask(audits.locked_packages())
    except audits.NoAnswerError as exc:
        typer.echo(f"audit: NOT MADE, the database of known vulnerabilities does not answer from here: {exc}")
        return
    found = list(audits.faults(report, audits.accepted(), datetime.now(UTC).date()))
    for fault in found:
        typer.echo(f"audit: {fault}", err=True)
    unknown = f"; not known to the database: {', '.join(report.unknown)}" if report.unknown else ""
    typer.echo(f"audit: {report.judged} packages judged, {len(found)} faults{unknown}")
    raise typer.Exit(1 if found else 0)


if __name__ == "__main__":
    try:
        app(prog_name="python -m tools.images")
    except UnavailableError as exc:
        typer.echo(f"images: {exc}", err=True)
        raise SystemExit(UNAVAILABLE) from exc
    except (ImagesError, ServerError) as exc:
        raise SystemExit(f"images: {exc}") from exc
