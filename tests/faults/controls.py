"""The negative controls: `python -m tests.faults.controls [--rotate N] [--seed S] [BUG …]` plants bugs and wants each one found.

Without `--rotate` all of them, one after the other; with it so many as the day of the year, or the seed, chooses.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .gate import FIGURES, Plan, run
from .planted import PLANTED


@dataclass(frozen=True, slots=True)
class Control:
    """How a planted bug fared."""

    bug: str
    found_by: str
    figure: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.bug:32} {self.found_by or 'NOT FOUND':18} {self.figure:7} {self.seconds:6.0f} s"


def control(bug: str, seed: int) -> Control:
    """Run the gate with a bug in the product."""
    began = time.monotonic()
    counts = run(Plan("one", 0, seed, bug)).figures.counts
    worst = max(FIGURES, key=lambda figure: counts[figure])
    return Control(bug, worst if counts[worst] else "", counts[worst], time.monotonic() - began)


def rotated(count: int, seed: int) -> Sequence[str]:
    """Return so many bugs; with seeds that follow each other, all have their turn."""
    bugs = list(PLANTED)
    return [bugs[(seed * count + offset) % len(bugs)] for offset in range(count)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rotate", type=int, default=0)
    parser.add_argument("--seed", type=int, default=int(f"{datetime.now(UTC):%j}"))
    parser.add_argument("bugs", nargs="*", choices=[[], *PLANTED])
    chosen = parser.parse_args()
    bugs = chosen.bugs or (rotated(chosen.rotate, chosen.seed) if chosen.rotate else list(PLANTED))
    sys.stdout.write(f"{'bug':32} {'found by':18} {'figure':>7} {'time':>8}\n")
    missed = 0
    for bug in bugs:
        found = control(bug, chosen.seed)
        sys.stdout.write(f"{found}\n")
        sys.stdout.flush()
        missed += not found.found_by
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
