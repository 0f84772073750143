"""The clients of the fault gate at work on Kubernetes while something is done to it, and what is wrong afterwards."""

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.gate import FIGURES, SETTLE_SECONDS
from tests.faults.invariants import Figures, check_answers, check_books
from tests.faults.load import Load
from tests.faults.settling import settle

from .installation import Installation
from .ledger import complete_ledger
from .waiting import wait_for

MOST_AT_ONCE = 2
MOMENT_SECONDS = (0.5, 3.0)
"""How long all pods are ready until some are killed again."""


@dataclass
class Outcome:
    """What was acknowledged, what was killed, and what is wrong."""

    acked: int
    figures: Figures
    seed: int
    kills: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        """Return the figures as one line of JSON, as the fault gate does for its shapes."""
        figures = {name: self.figures.counts[name] for name in FIGURES}
        told = {"acked": self.acked, **figures, "kills": self.kills.total(), "seed": self.seed, "shape": "kubernetes"}
        return json.dumps(told)


def under_load(installation: Installation, seed: int, disturb: Callable[[], Counter[str]]) -> Outcome:
    """Let the clients work while `disturb` does its worst; return what is wrong when all has settled."""
    sys.stdout.write(f"seed {seed}\n")
    with tempfile.TemporaryDirectory() as folder:
        load = Load(installation.base_url, installation.token, Path(folder), seed)
        load.start()
        wait_for("the first box", lambda: bool(load.record.boxes))
        kills = disturb()
        wait_for("all pods ready", installation.is_ready)
        load.check()
        load.end(SETTLE_SECONDS)
        assert settle(installation, SETTLE_SECONDS), f"does not settle\n{installation.log()}"
        figures = check_answers(installation, load.record)
        assert settle(installation, SETTLE_SECONDS)
        complete_ledger(installation)
        check_books(installation, load.record, figures)
        return Outcome(load.record.acked, figures, seed, kills)


def kill_at_random(installation: Installation, dice: random.Random, seconds: float) -> Counter[str]:
    """Kill pods of the product, the door and the names, one or some at a time, none for the third time before all others."""
    kills: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(dice.uniform(*MOMENT_SECONDS))
        pods = installation.all_pods()
        dice.shuffle(pods)
        pods.sort(key=lambda pod: kills[pod.workload] // 2)
        for pod in pods[: dice.randint(1, MOST_AT_ONCE)]:
            installation.pods.kill(pod)
            kills[pod.workload] += 1
        wait_for("all pods ready", installation.is_ready)
    return kills
