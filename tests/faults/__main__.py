"""Runs the whole fault gate, as `make faults` does: both shapes, the rows of the matrix, two negative controls."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .gate import LEAST_KILLS, SHAPES
from .planted import PLANTED

ROOT = Path(__file__).parents[2]
TIMED = "tests/faults/test_matrix_postgres.py"
"""The rows whose times are judged closely: they come last, with nothing beside them."""
PYTEST = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "faults"]
MATRIX = [*PYTEST, "tests/faults", f"--ignore={TIMED}"]
CONTROLS = 2


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of the gate came to."""

    command: Sequence[str]
    code: int
    seconds: float
    told: str

    def __str__(self) -> str:
        return f"{'passed' if self.code == 0 else 'FAILED'} {self.seconds:5.0f} s  {' '.join(self.command[1:])}"

    @property
    def kills(self) -> int:
        """How many a shape has counted in its line."""
        return sum(json.loads(line)["kills"] for line in self.told.splitlines() if line.startswith('{"acked"'))


def gate(shape: str, seed: int) -> list[str]:
    return ["-m", "tests.faults.gate", "--shape", shape, "--seed", str(seed)]


def controls(seed: int) -> list[str]:
    return ["-m", "tests.faults.controls", "--rotate", str(CONTROLS), "--seed", str(seed)]


def run(command: Sequence[str], seed: int) -> Part:
    """Run a part, and print what it told once it has ended."""
    began = time.monotonic()
    environment = os.environ | {"FAULTS_SEED": str(seed)}
    # Not a pipe: a server that a part left behind would keep it open.
    with tempfile.TemporaryFile("w+") as output:
        ended = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, stdout=output, check=False)
        output.seek(0)
        told = output.read()
    sys.stdout.write(told)
    sys.stdout.flush()
    return Part(command, ended.returncode, time.monotonic() - began, told)


def seed_of(day: int) -> int:
    """Return a seed of chance with which the controls of the day have their turn."""
    return random.SystemRandom().randrange(1000) * len(PLANTED) + day % len(PLANTED)


def judged(parts: Iterable[Part]) -> bool:
    """Print what each part came to, and return whether all is well and enough was killed."""
    parts = list(parts)
    kills, least = sum(part.kills for part in parts), LEAST_KILLS * len(SHAPES)
    sys.stdout.writelines(f"{part}\n" for part in parts)
    sys.stdout.write(f"{kills} kills, at least {least} are wanted\n")
    return kills >= least and not any(part.code for part in parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = os.environ.get("FAULTS_SEED") or seed_of(int(f"{datetime.now(UTC):%j}"))
    parser.add_argument("--seed", type=int, default=int(chosen))
    seed = parser.parse_args().seed
    began = time.monotonic()
    sys.stdout.write(f"FAULTS_SEED={seed}\n")
    # Two side by side, the longest first: they wait for starts nearly as much as they work.
    beside = [*(gate(shape, seed) for shape in SHAPES), MATRIX, controls(seed)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(lambda command: run(command, seed), beside))
    done.append(run([*PYTEST, TIMED], seed))
    passed = judged(done)
    sys.stdout.write(f"{time.monotonic() - began:.0f} s in all\n")
    return int(not passed)


if __name__ == "__main__":
    sys.exit(main())
