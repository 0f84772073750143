"""Runs the whole fault gate, as `make faults` does: both shapes, the rows of the matrix, two negative controls."""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2]
MATRIX = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "faults", "tests/faults"]
CONTROLS = 2


def gate(shape: str, seed: int) -> list[str]:
    return ["-m", "tests.faults.gate", "--shape", shape, "--seed", str(seed)]


def controls(day: int) -> list[str]:
    return ["-m", "tests.faults.controls", "--rotate", str(CONTROLS), "--seed", str(day)]


def timed(command: Sequence[str]) -> tuple[int, str]:
    """Run a part; return its exit code and a line that says how long it took."""
    began = time.monotonic()
    code = subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode
    return code, f"{'passed' if code == 0 else 'FAILED'} {time.monotonic() - began:5.0f} s  {' '.join(command[1:])}"


def in_turn(commands: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    return [timed(command) for command in commands]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10_000)
    parser.add_argument("--seed", type=int, default=int(chosen))
    seed = parser.parse_args().seed
    sys.stdout.write(f"FAULTS_SEED={seed}\n")
    day = int(f"{datetime.now(UTC):%j}")
    # Side by side: the gates wait for starts more than they work.
    lanes = [[gate("one", seed)], [gate("cluster", seed), controls(day), MATRIX]]
    with ThreadPoolExecutor() as pool:
        done = list(chain.from_iterable(pool.map(in_turn, lanes)))
    sys.stdout.writelines(f"{line}\n" for _, line in done)
    return int(any(code for code, _ in done))


if __name__ == "__main__":
    sys.exit(main())
