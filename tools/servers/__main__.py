"""The command line of the servers: build them, start them in the background, tell about them, stop them."""

import time
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from . import HAProxy, Kafka, Minio, PostgresServer, ServerError, Versitygw
from .cache import ROOT
from .process import Server
from .state import State

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
Folder = Annotated[Path, typer.Option(help="Where the servers keep their data, their logs and who runs.")]
HERE = Path("build/servers")


class Store(StrEnum):
    """The S3 stores to choose from."""

    MINIO = "minio"
    VERSITYGW = "versitygw"


@app.command()
def build() -> None:
    """Fetch and compile what is not in the cache yet; the first time takes minutes."""
    for server in (Kafka, Minio, Versitygw, PostgresServer, HAProxy):
        begin = time.monotonic()
        path = server.build()
        typer.echo(f"{server.name:<10} {time.monotonic() - begin:6.1f} s  {path}", err=True)


@app.command()
def start(folder: Folder = HERE, store: Annotated[Store, typer.Option(help="The S3 store.")] = Store.MINIO) -> None:
    """Start PostgreSQL, Kafka and an S3 store in the background; print the settings that lead to them."""
    state = State.load(state_file(folder))
    if not state.is_running():
        state.end()
        state = start_all(folder, store)
    typer.echo(state.exports())


@app.command()
def stop(folder: Folder = HERE) -> None:
    """Stop the servers that `start` started; their data stays."""
    State.load(state_file(folder)).end()
    state_file(folder).unlink(missing_ok=True)


@app.command()
def status(folder: Folder = HERE) -> None:
    """Tell which servers run; exits 1 unless all do."""
    state = State.load(state_file(folder))
    for server in state.servers:
        typer.echo(f"{server.name:<10} {'runs' if server.process() else 'ended':<6} {server.port:>6} {server.pid:>8}")
    raise typer.Exit(0 if state.is_running() else 1)


def state_file(folder: Path) -> Path:
    return folder / "state.json"


def start_all(folder: Path, store: Store) -> State:
    """Start the servers and let them run on; where one does not start, the others end with this process."""
    store_type = Minio if store is Store.MINIO else Versitygw
    with ThreadPoolExecutor() as pool:
        starting_postgres = pool.submit(PostgresServer.start, folder / "postgres")
        starting_kafka = pool.submit(Kafka.start, folder / "kafka")
        starting_store = pool.submit(store_type.start, folder / store)
    postgres, kafka, objects = starting_postgres.result(), starting_kafka.result(), starting_store.result()
    for service in services():
        postgres.create(service)
    variables = {
        "DATABASE_URL": postgres.app_url("{service}"),
        "DATABASE_OWNER_URL": postgres.owner_url("{service}"),
        "EVENT_BUS_URL": kafka.url,
        "OBJECT_STORE_URL": objects.url,
    }
    servers: tuple[Server, ...] = (postgres, kafka, objects)
    state = State.of(servers, variables)
    state.save(state_file(folder))
    for server in servers:
        server.outlive()
    return state


def services() -> list[str]:
    """Return the services that have a database: those with migrations."""
    return sorted(path.parts[-3] for path in ROOT.glob("services/*/src/aktenfluss/*/adapters/migrations"))


if __name__ == "__main__":
    try:
        app(prog_name="python -m tools.servers")
    except ServerError as exc:
        raise SystemExit(str(exc)) from exc
