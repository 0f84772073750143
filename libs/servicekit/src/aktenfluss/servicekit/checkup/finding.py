"""What one check found."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How bad it is: with a failure something does not work, with a warning it does for now."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was seen, and in a sentence what to do where it is not ok; no secrets, nobody's data."""

    name: str
    outcome: Outcome
    seen: str
    way_out: str = ""


def fine(name: str, seen: str) -> Finding:
    return Finding(name, Outcome.OK, seen)


def warning(name: str, seen: str, way_out: str) -> Finding:
    return Finding(name, Outcome.WARNING, seen, way_out)


def failure(name: str, seen: str, way_out: str) -> Finding:
    return Finding(name, Outcome.FAILURE, seen, way_out)
