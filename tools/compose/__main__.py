"""The command line of compose: whether it can be brought up here, and up until Ctrl-C."""

import os
import sys
import tempfile
import threading
from pathlib import Path

import typer
from tools.images.engine import require_engine
from tools.images.store import ImagesError, UnavailableError
from tools.servers import Kafka, Minio, ServerError

from . import images, keycloak
from .program import program
from .project import require_port, running

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def check() -> None:
    """Fetch what is missing; exits 69 and says why where the product cannot be brought up on this machine."""
    require_engine()
    require_port()
    try:
        for fetch in (program, Kafka.build, Minio.build, images.kafka, keycloak.distribution):
            fetch()
    except ServerError as exc:
        raise UnavailableError(f"what compose needs cannot be had: {exc}") from exc


@app.command()
def up() -> None:
    """Bring the product up until Ctrl-C; then nothing of it is left."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as project:
        typer.echo(f"BASE_URL={project.base_url}\nsecrets: {project.folder}")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("taking it down", err=True)


if __name__ == "__main__":
    try:
        app(prog_name="python -m tools.compose")
    except UnavailableError as exc:
        sys.stderr.write(f"compose: {exc}\n")
        raise SystemExit(os.EX_UNAVAILABLE) from exc
    except (ImagesError, ServerError) as exc:
        raise SystemExit(f"compose: {exc}") from exc
