"""What the command says: to people with rich, to machines as one JSON object, and as an exit code."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import IntEnum
from itertools import groupby
from typing import NoReturn, Self

import typer
from rich.console import Console as Terminal
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from .finding import Finding


class ExitCode(IntEnum):
    """How the command ended."""

    OK = 0, "done, nothing was found"
    FILE_SYSTEM = 1, "a file could not be read or written"
    USAGE = 2, "the command line is wrong"
    INVALID_DELIVERY = 3, "the delivery breaks rules; see the findings"
    SERVER_REFUSED = 4, "the server refused the delivery, a file or the token"
    UNREACHABLE = 5, "the server could not be reached or did not recover"
    FINDINGS = 6, "the delivery was taken; the server's check has findings, or files were missing"

    meaning: str

    def __new__(cls, number: int, meaning: str) -> Self:
        code = int.__new__(cls, number)
        code._value_ = number
        code.meaning = meaning
        return code


def exit_code_help() -> str:
    """Return the lines for --help."""
    return "Exit codes: " + "; ".join(f"{code.value} {code.meaning}" for code in ExitCode) + "."


class Bar:
    """A progress bar that counts bytes; threads may tick it."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def expect(self, contents: int, size_bytes: int) -> None:
        self._progress.update(self._task, total=size_bytes, description=f"Pushing {contents} files")

    def advance(self, size_bytes: int) -> None:
        self._progress.advance(self._task, size_bytes)

    tick = advance


class Console:
    """Where the command speaks; the bar goes to standard error, the result to standard output."""

    def __init__(self, *, machine: bool) -> None:
        self._machine = machine

    @contextmanager
    def bar(self, title: str, size_bytes: int | None) -> Iterator[Bar]:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        terminal = Terminal(stderr=True)
        quiet = self._machine or not terminal.is_terminal
        with Progress(*columns, console=terminal, disable=quiet, transient=True) as progress:
            yield Bar(progress, progress.add_task(title, total=size_bytes))

    def tell(self, code: ExitCode, findings: Sequence[Finding], **facts: object) -> NoReturn:
        """Print the result and end the command with its exit code."""
        if self._machine:
            result = {"exit_code": code.value, **facts, "findings": [asdict(finding) for finding in findings]}
            typer.echo(json.dumps(result, ensure_ascii=False))
        else:
            self._tell_people(code, findings, facts)
        raise typer.Exit(code.value)

    def _tell_people(self, code: ExitCode, findings: Sequence[Finding], facts: Mapping[str, object]) -> None:
        lines = [*_finding_lines(findings), *_fact_lines(facts)]
        lines.append(f"{_counted(len(findings))}: {code.meaning}" if findings else code.meaning)
        # Not by rich: it would break paths to the width of the window.
        typer.echo("\n".join(lines))


def _finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the findings by rule, so that the way out is told once."""
    for (rule, way_out), group in groupby(sorted(findings, key=_by_rule), key=_by_rule):
        yield rule
        for finding in group:
            item = f" (item {finding.item})" if finding.item else ""
            yield f"  {finding.place}{item}: {finding.detail}"
        yield f"  Way out: {way_out}"
        yield ""


def _by_rule(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.way_out


def _fact_lines(facts: Mapping[str, object]) -> Iterator[str]:
    for name, fact in facts.items():
        if isinstance(fact, tuple):
            yield from (f"{name}: " + ", ".join(f"{key} {value}" for key, value in entry.items()) for entry in fact)
        elif fact is not None:
            yield f"{name}: {fact}"


def _counted(count: int) -> str:
    return f"{count} finding{'' if count == 1 else 's'}"
