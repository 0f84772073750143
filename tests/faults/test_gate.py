"""The gate counts what is wrong, and only that; its controls all have their turn."""

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from aktenfluss.testkit import PATIENCE_SECONDS

from .cluster_shape import ClusterShape
from .controls import rotated
from .disturbances import DISTURBANCES
from .failpoints import FAILPOINTS
from .gate import FIGURES, Outcome, Plan, passed_by
from .invariants import Figures, is_contiguous, versions_of
from .killer import Killer
from .one_process import OneProcess
from .planted import PLANTED

ROOT = Path(__file__).parents[2]


def test_what_is_missing_is_lost_and_what_is_there_twice_is_duplicated() -> None:
    figures = Figures()
    figures.compare(["a", "b", "c"], ["a", "c", "c", "d"], "letter")
    assert figures.counts == {"lost": 1, "duplicated": 2}
    assert figures.told[0] == "lost 1: letter missing, as b"


def test_equal_sides_count_nothing() -> None:
    figures = Figures()
    figures.compare(["a", "b"], ["b", "a"], "letter")
    assert (figures.counts, figures.told) == ({}, [])


@pytest.mark.parametrize(
    ("versions", "expected"), [([1, 2, 3], True), ([2, 3], True), ([1, 3], False), ([2, 1], False), ([1, 1], False)]
)
def test_versions_follow_each_other(versions, expected) -> None:
    assert is_contiguous(versions) is expected


def test_reads_are_no_steps_of_a_version() -> None:
    types = ["case-file-opened", "case-file-read", "case-file-changed"]
    events = [
        {"type": f"de.aktenfluss.cases.{name}.v1", "subject": "x", "version": version}
        for version, name in enumerate(types)
    ]
    assert versions_of(events) == {"x": [0, 2]}


def test_the_line_tells_every_figure(tmp_path: Path) -> None:
    killer = Killer(OneProcess(tmp_path, {}), random.Random(1), lambda: None)
    told = json.loads(Outcome(Plan("one", 1, 5), 3, Figures(), killer, []).line())
    assert told == {"acked": 3} | dict.fromkeys(FIGURES, 0) | {"kills": 0, "seed": 5, "shape": "one"}


@pytest.mark.parametrize(("acked", "told", "passed"), [(1, 0, True), (0, 0, False), (1, 1, False)])
def test_a_run_passes_with_something_acknowledged_and_nothing_wrong(tmp_path: Path, acked, told, passed) -> None:
    figures = Figures()
    figures.add("lost", told, "something")
    killer = Killer(OneProcess(tmp_path, {}), random.Random(1), lambda: None)
    assert Outcome(Plan("one", 1, 5), acked, figures, killer, []).passed is passed


@pytest.mark.parametrize("seed", [1, 7, 4028])
def test_every_failpoint_has_its_turn_in_one_shape_and_with_time_in_all(tmp_path: Path, seed: int) -> None:
    shapes = OneProcess(tmp_path / "one", {}), ClusterShape(tmp_path / "cluster", {})
    short, long = ([passed_by(shape, Plan(shape.name, seconds, seed)) for shape in shapes] for seconds in (90, 600))
    assert sorted(short[0] + short[1]) == sorted(FAILPOINTS)
    assert all(set(some) < set(every) for some, every in zip(short, long, strict=True))


class Falling:
    """A process that ends by itself when the server is killed, and the server; implements `Target`."""

    def __init__(self, ends_with: int) -> None:
        self.exit_code: int | None = None
        self.starts = 0
        self._ends_with = ends_with

    @property
    def alive(self) -> bool:
        return self.starts > 0 and self.exit_code is None

    def kill(self) -> None:
        self.exit_code = self._ends_with

    def start_again(self, environment: Mapping[str, str] | None = None) -> None:
        self.starts += 1
        if self.starts != 2:  # which is that of the server
            self.exit_code = None


def killer_of(process: Falling, folder: Path) -> Killer:
    targets = {"product": process, "server": process}
    shape = SimpleNamespace(notes=folder, processes=("product",), targets=targets, log=str)
    shape.is_ready = lambda: process.alive
    return Killer(shape, random.Random(1), lambda: None)


def test_a_process_that_starts_while_a_server_is_away_is_started_again(tmp_path: Path) -> None:
    process = Falling(ends_with=1)
    killer_of(process, tmp_path).kill_at_random(["server"], 1)
    assert (process.alive, process.starts) == (True, 3)


def test_a_process_that_ends_otherwise_fails_the_gate(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="product ended by itself"):
        killer_of(Falling(ends_with=3), tmp_path).kill_at_random(["server"], 1)


def test_every_control_has_its_turn() -> None:
    seeds = range(len(PLANTED))
    assert {bug for seed in seeds for bug in rotated(2, seed)} == set(PLANTED)
    assert len(PLANTED) >= 10


def test_every_disturbance_of_a_control_exists() -> None:
    assert {name for bug in PLANTED.values() for name in bug.disturb} <= DISTURBANCES.keys()


def test_every_bug_and_disturbance_finds_its_place_in_the_product() -> None:
    plant = "from tests.faults.planted import PLANTED; [bug.plant() for bug in PLANTED.values()]"
    disturb = "from tests.faults.disturbances import DISTURBANCES; [disturb() for disturb in DISTURBANCES.values()]"
    command = [sys.executable, "-c", f"{disturb}\n{plant}"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr.decode()
