"""Asks for the known vulnerabilities of the locked packages; each needs an exception with a reason and an end, or a new version."""

import json
import os
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


def ask(requirements: str) -> Report | None:
    """Ask the database for packages, as lines `name==version`; return None where it does not answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        options = ["--disable-pip", "--no-deps", "--format=json", "--progress-spinner=off", "--timeout=5"]
        if url := os.environ.get("AUDIT_OSV_URL"):
            options += ["--vulnerability-service=osv", f"--osv-url={url}"]
        command = [sys.executable, "-m", "pip_audit", "--requirement", file.name, *options]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return None
    return report_of(json.loads(done.stdout)["dependencies"]) if done.stdout else None


def report_of(answered: list[dict[str, Any]]) -> Report | None:
    """Return what was answered; a database that knows none of the packages is none."""
    unknown = [package["name"] for package in answered if "skip_reason" in package]
    findings = [
        Finding(package["name"], frozenset({found["id"], *found["aliases"]}), tuple(found["fix_versions"]))
        for package in answered
        for found in package.get("vulns", [])
    ]
    judged = len(answered) - len(unknown)
    return Report(findings, unknown, judged) if judged else None


def locked_packages() -> str:
    """Return what the product is shipped with, as lines `name==version`."""
    which = ("--all-packages", "--all-extras", "--no-dev", "--no-emit-workspace", "--no-hashes")
    return run(uv(), "export", "--project", ROOT, "--frozen", "--quiet", "--no-annotate", "--no-header", *which)
