"""The command line `aktenfluss`: serve an installation, look after it, try it out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from aktenfluss.kernel import Role
from aktenfluss.servicekit import NotPreparedError, ServiceUnavailableError

from .commands import parked_events, serving, stock_list, upkeep

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
stock = typer.Typer(no_args_is_help=True, help="The stock list of case files.")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")
parked = typer.Typer(no_args_is_help=True, help="Events that a service could not apply.")
app.add_typer(stock, name="stock")
app.add_typer(audit, name="audit")
jobs = typer.Typer(no_args_is_help=True, help="Work that a service does by itself.")
app.add_typer(parked, name="parked")
app.add_typer(jobs, name="jobs")
texts = typer.Typer(no_args_is_help=True, help="The text of pages, as it is recognised.")
app.add_typer(texts, name="texts")

Data = Annotated[Path, typer.Option("--data", envvar="DATA_FOLDER", help="Folder of the installation.")]
Url = Annotated[str, typer.Option(envvar="AKTENFLUSS_URL", help="Where the installation answers.")]
Token = Annotated[
    str, typer.Option(envvar="AKTENFLUSS_TOKEN", help="Token of a records manager; see `aktenfluss token`.")
]
HERE = Path("data")


@contextmanager
def refusing() -> Iterator[None]:
    """Tell what an operator can mend as a usage error, without a traceback."""
    try:
        yield
    except (NotPreparedError, ServiceUnavailableError, ValueError) as exc:
        raise typer.BadParameter(str(exc)) from exc


@app.command()
def serve(
    data: Data = HERE,
    host: Annotated[str, typer.Option(envvar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", help="Port to listen on; 0 takes a free one.")] = 8080,
) -> None:
    """Serve everything in one process until a signal ends it."""
    raise typer.Exit(serving.serve(data, host, port))


@app.command()
def migrate(data: Data = HERE) -> None:
    """Bring every database, the bus and the store to this release."""
    with refusing():
        upkeep.migrate(data)


@app.command()
def token(
    role: Annotated[list[Role], typer.Option(help="What the bearer may be; may be given more than once.")],
    data: Data = HERE,
    tenant: Annotated[str, typer.Option(help="The authority whose records are in reach.")] = "offenbach",
    subject: Annotated[str, typer.Option(help="Opaque id of the bearer, as the audit log keeps it.")] = "cli",
    minutes: Annotated[int, typer.Option(min=1, max=24 * 60, help="How long it is valid.")] = 60,
) -> None:
    """Print an access token of the embedded issuer."""
    with refusing():
        typer.echo(upkeep.mint_token(data, tenant, subject, role, timedelta(minutes=minutes)))


@app.command("public-key")
def public_key(
    data: Data = HERE,
    number: Annotated[int, typer.Option(min=1, help="Which one, while keys are exchanged; the first signs.")] = 1,
) -> None:
    """Print the key that verifies tokens of the embedded issuer, for a door that checks them."""
    with refusing():
        typer.echo(upkeep.public_key(data, number), nl=False)


@app.command()
def demo(
    data: Annotated[
        Path | None, typer.Option("--data", help="An empty folder; a fresh one where it is left out.")
    ] = None,
    files: Annotated[int, typer.Option(min=6, max=500, help="How many case files.")] = 60,
    port: Annotated[int, typer.Option(help="Port to serve on; 0 takes a free one.")] = 0,
) -> None:
    """Play the way of two boxes of paper, from the stock list to the page on the screen."""
    from .commands.demonstration import play_demo

    raise typer.Exit(play_demo(data, files, port))


@app.command()
def smoke(
    url: Annotated[str, typer.Argument(help="The door of the installation, for example https://akten.example.de.")],
    data: Data = HERE,
) -> None:
    """Try a running installation with made-up case files, in an authority of their own; they stay there."""
    from .commands.smoke import smoke as play_smoke

    raise typer.Exit(play_smoke(data, url))


@app.command()
def doctor(
    data: Data = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Tell it to a program.")] = False,
) -> None:
    """Check all that the installation stands on; the exit code is 1 where something fails, 0 with warnings alone."""
    from .commands.doctor import doctor as look_after

    with refusing():
        raise typer.Exit(look_after(data, as_json=as_json))


@app.command()
def backup(data: Data = HERE) -> None:
    """Back the installation up, while it runs or not, into the store that BACKUP_URL names."""
    from .commands.backup import backup as write_backup

    with refusing():
        write_backup(data)


@app.command()
def restore(
    data: Data = HERE,
    name: Annotated[str | None, typer.Option("--backup", help="Which one; the latest where it is left out.")] = None,
) -> None:
    """Restore a backup into empty databases, an empty bus and a store; nothing that is there is overwritten."""
    from .commands.backup import restore as read_backup

    with refusing():
        read_backup(data, name)


@stock.command("import")
def stock_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON, one case file per line.")],
    token: Token,
    url: Url = "http://127.0.0.1:8080",
) -> None:
    """Open or change the case files of a stock list; the exit code is 1 where a line was refused or the import stopped."""
    raise typer.Exit(stock_list.import_file(file, url, token))


@audit.command("verify")
def audit_verify(data: Data = HERE) -> None:
    """Recompute the whole audit log; the exit code is 1 where a record was changed, and the first one is named."""
    with refusing():
        raise typer.Exit(upkeep.verify(data))


@parked.command("list")
def parked_list(data: Data = HERE) -> None:
    """Show the events that wait for an operator."""
    with refusing():
        parked_events.show(data)


@parked.command("retry")
def parked_retry(
    event: Annotated[UUID | None, typer.Argument(help="Id of an event; all where it is left out.")] = None,
    data: Data = HERE,
) -> None:
    """Apply a parked event again, and all that wait behind it."""
    with refusing():
        raise typer.Exit(parked_events.retry(data, event))


@app.command()
def scrub(data: Data = HERE) -> None:
    """Read every stored content again; the exit code is 1 where one is missing, changed or cannot be read."""
    with refusing():
        raise typer.Exit(upkeep.scrub(data))


@jobs.command("retry")
def jobs_retry(data: Data = HERE) -> None:
    """Do again what failed for good, for example the check of a delivery, once its cause is removed."""
    with refusing():
        raise typer.Exit(upkeep.retry_jobs(data))


@texts.command("retry")
def texts_retry(data: Data = HERE) -> None:
    """Read again the pages whose text could not be read, once the cause is removed."""
    with refusing():
        raise typer.Exit(upkeep.retry_texts(data))
