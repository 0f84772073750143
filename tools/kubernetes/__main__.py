"""The command line of the cluster: build its programs, make it, use it, take it away."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from tools.servers import ServerError

from . import UNAVAILABLE, Cluster, UnavailableError, machine, programs

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
Folder = Annotated[Path, typer.Option(help="Where the cluster keeps everything, and its logs.")]
HERE = Path("build/kubernetes")
PROGRAMS = (programs.kubebox, programs.coredns, programs.pause, programs.network_policies, programs.traefik)


@app.command()
def check() -> None:
    """Install what is missing; exits 75 and says why where a cluster cannot be made on this machine."""
    machine.check()
    machine.install()


@app.command()
def build() -> None:
    """Make the programs that are not in the cache yet; from their sources that takes half an hour."""
    for program in PROGRAMS:
        begin = time.monotonic()
        path = program()
        typer.echo(f"{time.monotonic() - begin:6.1f} s  {path}", err=True)
    programs.gateway_definitions()


@app.command()
def up(folder: Folder = HERE) -> None:
    """Make the cluster anew; prints the variable that leads to it."""
    begin = time.monotonic()
    cluster = Cluster(folder)
    cluster.up()
    typer.echo(f"up after {time.monotonic() - begin:.1f} s", err=True)
    typer.echo(f"export KUBECONFIG={cluster.configuration}")


@app.command()
def down(folder: Folder = HERE) -> None:
    """Take the cluster away with everything it made on this machine; its logs stay."""
    Cluster(folder).down()


@app.command()
def load(archive: Path, folder: Folder = HERE) -> None:
    """Take up the images of an archive that `docker save` wrote."""
    Cluster(folder).load(archive)


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def kubectl(arguments: list[str], folder: Folder = HERE) -> None:
    """Run kubectl on the cluster; `--folder` stands before its own arguments."""
    command = [str(programs.kubebox()), "kubectl", f"--kubeconfig={Cluster(folder).configuration}", *arguments]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def main() -> None:
    """Run a command; what went wrong is told in its own words, without a trace."""
    try:
        app(prog_name="python -m tools.kubernetes")
    except UnavailableError as exc:
        sys.stderr.write(f"{exc}\n")
        raise SystemExit(UNAVAILABLE) from exc
    except ServerError as exc:
        raise SystemExit(str(exc)) from exc


if __name__ == "__main__":
    main()
