"""The gate counts what is wrong, and only that; its controls all have their turn."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from aktenfluss.testkit import PATIENCE_SECONDS

from .__main__ import Part, judged, seed_of
from .cluster_shape import ClusterShape
from .controls import rotated
from .disturbances import DISTURBANCES
from .failpoints import FAILPOINTS
from .gate import FIGURES, Outcome, Plan, passed_by
from .invariants import Figures, asked, check_audit, is_contiguous, versions_of
from .killer import Killer
from .one_process import OneProcess
from .planted import PLANTED
from .record import Record
from .settling import Owed, settle

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


@pytest.mark.parametrize(("apart", "expected"), [(0, True), (70, False)])
def test_what_missed_a_server_is_known_however_late_somebody_looks(tmp_path: Path, apart, expected) -> None:
    process = Falling(ends_with=1)
    killer, long_ago = killer_of(process, tmp_path), time.monotonic() - 1000
    killer._started["product"], killer._server_killed = long_ago, long_ago - apart
    process.exit_code = 1
    with nullcontext() if expected else pytest.raises(AssertionError, match="product ended by itself"):
        killer._supervise()
    assert process.alive is expected


ACCESS = ("7", "cases.case-file-read")
RECORDED = {"correlation_id": "7", "type": "de.aktenfluss.cases.case-file-read.v1"}


@pytest.mark.parametrize(("alone", "reads", "expected"), [(True, {"7"}, 1), (False, set(), 1), (False, {"7"}, 0)])
def test_a_read_that_a_door_has_repeated_is_not_twice_there(alone, reads, expected) -> None:
    figures, record = Figures(), Record(accesses=dict([ACCESS]), reads=reads)
    check_audit(SimpleNamespace(rows=lambda *_: [RECORDED, RECORDED]), record, figures, alone=alone)
    assert figures.counts["duplicated"] == expected


@pytest.mark.parametrize(("failures", "status"), [([503, 429], 200), ([503] * 9, 503), ([None] * 9, 503)])
def test_what_passes_is_asked_for_again_and_what_stays_is_told(monkeypatch, failures, status) -> None:
    monkeypatch.setattr("tests.faults.invariants.PAUSE_SECONDS", 0)
    answers = iter([*failures, 200])

    def answer(request: httpx.Request) -> httpx.Response:
        if (code := next(answers)) is None:
            raise httpx.ReadError("it broke off", request=request)
        return httpx.Response(code)

    with httpx.Client(base_url="http://test", transport=httpx.MockTransport(answer)) as client:
        assert asked(client, "/").status_code == status


@pytest.mark.parametrize(
    ("owed", "expected"),
    [
        ([(0, 0, 2, 0), (0, 0, 1, 0), (0, 0, 0, 0)], True),
        ([(0, 0, 2, 0), (0, 0, 2, 0), (0, 0, 0, 0)], False),
        ([(0, 1, 2, 0), (0, 1, 2, 0), (0, 0, 0, 0)], True),
        ([None, None, (0, 0, 0, 0)], True),
    ],
    ids=["something-comes", "nothing-comes", "a-job-takes-its-time", "no-answer"],
)
def test_what_stands_still_is_not_waited_for(monkeypatch, owed, expected) -> None:
    left = iter(owed)
    monkeypatch.setattr("tests.faults.settling.owed_by", lambda _: (found := next(left)) and Owed(*found))
    monkeypatch.setattr("tests.faults.settling.POLL_SECONDS", 0.01)
    assert settle(SimpleNamespace(), PATIENCE_SECONDS, still_seconds=0.001) is expected


@pytest.mark.parametrize(("kills", "code", "passed"), [((30, 30), 0, True), ((30, 29), 0, False), ((60, 30), 1, False)])
def test_all_parts_must_pass_and_sixty_be_killed(kills, code, passed) -> None:
    parts = [Part(["-m", "gate"], 0, 1, json.dumps({"acked": 1, "kills": count})) for count in kills]
    assert judged([*parts, Part(["-m", "pytest"], code, 1, "2 passed")]) is passed


def test_one_seed_repeats_the_controls_of_the_day_too() -> None:
    assert all(rotated(2, seed_of(day)) == rotated(2, day) for day in range(1, 367))


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
