"""Asks for the known vulnerabilities of the locked packages; each needs an exception with a reason and an end, or a new version."""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tools.servers.cache import run

from .store import ROOT, ImagesError, uv

EXCEPTIONS = ROOT / "docker" / "vulnerabilities.toml"
LONGEST_SECONDS = 60
AWAY = re.compile(
    r"^requests\.exceptions\.(?:(?:ConnectionError|ProxyError|SSLError|ConnectTimeout|ReadTimeout):|HTTPError: (?:429|5\d\d)) .*"
    r"|Could not connect to .* feed",
    re.MULTILINE,
)
"""How pip-audit says that there is no way to the database, or that it is out of order or asked too often."""


class NoAnswerError(ImagesError):
    """The database of known vulnerabilities cannot be asked from here; the message says why."""


@dataclass(frozen=True)
class Finding:
    """A vulnerability of a package, with all names that it is known by."""

    package: str
    names: frozenset[str]
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        way_out = f"fixed in {', '.join(self.fixed)}" if self.fixed else "not fixed yet"
        return f"{self.package}: {', '.join(sorted(self.names))}, {way_out}"


@dataclass(frozen=True)
class Accepted:
    """A vulnerability that is lived with: why, and until which day."""

    id: str
    until: date
    why: str


@dataclass(frozen=True)
class Report:
    """What the database said; packages it does not know were not judged."""

    findings: list[Finding]
    unknown: list[str]
    judged: int


def accepted(file: Path = EXCEPTIONS) -> list[Accepted]:
    """Read the exceptions; raise ImagesError where one does not say everything."""
    try:
        return [Accepted(**entry) for entry in tomllib.loads(file.read_text()).get("exception", [])]
    except TypeError as exc:
        raise ImagesError(f"each exception in {file.name} has an id, a date `until` and a reason `why`") from exc


def faults(report: Report, exceptions: list[Accepted], today: date) -> Iterator[str]:
    """Give a sentence for every finding without a valid exception, and for every exception that is of no use."""
    known = {name for finding in report.findings for name in finding.names}
    valid = {exception.id for exception in exceptions if exception.until >= today and exception.why.strip()}
    for finding in report.findings:
        if not finding.names & valid:
            yield str(finding)
    for exception in exceptions:
        if exception.id not in valid:
            yield f"the exception for {exception.id} ended on {exception.until}, or has no reason"
        elif exception.id not in known:
            yield f"the exception for {exception.id} is not needed any more"


def ask(requirements: str) -> Report:
    """Ask the database for packages, as lines `name==version`.

    Raises NoAnswerError where it does not answer, ImagesError where pip-audit fails for another reason.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        options = ["--disable-pip", "--no-deps", "--format=json", "--progress-spinner=off", "--timeout=5"]
        if url := os.environ.get("AUDIT_OSV_URL"):
            options += ["--vulnerability-service=osv", f"--osv-url={url}"]
        command = [sys.executable, "-m", "pip_audit", "--requirement", file.name, *options]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
        except subprocess.TimeoutExpired as exc:
            raise NoAnswerError(f"not within {LONGEST_SECONDS} seconds") from exc
    if not done.stdout:
        raise failed(done.stderr)
    return report_of(json.loads(done.stdout)["dependencies"])


def failed(told: str) -> ImagesError:
    """Return why pip-audit gave no report, by what it wrote on its standard error."""
    if away := AWAY.search(told):
        return NoAnswerError(away[0])
    errors = [line for line in told.splitlines() if re.match(r"\S+:", line)]
    return ImagesError(f"pip-audit failed: {errors[-1] if errors else 'without a word'}")


def report_of(answered: list[dict[str, Any]]) -> Report:
    """Return what was answered; raise NoAnswerError where the database knows none of the packages."""
    unknown = [package["name"] for package in answered if "skip_reason" in package]
    findings = [
        Finding(package["name"], frozenset({found["id"], *found["aliases"]}), tuple(found["fix_versions"]))
        for package in answered
        for found in package.get("vulns", [])
    ]
    if len(unknown) == len(answered):
        first = answered[0]["skip_reason"] if answered else "none was asked for"
        raise NoAnswerError(f"it knows none of {len(answered)} packages: {first}")
    return Report(findings, unknown, len(answered) - len(unknown))


def locked_packages() -> str:
    """Return what the product is shipped with, as lines `name==version`."""
    which = ("--all-packages", "--all-extras", "--no-dev", "--no-emit-workspace", "--no-hashes")
    return run(uv(), "export", "--project", ROOT, "--frozen", "--quiet", "--no-annotate", "--no-header", *which)
