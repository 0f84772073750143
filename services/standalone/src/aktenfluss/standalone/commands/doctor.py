"""Look at everything that an installation stands on, and say what to do where it is not as it must be."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from aktenfluss.servicekit import Finding, Outcome, check_up, worst

from ..household import MIGRATIONS
from ..settings import StandaloneSettings

console = Console()
COLOURS = {Outcome.OK: "green", Outcome.WARNING: "yellow", Outcome.FAILURE: "red"}


def doctor(data: Path, *, as_json: bool) -> int:
    """Tell what was found, and return 1 where there is a failure."""
    findings = asyncio.run(check_up(StandaloneSettings(data_folder=data), MIGRATIONS))
    if as_json:
        typer.echo(told_to_machines(findings))
    else:
        console.print(table_of(findings))
    return 1 if worst(findings) is Outcome.FAILURE else 0


def told_to_machines(findings: Sequence[Finding]) -> str:
    """Return the findings as JSON."""
    return json.dumps({"outcome": worst(findings), "findings": [asdict(finding) for finding in findings]}, indent=2)


def table_of(findings: Sequence[Finding]) -> Table:
    """Return the findings as a table."""
    table = Table("check", "", "seen", "what to do")
    for finding in findings:
        outcome = f"[{COLOURS[finding.outcome]}]{finding.outcome}[/]"
        table.add_row(finding.name, outcome, plain(finding.seen), plain(finding.way_out))
    return table


def plain(text: str) -> str:
    """Return the text so that rich takes no part of it for markup."""
    return text.replace("[", r"\[")
