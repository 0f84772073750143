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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10_000)
    parser.add_argument("--seed", type=int, default=int(chosen))
    seed = parser.parse_args().seed
    sys.stdout.write(f"FAULTS_SEED={seed}\n")
    day = int(f"{datetime.now(UTC):%j}")
    # Two side by side, the longest first: they wait for starts nearly as much as they work.
    parts = [gate("one", seed), gate("cluster", seed), MATRIX, controls(day)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(timed, parts))
    sys.stdout.writelines(f"{line}\n" for _, line in done)
    return int(any(code for code, _ in done))


if __name__ == "__main__":
    sys.exit(main())
