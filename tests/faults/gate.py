"""The fault gate: `python -m tests.faults.gate --shape one|cluster --seconds N --seed S [--plant NAME]`.

Prints one JSON line with the figures, which must all be zero, and one with what was killed and where.
"""

import argparse
import json
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .cluster_shape import ClusterShape
from .failpoints import FAILPOINTS
from .invariants import SERVICES, Figures, check_answers, check_books
from .killer import Killer
from .ledger import create_ledger
from .load import Load, LoadEndedError
from .one_process import OneProcess
from .planted import PLANTED
from .record import Record
from .settling import settle
from .shape import Shape

FIGURES = ("lost", "duplicated", "bad_bytes", "order_violations", "unaudited")
SETTLE_SECONDS = 180.0
LEAST_AT_RANDOM = 6
LEAST_KILLS = 30
"""So often each shape is killed at the least, at failpoints and at random, however slow the machine is."""
LONG_SECONDS = 300
CHOSEN = 16
"""So many of the failpoints that both shapes pass are passed in the cluster, the others in one process."""
CONTROL_SECONDS = 5.0
CONTROL_PATIENCE_SECONDS = 60.0
CONTROL_STILL_SECONDS = 10.0
"""With a bug planted, what is lost never comes; what is only slow comes, bit by bit."""
SHAPES: Mapping[str, Callable[[Path, Mapping[str, str]], Shape]] = {
    "one": OneProcess,
    "cluster": ClusterShape,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does."""

    shape: str
    seconds: float
    seed: int
    plant: str = ""
    disturb: str = ""
    failpoints: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the product is told."""
        disturb = ",".join(PLANTED[self.plant].disturb) if self.plant else self.disturb
        return {"LEDGER": "1", "PLANT": self.plant, "DISTURB": disturb}

    @property
    def points(self) -> Sequence[str]:
        """The failpoints to go through."""
        if self.failpoints:
            return self.failpoints.split(",")
        return PLANTED[self.plant].fail_at if self.plant else tuple(FAILPOINTS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found."""

    plan: Plan
    acked: int
    figures: Figures
    killer: Killer
    unreached: Sequence[str]

    @property
    def passed(self) -> bool:
        return not self.figures.counts and not self.unreached and self.acked > 0

    def line(self) -> str:
        """Return the figures as one line of JSON."""
        figures = {name: self.figures.counts[name] for name in FIGURES}
        told = {"acked": self.acked, **figures, "kills": self.killer.kills.total(), "seed": self.plan.seed}
        return json.dumps(told | {"shape": self.plan.shape} | ({"plant": self.plan.plant} if self.plan.plant else {}))

    def detail(self) -> str:
        return json.dumps({"killed": self.killer.kills, "failpoints": self.killer.reached, "unreached": self.unreached})


def run(plan: Plan) -> Outcome:
    """Start the shape, drive it, kill it, let it settle, and count what is wrong."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        shape = SHAPES[plan.shape](Path(folder), plan.environment)
        try:
            shape.start()
            for service in SERVICES:
                create_ledger(shape.database_url(service))
            return drive(plan, shape, Path(folder))
        finally:
            shape.stop()


def drive(plan: Plan, shape: Shape, folder: Path) -> Outcome:
    load = Load(shape.base_url, shape.token, folder / "boxes", plan.seed)
    killer = Killer(shape, random.Random(plan.seed), load.check)
    load.start()
    with suppress(LoadEndedError):
        (reveal if plan.plant else attack)(plan, killer, shape)
    killer.check = lambda: None
    killer.revive()
    if plan.plant:
        load.finish(CONTROL_PATIENCE_SECONDS)  # and count none that does not: the machine may be slow
        figures = what_is_wrong(shape, load.record, CONTROL_PATIENCE_SECONDS, CONTROL_STILL_SECONDS)
    else:
        load.end(SETTLE_SECONDS)
        figures = what_is_wrong(shape, load.record, SETTLE_SECONDS)
    return Outcome(plan, load.record.acked, figures, killer, killer.unreached(passed_by(shape, plan)))


def what_is_wrong(shape: Shape, record: Record, patience_seconds: float, still_seconds: float = math.inf) -> Figures:
    """Let the product settle, twice, since to read is an event too, and count what is wrong."""
    settled = settle(shape, patience_seconds, still_seconds)
    figures = check_answers(shape, record) if settled else Figures()
    settled = settled and settle(shape, patience_seconds, still_seconds)
    figures.add("lost", not settled, "what was begun comes to no end")
    check_books(shape, record, figures)
    return figures


def passed_by(shape: Shape, plan: Plan) -> list[str]:
    """Return the failpoints that are on the way of the data in this shape.

    In a short run one that is on the way in both is passed in one of them, as the seed chooses.
    """
    names = [name for name in plan.points if shape.homes(FAILPOINTS[name])]
    if plan.plant or plan.failpoints or plan.seconds >= LONG_SECONDS:
        return names
    shared = {name for name in plan.points if FAILPOINTS[name].alone and FAILPOINTS[name].processes}
    in_the_cluster = set(random.Random(plan.seed).sample(sorted(shared), CHOSEN))
    left_out = in_the_cluster if shape.alone else shared - in_the_cluster
    return [name for name in names if name not in left_out]


def attack(plan: Plan, killer: Killer, shape: Shape) -> None:
    """Kill at every failpoint and at random."""
    killer.reach(passed_by(shape, plan), plan.seconds)
    times = max(LEAST_AT_RANDOM, LEAST_KILLS - killer.kills.total())
    killer.kill_at_random(list(shape.targets), times, killer.began + plan.seconds - time.monotonic())


def reveal(plan: Plan, killer: Killer, shape: Shape) -> None:
    """Do what brings the planted bug to light: time under its disturbance, its failpoints, some kills."""
    bug = PLANTED[plan.plant]
    killer.pause(CONTROL_SECONDS)
    killer.reach_each(bug.fail_at)
    killer.kill_at_random(shape.processes, bug.kills)


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def planned() -> Plan:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=[*SHAPES], default="one")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("FAULTS_SECONDS", "90")))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--plant", choices=[*PLANTED], default="")
    parser.add_argument("--disturb", default="", help="disturbances, separated by commas")
    parser.add_argument("--failpoints", default="", help="only these, separated by commas")
    return Plan(**vars(parser.parse_args()))


def main() -> int:
    outcome = run(planned())
    for line in outcome.figures.told[:20]:
        tell(line)
    sys.stdout.write(f"{outcome.line()}\n{outcome.detail()}\n")
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    sys.exit(main())
