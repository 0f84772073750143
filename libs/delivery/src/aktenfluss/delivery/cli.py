"""The command `aktenfluss-delivery`, which a scan contractor runs: build, check and push."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer

from .bag_info import draft_bag_info
from .build import build_delivery
from .check import check_folder
from .console import Console, ExitCode, exit_code_help
from .finding import Finding, InvalidDeliveryError
from .index import IndexRow, parse_rows
from .lines import text_findings
from .paths import INDEX_PATH
from .push import PARALLEL, PushOptions, PushReport, open_client, push_delivery
from .rules import Rule
from .server import ServerRefusedError, ServerUnavailableError

app = typer.Typer(
    name="aktenfluss-delivery",
    help="Build, check and push deliveries of scans.",
    epilog=exit_code_help(),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Folder = Annotated[Path, typer.Argument(help="The folder of the delivery.", exists=True, file_okay=False)]
Machine = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def _header_text(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise typer.BadParameter("a token has no spaces, line ends or special characters")
    return text


@app.command(epilog=exit_code_help())
def build(
    target: Annotated[Path, typer.Argument(help="The folder to write the delivery to.", file_okay=False)],
    *,
    source: Annotated[Path, typer.Option(help="The folder of the PDFs.", exists=True, file_okay=False)],
    index: Annotated[Path, typer.Option(help="The rows of data/index.csv.", exists=True, dir_okay=False)],
    info: Annotated[Path, typer.Option(help="bag-info.txt without Payload-Oxum.", exists=True, dir_okay=False)],
    json: Machine = False,
) -> None:
    """Pack a folder of PDFs and their index into a delivery."""
    console = Console(machine=json)
    with _told(console):
        labels = draft_bag_info(_text(info))
        with console.bar("Packing", None) as bar:
            delivery = build_delivery(target, _rows(_text(index)), labels, source, bar.tick)
    console.tell(ExitCode.OK, (), delivery=delivery.id, files=len(delivery.contents))


@app.command(epilog=exit_code_help())
def check(folder: Folder, *, json: Machine = False) -> None:
    """Check a delivery completely, without a server."""
    console = Console(machine=json)
    with _told(console), console.bar("Checking", _size(folder)) as bar:
        report = check_folder(folder, bar.tick)
    delivery = report.delivery.id if report.delivery else None
    code = ExitCode.OK if report.is_good else ExitCode.INVALID_DELIVERY
    console.tell(code, report.findings, delivery=delivery, files=report.file_count, bytes=report.size_bytes)


@app.command(epilog=exit_code_help())
def push(
    folder: Folder,
    url: Annotated[str, typer.Argument(help="The server, for example https://akten.example.de")],
    *,
    token: Annotated[
        str, typer.Option(envvar="AKTENFLUSS_TOKEN", help="The contractor's token.", callback=_header_text)
    ],
    parallel: Annotated[int, typer.Option(min=1, max=64, help="How many files to send at once.")] = PARALLEL,
    accept_missing: Annotated[
        bool, typer.Option("--accept-missing", help="Complete the delivery although files are missing or refused.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the result of the server's check.")] = False,
    json: Machine = False,
) -> None:
    """Push a delivery; running it again is always safe and sends only what the server lacks."""
    console = Console(machine=json)
    options = PushOptions(parallel=parallel, accept_missing=accept_missing, wait=wait)
    with _told(console):
        report = asyncio.run(_push(folder, _http_url(url), token, options, console))
    console.tell(
        _push_code(report),
        (*report.unsent, *report.answer.findings),
        delivery=report.answer.delivery,
        state=report.answer.state,
        announced=report.announced,
        transferred=report.transferred,
        skipped=report.skipped,
        unsent=len(report.unsent),
        bytes=report.transferred_bytes,
        items=report.answer.items,
    )


async def _push(folder: Path, url: str, token: str, options: PushOptions, console: Console) -> PushReport:
    async with open_client(url, token, options.parallel) as client:
        with console.bar("Pushing", None) as bar:
            return await push_delivery(folder, client, options, bar)


def _push_code(report: PushReport) -> ExitCode:
    if report.answer.state == "uploading":
        missing = all(finding.rule != Rule.CONTENT_REFUSED for finding in report.unsent)
        return ExitCode.INVALID_DELIVERY if missing else ExitCode.SERVER_REFUSED
    return ExitCode.FINDINGS if report.answer.findings or report.unsent else ExitCode.OK


def _http_url(text: str) -> str:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise typer.BadParameter(str(error), param_hint="URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise typer.BadParameter("it starts with https:// or http://", param_hint="URL")
    return text


@contextmanager
def _told(console: Console) -> Iterator[None]:
    """Turn a problem into words and an exit code."""
    try:
        yield
    except InvalidDeliveryError as error:
        console.tell(ExitCode.INVALID_DELIVERY, error.findings)
    except ServerRefusedError as error:
        console.tell(ExitCode.SERVER_REFUSED, error.findings, problem=error.slug, detail=error.detail)
    except ServerUnavailableError as error:
        console.tell(ExitCode.UNREACHABLE, (), problem=error.slug, detail=error.detail)
    except OSError as error:
        console.tell(ExitCode.FILE_SYSTEM, (), detail=str(error))


def _rows(text: str) -> list[IndexRow]:
    findings: list[Finding] = text_findings(INDEX_PATH, text)
    rows = parse_rows(text, findings).good
    if findings:
        raise InvalidDeliveryError(findings)
    return [row for _, row in rows]


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="surrogateescape")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file())
